"""The decision of a stage as an OpenLineage run event, for a data catalogue: openlineage.json.

Each table has the outcome of its gates in the facet dataQualityAssertions
(https://openlineage.io/docs/spec/facets/dataset-facets/input-dataset-facets/data_quality_assertions).
Gates of logs and processes are about no table and are left out.
"""

from collections import defaultdict
from typing import Any
from uuid import UUID

from gates.config.gate import Gate
from gates.config.schema import Table
from gates.config.settings import Settings
from gates.decide.decision import Decision
from gates.decide.record import Record
from gates.decide.sentence import threshold_text
from gates.decide.status import Status
from gates.decide.verdict import Verdict
from gates.measure import queries
from gates.measure.jobs import statement_of
from gates.numbers import plain

PRODUCER = "urn:nba-gates"
SPEC = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
FACET = "https://openlineage.io/spec/facets/1-1-0/DataQualityAssertionsDatasetFacet.json"
SCHEDULE = "nba_raw.nbac_schedule"


def content(settings: Settings, decision: Decision, record: Record, run_id: str) -> dict[str, Any]:
    """The event as JSON has it; `run_id` is a UUID.

    A gate that was not evaluated has not succeeded and has nothing `actual`.
    """
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for verdict in decision.verdicts:
        if table := _table(settings, verdict.gate):
            found[table].append(_assertion(verdict))
    return {
        "eventType": "COMPLETE",
        "eventTime": record.finished_at.isoformat(),
        "run": {"runId": str(UUID(run_id)), "facets": {}},
        "job": {"namespace": "nba-gates", "name": record.stage, "facets": {}},
        "inputs": [_dataset(settings, table, made) for table, made in sorted(found.items())],
        "outputs": [],
        "producer": PRODUCER,
        "schemaURL": SPEC,
    }


def _dataset(settings: Settings, table: str, assertions: list[dict[str, Any]]) -> dict[str, Any]:
    facet = {"_producer": PRODUCER, "_schemaURL": FACET, "assertions": assertions}
    dataset, _, name = table.partition(".")
    target = settings.target
    named = target.tables.get(table, Table()).name or name
    return {
        "namespace": "bigquery",
        "name": f"{target.project}.{target.datasets.get(dataset, dataset)}.{named}",
        "inputFacets": {"dataQualityAssertions": facet},
    }


def _assertion(verdict: Verdict) -> dict[str, Any]:
    gate = verdict.gate
    blocks = gate.severity == "required" and verdict.status is not Status.WAIVED
    return {
        "assertion": gate.measure,
        "success": verdict.status is Status.PASS,
        "severity": "error" if blocks else "warn",
        "name": gate.id,
        "description": gate.title,
        "expected": threshold_text(gate),
        **({} if verdict.measured is None else {"actual": str(plain(verdict.measured))}),
    }


def _table(settings: Settings, gate: Gate) -> str | None:
    """The table that a gate is about: not the schedule, where it is only held against that."""
    source = queries.source_of(gate)
    if source is None:
        return None
    statement = statement_of(source, settings)
    others = [table for table in statement.tables if table != SCHEDULE]
    return others[0] if others and statement.counted == SCHEDULE else statement.counted
