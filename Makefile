# One-line recipes; every target installs what it needs on first use.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
ARGS ?=
DATE ?=
GATE ?=
A ?=
B ?=
FORMAT ?=
WINDOW ?=
SEASON ?=
SINCE ?=
STAGES ?= phase12 preflight phase4
STAGE ?=
CHOICE ?= phase12
LINK ?= make ci-local
CALENDAR ?=
WAREHOUSE_HOME ?= .local
GATES_REPORTS ?= reports

GATES := .venv/bin/python
LOCAL := .venv-local/bin/python
DEV := .venv-dev/bin/python

# The embedded warehouse is started unless the target is another one or a server is named.
EMBEDDED := $(if $(filter-out local,$(GATES_TARGET)),,$(if $(BIGQUERY_EMULATOR_HOST),,yes))
WAREHOUSE := $(LOCAL) -m local.warehouse
# A first state is made once on this machine, whichever clone it is for.
CACHE := $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(if $(HOME),$(HOME)/.cache))
FROM := --home "$(WAREHOUSE_HOME)" $(if $(CALENDAR),--calendar "$(CALENDAR)") $(if $(CACHE),--made-before "$(CACHE)/nba-gates")
SERVICE := $(LOCAL) -m local.phase4_service
# So is the embedded Phase 4 service, unless PHASE4_URL names one.
WITH_SERVICE := $(if $(EMBEDDED),$(if $(PHASE4_URL),,$(SERVICE) exec --home "$(WAREHOUSE_HOME)" --))
WITH_WAREHOUSE := $(if $(EMBEDDED),$(WAREHOUSE) exec $(FROM) --)
# A make that runs no recipe, or takes no notice of how one ends, could end in 0 without a GO.
HEEDLESS := $(foreach flag,i n q t,$(findstring $(flag),$(filter-out -%,$(firstword $(MAKEFLAGS)))))
ANSWERING := validate validate-% preflight backfill decide handoff service-check ci-local
ifneq (,$(and $(strip $(HEEDLESS)),$(filter $(ANSWERING),$(MAKECMDGOALS))))
$(error make -$(firstword $(HEEDLESS)) would end in 0 whatever the gates say; take it out of the command or of MAKEFLAGS)
endif
# A Python that asks for more at a terminal ends as that ends: in 0. One that keeps nothing of what it
# compiles, as images set it, does so again in every process that a target starts.
unexport PYTHONINSPECT PYTHONDONTWRITEBYTECODE
GATE_ENVIRONMENTS := .venv/ready $(if $(EMBEDDED),.venv-local/ready)

# $(call quoted,NAME): the variable as one word of the shell, whatever it holds.
# Not exported, because make would run what looks like its own functions.
unexport ARGS DATE GATE A B FORMAT WINDOW SEASON SINCE STAGES STAGE CHOICE LINK
quoted = '$(subst ','\'',$(value $1))'

##@ Before a run
# A target's comment is what it does and, behind a second ##, an example with its variables; ##@ heads
# a group. This list and docs/reference/commands.md are made of them.
.PHONY: help
help: ## this list
	@sed -n 's/^version = "\(.*\)"$$/nba-gates \1/p' pyproject.toml
	@awk -F ' ## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z0-9-]+:.* ## / { split($$1, name, ":"); printf "  make %-17s %s\n", name[1], $$2 } \
	  /^[a-z0-9-]+:.* ## .* ## / { printf "    %s\n", $$3 }' $(MAKEFILE_LIST)

.PHONY: doctor
doctor: $(GATE_ENVIRONMENTS) ## whether all is there that a run needs ## make doctor FORMAT=json
	@$(WITH_WAREHOUSE) $(GATES) -m doctor $(WITH_ARGS) $(WITH_FORMAT)

.PHONY: cost
cost: $(GATE_ENVIRONMENTS) ## the bytes that each job will read and bill ## make cost STAGE=phase12 FORMAT=json
	@$(WITH_WAREHOUSE) $(GATES) -m gates cost $(WITH_WINDOW) $(if $(value STAGE),--stage=$(call quoted,STAGE)) $(WITH_FORMAT)

.PHONY: columns
columns: .venv/ready ## which columns gates judge, count, or never read ## make columns FORMAT=json
	@$(GATES) -m gates columns $(WITH_FORMAT)

##@ Steps 1 to 4: Phases 1 and 2
.PHONY: validate-phase12
validate-phase12: delete_previous.phase12 $(GATE_ENVIRONMENTS) ## GO or NO-GO: orchestrator, Phase 1, Phase 2 ## make validate-phase12 WINDOW=phase1=2021-10-19..yesterday
	@$(call gates,phase12)

##@ Step 5: Phase 3
.PHONY: preflight
preflight: delete_previous.preflight $(GATE_ENVIRONMENTS) ## GO or NO-GO: what Phase 3 holds of the schedule
	@$(call gates,preflight)

##@ Step 6: the Phase 4 backfill
.PHONY: backfill-plan backfill backfill-status
backfill-plan: $(GATE_ENVIRONMENTS) ## the dates that Phase 4 owes, and why not the others ## make backfill-plan ARGS=--sample
	@$(WITH_WAREHOUSE) $(GATES) -m backfill plan $(WITH_ARGS) $(WITH_FORMAT)

backfill: $(GATE_ENVIRONMENTS) ## send them, if steps 1 to 5, run afresh, are GO ## make backfill ARGS="--limit 5"
	@$(MAKE) validate-phase12 ARGS=
	@$(MAKE) preflight ARGS=
	@$(WITH_WAREHOUSE) $(WITH_SERVICE) $(GATES) -m backfill run $(WITH_ARGS)
backfill-status: .venv/ready ## progress, rate, time left and failures ## make backfill-status FORMAT=json
	@$(GATES) -m backfill status $(WITH_FORMAT)

.PHONY: service-check
service-check: $(GATE_ENVIRONMENTS) ## one date through the service, read back ## make service-check DATE=2024-11-18
	@$(WITH_WAREHOUSE) $(WITH_SERVICE) $(GATES) -m backfill check -- $(call quoted,DATE)

##@ Step 7: Phase 4
.PHONY: validate-phase4
validate-phase4: delete_previous.phase4 $(GATE_ENVIRONMENTS) ## GO or NO-GO over what the backfill has written
	@$(call gates,phase4)

# What is not understood must not end in the 0 of fewer stages.
KNOWN_STAGES := phase12 preflight phase4
ifneq (,$(and $(filter validate,$(MAKECMDGOALS)),$(or $(filter-out $(KNOWN_STAGES),$(value STAGES)),$(if $(strip $(value STAGES)),,none))))
$(error STAGES is not understood, expected some of $(KNOWN_STAGES); correct it)
endif
ASKED = $(filter $(KNOWN_STAGES),$(value STAGES))
.PHONY: validate
validate: $(addprefix delete_previous.,$(ASKED)) $(GATE_ENVIRONMENTS) ## GO or NO-GO over several stages ## make validate STAGES="phase12 phase4" SEASON=2023-24
	@worst=0; $(foreach stage,$(ASKED),{ $(call gates,$(stage)); } || worst=$$(( $$? > worst ? $$? : worst ));) exit $$worst

##@ Step 8: ML training
.PHONY: decide
decide: delete_previous.final .venv/ready ## GO or NO-GO for ML training, from all records ## make decide FORMAT=json
	@$(GATES) -m gates decide $(WITH_FORMAT)

##@ Step 9: the documents
.PHONY: handoff
handoff: .venv/ready ## the session's documents, with the records
	@$(GATES) -m gates handoff

##@ When a gate does not hold
.PHONY: diagnose
diagnose: $(GATE_ENVIRONMENTS) ## the rows behind a gate ## make diagnose GATE='phase4.factors.longest_gap' FORMAT=csv
	@$(WITH_WAREHOUSE) $(GATES) -m gates diagnose $(WITH_WINDOW) $(WITH_ARGS) $(WITH_FORMAT) -- $(call quoted,GATE)

.PHONY: explain
explain: .venv/ready ## all that is known of a gate ## make explain GATE=phase2.player_game_summary.usage_rate
	@$(GATES) -m gates explain $(WITH_ARGS) $(WITH_FORMAT) -- $(call quoted,GATE)

# Each stage is measured, whatever comes of it; what was not leaves no record, and so no draft.
.PHONY: adopt
adopt: $(GATE_ENVIRONMENTS) ## all stages, then a draft of waivers.toml
	@for stage in validate-phase12 preflight validate-phase4; do $(MAKE) $$stage ARGS= WINDOW= SEASON= SINCE= || true; done
	@$(GATES) -m gates adopt

.PHONY: compare
compare: .venv/ready ## what changed between two records ## make compare A=before.json B=reports/final/decision.json
	@$(GATES) -m gates compare $(WITH_FORMAT) -- $(call quoted,A) $(call quoted,B)

.PHONY: history
history: .venv/ready ## what the last runs measured ## make history GATE=phase2.player_game_summary.usage_rate
	@$(GATES) -m gates history $(if $(value GATE),--gate=$(call quoted,GATE)) $(WITH_FORMAT) $(WITH_ARGS)

# The old record goes first, before the environments can fail, so that a GO is never left over; but
# not that of a run that is under way, for which an environment must be there.
delete_previous.%:
	@if [ -x $(GATES) ]; then $(GATES) -m gates delete-previous $*; \
	else rm -f "$(GATES_REPORTS)/"{$*,final}/{decision.json,decision.md,report.html,junit.xml,ctrf.json,openlineage.json}; fi

# ARGS goes on as one word, which the program splits: what a shell ran of it could end in a 0 of its own.
WITH_ARGS = $(if $(value ARGS),--args=$(call quoted,ARGS))
# table, the default, or json; md, csv and dates for some commands.
WITH_FORMAT = $(if $(value FORMAT),--format=$(call quoted,FORMAT))
# WINDOW=phase1=2021-10-19..2026-01-02, or FIRST..LAST of every stage; SEASON=2023-24; SINCE=2025-10-21
WITH_WINDOW = $(if $(value WINDOW),--window=$(call quoted,WINDOW)) \
  $(if $(value SEASON),--window=$(call quoted,SEASON)) \
  $(if $(value SINCE),--window=$(call quoted,SINCE)..yesterday)

# $(call gates,STAGE): the files come last, so that ARGS cannot name others.
define gates
$(WITH_WAREHOUSE) $(GATES) -m gates validate $1 $(WITH_WINDOW) $(WITH_ARGS) \
  --html="$(GATES_REPORTS)/$1/report.html" --self-contained-html \
  --junitxml="$(GATES_REPORTS)/$1/junit.xml"
endef

# The scheduled job, .github/workflows/validate.yml: phase12 always, and what CHOICE adds to it.
CHOSEN = phase12 $(filter $(if $(filter all,$(value CHOICE)),preflight phase4,$(value CHOICE)),preflight phase4)
# What is not understood must not end in the 0 of fewer stages.
ifneq (,$(and $(filter ci-%,$(MAKECMDGOALS)),$(filter-out phase12 preflight phase4 all,$(value CHOICE))))
$(error CHOICE is not understood, expected one of phase12, preflight, phase4, all; correct it)
endif
CI_STEPS = history-fetch $(patsubst phase%,validate-phase%,$(CHOSEN)) ci-summary ci-announce history-store

##@ Every day
.PHONY: ci-local ci-summary ci-announce
ci-local: ## the scheduled job's steps, here ## make ci-local CHOICE=all
	@status=0; export WINDOW=$(call quoted,WINDOW) CHOICE=$(call quoted,CHOICE) LINK=$(call quoted,LINK); \
	for step in $(CI_STEPS); do \
	  echo "── make $$step"; $(MAKE) $$step GATES_TARGET=local GATES_PROFILE=scheduled || status=1; \
	done; exit $$status
ci-summary: ## the decisions of CHOICE as Markdown ## make ci-summary CHOICE=preflight
	@for stage in $(CHOSEN); do cat "$(GATES_REPORTS)/$$stage/decision.md" 2>/dev/null || \
	  echo "**$$stage: NO-GO.** No record was written; the output of its run says why."; echo; done
ci-announce: .venv/ready ## messages on what is worse or well again ## make ci-announce LINK=https://example.org/run
	@$(GATES) -m gates announce --link=$(call quoted,LINK) $(CHOSEN)

.PHONY: history-fetch history-store
history-fetch: $(GATE_ENVIRONMENTS) ## before the first stage: the runs of the history's table
	@$(WITH_WAREHOUSE) $(GATES) -m gates history-table fetch
history-store: $(GATE_ENVIRONMENTS) ## after the last: the runs that the table has not yet
	@$(WITH_WAREHOUSE) $(GATES) -m gates history-table store

##@ The warehouse and the service on this machine
.PHONY: warehouse-up warehouse-down warehouse-reset
warehouse-up: .venv-local/ready ## start the embedded warehouse and print host:port
	@$(WAREHOUSE) up $(FROM)
warehouse-down: .venv-local/ready ## stop it
	@$(WAREHOUSE) down --home "$(WAREHOUSE_HOME)"
warehouse-reset: .venv-local/ready ## bring its first state back, to yesterday ## make warehouse-reset CALENDAR=calendar.csv
	@$(WAREHOUSE) reset $(FROM)

.PHONY: service-up service-down
service-up: .venv-local/ready ## start the Phase 4 service on it and print its URL
	@host=$(if $(EMBEDDED),$$($(WAREHOUSE) up $(FROM)),"$${BIGQUERY_EMULATOR_HOST-}"); \
	BIGQUERY_EMULATOR_HOST=$$host $(SERVICE) up --home "$(WAREHOUSE_HOME)" $(ARGS)
service-down: .venv-local/ready ## stop it
	@$(SERVICE) down --home "$(WAREHOUSE_HOME)"

##@ Work on this project
.PHONY: test test-fast test-stack coverage mutants corpus soak oracle lint bench format docs screenshot lock
test: .venv/ready .venv-local/ready .venv-dev/ready ## the suite's own tests ## make test ARGS="-k diagnose"
	@$(DEV) -m pytest tests/suite -n auto $(ARGS)
test-fast: .venv/ready .venv-dev/ready ## those of them that need no server
	@$(DEV) -m pytest tests/suite --ignore tests/suite/oracle -n auto -m "fast and not soak and not oracle" $(ARGS)
test-stack: .venv/ready .venv-local/ready .venv-dev/ready ## those that need one, a browser or an analyzer
	@$(DEV) -m pytest tests/suite -n auto -m "stack and not soak and not oracle" $(ARGS)
coverage: .venv/ready .venv-local/ready .venv-dev/ready ## the lines and branches that they run: at least 95%
	@$(DEV) -m coverage erase
	@$(DEV) -m coverage run -m pytest tests/suite -n auto $(ARGS)
	@$(DEV) -m coverage combine --quiet
	@$(DEV) -m coverage report --skip-covered --show-missing --fail-under=95
mutants: .venv/ready .venv-dev/ready ## small changes of the code that no test notices
	@$(DEV) -m mutmut run $(ARGS)
	@$(DEV) .ci/check_mutants.py
corpus: .venv/ready .venv-local/ready .venv-dev/ready ## each fault and healthy state against all gates
	@$(DEV) -m pytest tests/suite/warehouse/test_incidents.py -m "" -n auto $(ARGS)
soak: .venv/ready .venv-local/ready .venv-dev/ready ## every fault there is, for docs/reference/reliability.md
	@$(DEV) -m pytest tests/suite/faults -m "" -n auto --reliability docs/reference/reliability.md $(ARGS)
oracle: .venv/ready .venv-local/ready .venv-dev/ready ## every statement on Google's reference engine, and here
	@$(DEV) -m pytest tests/suite/oracle -n auto -m oracle $(ARGS)
lint: .venv-dev/ready .venv-local/ready ## the linters
	@$(DEV) -m ruff check .
	@$(DEV) -m ruff format --check .
	@$(DEV) -m mypy conftest.py requirements gates backfill doctor tests/{orchestrator,phase1,phase2,preflight,phase4}
	@$(DEV) -m mypy tests/suite
	@$(DEV) -m mypy --python-executable $(LOCAL) local season
	@.venv-dev/bin/lint-imports --no-cache
	@$(DEV) -m sqlfluff lint --disable-progress-bar sql
	@$(DEV) -m check_jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(DEV) -m check_jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/*.yml
	@$(DEV) -m check_jsonschema --builtin-schema vendor.renovate .github/renovate.json
	@.venv-dev/bin/zizmor --offline --no-progress --quiet --persona=auditor .github/workflows
	@.venv-dev/bin/hadolint Dockerfile
BENCHES ?= history ledger backfill processor waiting peers growth fresh_clone
bench: .venv/ready .venv-local/ready ## what a run costs, measured for an hour ## make bench BENCHES="waiting peers"
	@for name in $(BENCHES); do $(GATES) "bench/$$name.py"; done
	@$(GATES) bench/page.py
format: .venv-dev/ready ## write Python and SQL in the house's format
	@$(DEV) -m ruff check --fix . && $(DEV) -m ruff format .
	@$(DEV) -m sqlfluff fix --disable-progress-bar sql
docs: .venv/ready .venv-dev/ready ## write what documents are made of code and gates.toml
	@$(GATES) -m gates docs
	@PYTHONPATH=. $(DEV) tests/suite/detection.py
screenshot: .venv/ready .venv-local/ready .venv-dev/ready ## take the README's picture anew: docs/no-go.png
	@PYTHONPATH=. $(DEV) tests/suite/screenshot.py
lock: .venv-dev/ready ## pin the requirements anew, with hashes
	@uv=$$(command -v uv || echo .venv-uv/bin/uv); for name in gates local dev uv; do \
	  $$uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    $$([ $$name != gates ] || echo --no-emit-package grpcio --no-emit-package grpcio-status) \
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
$(PYTHON) requirements/install.py $1 requirements/$2.txt
endef
