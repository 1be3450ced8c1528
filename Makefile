# One-line recipes; every target installs what it needs on first use.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
ARGS ?=
CALENDAR ?=
WAREHOUSE_HOME ?= .local
GATES_REPORTS ?= reports

GATES := .venv/bin/python
LOCAL := .venv-local/bin/python
DEV := .venv-dev/bin/python

# The embedded warehouse is started unless the target is another one or a server is named.
EMBEDDED := $(if $(filter-out local,$(GATES_TARGET)),,$(if $(BIGQUERY_EMULATOR_HOST),,yes))
WAREHOUSE := $(LOCAL) -m local.warehouse
FROM := --home "$(WAREHOUSE_HOME)" $(if $(CALENDAR),--calendar "$(CALENDAR)")
WITH_WAREHOUSE := $(if $(EMBEDDED),$(WAREHOUSE) exec $(FROM) --)
GATE_ENVIRONMENTS := .venv/ready $(if $(EMBEDDED),.venv-local/ready)

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: validate-phase12
validate-phase12: $(GATE_ENVIRONMENTS) ## GO or NO-GO for the Phase 4 backfill: orchestrator, Phase 1, Phase 2
	@$(call gates,phase12)

.PHONY: preflight
preflight: $(GATE_ENVIRONMENTS) ## GO or NO-GO for the Phase 4 backfill: what Phase 3 holds of the schedule
	@$(call gates,preflight)

.PHONY: backfill-plan
backfill-plan: $(GATE_ENVIRONMENTS) ## which dates Phase 4 still owes, and why the others are left out
	@$(WITH_WAREHOUSE) $(GATES) -m backfill plan $(ARGS)

# $(call gates,STAGE): the old record goes first, so that a GO is never left over.
define gates
rm -f "$(GATES_REPORTS)/$1/"{decision.json,report.html,junit.xml}; \
$(WITH_WAREHOUSE) $(GATES) -m pytest --stage $1 \
  --html="$(GATES_REPORTS)/$1/report.html" --self-contained-html --css=gates/report.css \
  --junitxml="$(GATES_REPORTS)/$1/junit.xml" $(ARGS)
endef

.PHONY: warehouse-up warehouse-down warehouse-reset
warehouse-up: .venv-local/ready ## start the embedded warehouse in the background and print host:port
	@$(WAREHOUSE) up $(FROM)
warehouse-down: .venv-local/ready ## stop it
	@$(WAREHOUSE) down --home "$(WAREHOUSE_HOME)"
warehouse-reset: .venv-local/ready ## bring its first state back (CALENDAR=path: from another calendar)
	@$(WAREHOUSE) reset $(FROM)

.PHONY: test lint format docs lock
test: .venv/ready .venv-local/ready .venv-dev/ready ## the suite's own tests
	@$(DEV) -m pytest tests/suite -n auto $(ARGS)
lint: .venv-dev/ready .venv-local/ready ## the linters
	@$(DEV) -m ruff check .
	@$(DEV) -m ruff format --check .
	@$(DEV) -m mypy gates backfill tests/{orchestrator,phase1,phase2,preflight}
	@$(DEV) -m mypy tests/suite
	@$(DEV) -m mypy --python-executable $(LOCAL) local
	@$(DEV) -m sqlfluff lint --disable-progress-bar sql
format: .venv-dev/ready ## write Python and SQL in the house's format
	@$(DEV) -m ruff check --fix . && $(DEV) -m ruff format .
	@$(DEV) -m sqlfluff fix --disable-progress-bar sql
docs: .venv/ready ## write the README's table of gates from gates.toml
	@$(GATES) -m gates.readme
lock: .venv-dev/ready ## pin the requirements anew, with hashes
	@for name in gates local dev; do \
	  .venv-dev/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-header requirements/$$name.in --output-file requirements/$$name.txt; done

# An environment is ready when exactly its locked requirements are installed.
.venv/ready: requirements/gates.txt
	@$(call environment,.venv,gates)
.venv-local/ready: requirements/local.txt
	@$(call environment,.venv-local,local)
.venv-dev/ready: requirements/dev.txt
	@$(call environment,.venv-dev,dev)

define environment
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python %d.%d was found, 3.11 or newer is needed; set PYTHON=path to it." % sys.version_info[:2])'; \
echo "Installing requirements/$2.txt into $1" >&2; \
rm -rf $1; $(PYTHON) -m venv $1; \
$1/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/$2.txt; \
touch $1/ready
endef
