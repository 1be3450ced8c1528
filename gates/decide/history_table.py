"""The history where no machine can lose it: a BigQuery table, a row per run and gate.

It is the operator's, and only ever appended to. A run of the gates reads and writes the history of
its own machine (`history`), so neither its time nor its verdict hangs on this table; `fetch` and
`store` bring the two together, before the first stage and after the last.
Rows: schemas/history/gate_runs.json.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any

from pydantic import ValidationError

from gates.config.schema import ConfigError
from gates.config.settings import Settings
from gates.decide import history
from gates.decide.history import HistoryError, PastRun
from gates.files import ROOT
from gates.measure.warehouse import Warehouse
from gates.text import one_line

SCHEMA = ROOT / "schemas" / "history" / "gate_runs.json"
# Of the run; what is the same in all of its rows.
_OF_A_RUN = (
    *("stage", "target", "project", "profile", "finished_at", "decision", "confidence"),
    *("code_version", "config_sha256"),
)
# Runs that are older are compared with nothing any more, and their partitions are not read.
KEPT = timedelta(days=400)


def fetch(settings: Settings, warehouse: Warehouse) -> int:
    """Take the table's last runs into this machine's history; how many it did not have.

    Raises ConfigError, WarehouseError, HistoryError.
    """
    known = {_id(run) for run in history.every(settings.state)}
    found = [run for run in _last(settings, warehouse) if _id(run) not in known]
    for run in found:
        history.append(settings.state, run)
    return len(found)


def store(settings: Settings, warehouse: Warehouse) -> int:
    """Append to the table what this machine's history has and it has not; how many runs.

    Raises ConfigError, WarehouseError, HistoryError.
    """
    table, since = _table(settings), settings.now - KEPT
    own = {
        _id(run): run
        for run in history.every(settings.state)
        if run.target == settings.target_name
        and run.project == settings.target.project
        and datetime.fromisoformat(run.finished_at) >= since
    }
    stored = _stored(settings, warehouse) if own else set()
    missing = {name: run for name, run in own.items() if name not in stored}
    if missing:
        rows = [row for run in missing.values() for row in rows_of(run)]
        # The same rows sent twice within a command are one job, and another command's are another.
        said = sha256(" ".join([settings.now.isoformat(), *sorted(missing)]).encode()).hexdigest()
        schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        warehouse.append(table, rows, schema, f"nba_gates_history_{said}")
    return len(missing)


def rows_of(run: PastRun) -> Iterator[dict[str, Any]]:
    """A row for each gate of the run; one without a gate where it has none."""
    whole = asdict(run)
    common = {"run": _id(run), **{name: whole[name] for name in _OF_A_RUN}}
    common["windows"] = json.dumps(whole["windows"])
    if not run.gates:
        yield common
    for gate, point in run.gates.items():
        bound = point.threshold if isinstance(point.threshold, list) else [point.threshold]
        yield {
            **common,
            "gate": gate,
            "status": point.status.value,
            "measured": None if point.measured is None else float(point.measured),
            "threshold": [float(number) for number in bound],
        }


def runs_of(rows: Iterable[Mapping[str, Any]]) -> list[PastRun]:
    """The runs of these rows, which are ordered by their end and by run; one stored twice is one.

    Raises HistoryError for a row that is none of ours.
    """
    try:
        return [
            history.RUN.validate_python(_run(list(of_run)))
            for _, of_run in groupby(rows, itemgetter("run"))
        ]
    except (LookupError, TypeError, ValueError) as error:
        why = "a row is damaged" if isinstance(error, ValidationError) else one_line(error)
        raise HistoryError(
            f"The history's table cannot be read ({why}); delete the rows that no run of the gates "
            "has written, or name another table in gates.toml."
        ) from error


def _run(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    first = rows[0]
    return {
        **{name: first[name] for name in _OF_A_RUN},
        "windows": json.loads(first["windows"]),
        "gates": {row["gate"]: _point(row) for row in rows if row["gate"] is not None},
    }


def _point(row: Mapping[str, Any]) -> dict[str, Any]:
    bound = row["threshold"]
    return {
        "status": row["status"],
        "measured": row["measured"],
        "threshold": bound if len(bound) > 1 else bound[0],
    }


def _id(run: PastRun) -> str:
    """The same on every machine, whose histories may hold the run."""
    place = (run.stage, run.target, run.project, run.profile, run.finished_at, run.config_sha256)
    return sha256(json.dumps(place).encode()).hexdigest()


def not_set(settings: Settings) -> str:
    """What to say where no table is named."""
    return (
        f"targets.{settings.target_name}.history is not set in gates.toml, so the history stays on "
        'this machine; name a table of your own there, e.g. "nba_gates.gate_runs".'
    )


def _table(settings: Settings) -> str:
    if settings.target.history is None:
        raise ConfigError(not_set(settings))
    return settings.target.history


def parameters(settings: Settings) -> dict[str, Any]:
    """Those of both queries."""
    return {
        "target": settings.target_name,
        "project": settings.target.project,
        "since": (settings.now - KEPT).date(),
    }


def _last(settings: Settings, warehouse: Warehouse) -> list[PastRun]:
    """The table's last runs of this target, oldest first; none where there is no table yet."""
    if not warehouse.has_table(_table(settings)):
        return []
    return runs_of(warehouse.run("the history", last_runs(settings), parameters(settings))[0])


def last_runs(settings: Settings) -> str:
    """The query for the last runs of each stage and profile, a row per gate, oldest first."""
    return f"""
      SELECT *
      FROM {_quoted(settings)}
      WHERE target = @target AND project = @project AND finished_at >= TIMESTAMP(@since)
      QUALIFY
        DENSE_RANK() OVER (
          PARTITION BY stage, profile ORDER BY finished_at DESC, run
        ) <= {history.RUNS}
      ORDER BY finished_at, run, gate
    """  # noqa: S608


def _stored(settings: Settings, warehouse: Warehouse) -> set[str]:
    """The runs that the table has; none where there is no table yet."""
    if not warehouse.has_table(_table(settings)):
        return set()
    rows, _ = warehouse.run("the history", stored_runs(settings), parameters(settings))
    return {str(row["run"]) for row in rows}


def stored_runs(settings: Settings) -> str:
    """The query for what the runs of the table are called."""
    return f"""
      SELECT DISTINCT run
      FROM {_quoted(settings)}
      WHERE target = @target AND project = @project AND finished_at >= TIMESTAMP(@since)
      ORDER BY run
    """  # noqa: S608


def _quoted(settings: Settings) -> str:
    # Its names have passed the check of gates.toml; a parameter cannot name a table.
    dataset, name = _table(settings).split(".")
    return f"`{settings.target.project}`.`{dataset}`.`{name}`"
