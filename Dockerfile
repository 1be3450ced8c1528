# The gates and the backfill as a job on Cloud Run: docs/how-to/cloud-run.md.
#
# A version can be built anew; a digest is one image for good. To pin that too, put what
#   docker buildx imagetools inspect python:3.11.14-slim-trixie
# prints as Digest behind the version: python:3.11.14-slim-trixie@sha256:...
FROM python:3.11.14-slim-trixie

WORKDIR /app
# Production's environment alone, by hash; what installs it is not part of the image. Compiled here,
# because who runs it may not write, so that each process would do it again.
COPY requirements/install.py requirements/gates.txt requirements/uv.txt requirements/
RUN UV_COMPILE_BYTECODE=1 python requirements/install.py .venv requirements/gates.txt && rm -rf .venv-uv .venv*.lock

# By name, so that nothing comes in that is not listed here. waivers.toml need not be there.
COPY conftest.py pytest.ini gates.toml waivers.tom[l] ./
COPY gates/ gates/
COPY backfill/ backfill/
COPY doctor/ doctor/
COPY sql/ sql/
COPY schemas/ schemas/
COPY tests/orchestrator/ tests/orchestrator/
COPY tests/phase1/ tests/phase1/
COPY tests/phase2/ tests/phase2/
COPY tests/preflight/ tests/preflight/
COPY tests/phase4/ tests/phase4/

# Nobody owns the code; a run writes here and nowhere else.
RUN useradd --uid 10001 --no-log-init --no-create-home gates \
 && install --directory --owner=gates --group=gates /var/gates
USER 10001
ENV PATH="/app/.venv/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    GATES_TARGET=bigquery \
    GATES_REPORTS=/var/gates/reports \
    GATES_STATE=/var/gates/state

# Its arguments are the command: `validate phase12`. It ends as the command ends.
# Without one it fails, with a list of them.
ENTRYPOINT ["python", "-m", "gates"]
