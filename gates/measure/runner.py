"""Measuring: every query of the selected gates once, all at once, shared by all xdist workers.

A source is a file sql/<stage>/<source>.sql. Those of a stage that give one row of counts are asked
together, in one job, and those that compute values again in others; what a job gave is a JSON file
in the run's own folder, written under a lock by whichever process comes first.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from filelock import FileLock

from gates.config.schema import Table
from gates.config.settings import Settings, Window
from gates.files import in_thread
from gates.measure import answer, queries
from gates.measure.kept import kept
from gates.measure.result import KEYS_SHOWN, QueryResult, Row
from gates.measure.warehouse import Warehouse, WarehouseError

NO_FILE = "Run the same command again; the warehouse answered something else than it was asked."
# How far behind the window's end the schedule is looked at: its longest break is a third of that.
LOOKED_AHEAD = timedelta(days=31)
# Stands for the run's snapshot in texts that are kept; left standing, no warehouse would take it.
SNAPSHOT = "9999-12-31T23:59:59+00:00"


def unusable(
    statement: queries.Statement, settings: Settings, warehouse: Warehouse
) -> dict[str, dict[str, str]]:
    """Table -> column -> why it cannot be used, for every table that `statement` reads."""
    named = {statement.each[0]: statement.each[1]} if statement.each else {}
    return {
        table: queries.differences(
            table,
            settings.target.tables.get(table, Table()),
            warehouse.columns(table),
            named.get(table, ()),
        )
        for table in statement.tables
    }


def unavailable(
    statement: queries.Statement, lacking: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """Measure -> why it cannot be had, where columns are `lacking`, as `unusable` has them."""
    if not any(lacking.values()):
        return {}
    from gates.measure import rewrite

    return dict(rewrite.prune(statement, lacking).unavailable)


def parameters(
    statement: queries.Statement, settings: Settings, window: Window, **others: Any
) -> dict[str, Any]:
    """The values that `statement` asks for by @name, `others` among them. Raises WarehouseError."""
    first, last = window
    calendar = settings.calendar
    year = calendar.unknown_season(first, last)
    if year is not None and "bootstrap_dates" in statement.parameters:
        # Its first two weeks would count as missing, or as wrongly there.
        raise WarehouseError(
            f"the window reaches season {year}, whose first game date is not configured",
            "Add it to calendar.season_starts in gates.toml.",
        )
    known = {
        **settings.parameters,
        "window_start": first,
        "window_end": last,
        "keys_shown": KEYS_SHOWN,
        # A team's and a player's games are counted from the start of the season.
        "season_start": calendar.season_start(first) or first,
        "schedule_end": last + LOOKED_AHEAD,
        "season_starts": calendar.starts(first, last),
        "bootstrap_dates": calendar.bootstrap_dates(),
        "team_games": settings.backfill.team_games,
        "player_games": settings.backfill.player_games,
        **others,
    }
    return {name: known[name] for name in statement.parameters}


@dataclass(frozen=True)
class Part:
    """What a source adds to a job: its outcome so far, its query and the values for that."""

    outcome: QueryResult
    statement: queries.Statement
    # Table -> column -> why it cannot be used.
    unusable: Mapping[str, Mapping[str, str]]
    values: Mapping[str, Any]


class MeasurementRun:
    """All measurements of a run. `shared` is a folder that only this run's processes use."""

    def __init__(self, settings: Settings, shared: Path) -> None:
        self._settings = settings
        self._shared = shared
        self._warehouse = Warehouse(settings)
        self._running: list[Thread] = []
        self._pending: dict[str, Future[dict[str, QueryResult]]] = {}

    def start(self, sources: Iterable[str]) -> None:
        """Begin to measure `sources` (such as phase1/team_offense_game_summary) in parallel.

        `wait` comes next: no thread may import or log while pytest runs tests.
        """
        jobs: dict[str, list[str]] = {}
        for source in sources:
            jobs.setdefault(queries.job_of(self._statement(source), source), []).append(source)
        for name, together in jobs.items():
            future, thread = in_thread(partial(self._once, name, together))
            self._running.append(thread)
            self._pending |= dict.fromkeys(together, future)

    def wait(self) -> None:
        """Until all is measured or given up, and no thread of it is left."""
        for thread in self._running:
            thread.join()

    def of(self, source: str) -> Row:
        """The row of a source that was started."""
        return Row(self.outcome_of(source))

    def outcome_of(self, source: str) -> QueryResult:
        """All that the query of a source gave."""
        return self._pending[source].result()[source]

    def outcomes(self) -> list[QueryResult]:
        """What any process of this run has measured so far, by source."""
        files = sorted(self._shared.glob("*.job.json"))
        jobs = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        found = [QueryResult(**outcome) for job in jobs for outcome in job.values()]
        return sorted(found, key=lambda outcome: outcome.source)

    def snapshot(self) -> str | None:
        """The moment that the run's queries read, if any process got as far as asking for it."""
        file = self._shared / "snapshot.json"
        return json.loads(file.read_text(encoding="utf-8"))["now"] if file.exists() else None

    def _statement(self, source: str) -> queries.Statement:
        return queries.read(source, queries.columns_for(self._settings.gates.values(), source))

    def _once(self, job: str, sources: list[str]) -> dict[str, QueryResult]:
        def ask() -> dict[str, Any]:
            return {source: asdict(outcome) for source, outcome in self._ask(sources).items()}

        found = self._shared_json(job.replace("/", ".") + ".job", ask)
        return {source: QueryResult(**outcome) for source, outcome in found.items()}

    def _now(self) -> str:
        """One snapshot for all processes; an endpoint that failed is not asked again."""

        def ask() -> dict[str, str | None]:
            try:
                return {"now": self._warehouse.now(), "why": None, "remedy": None}
            except WarehouseError as error:
                return {"now": None, "why": error.why, "remedy": error.remedy}

        answer = self._shared_json("snapshot", ask)
        if answer["now"] is None:
            raise WarehouseError(answer["why"], answer["remedy"])
        return str(answer["now"])

    def _shared_json(self, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        file = self._shared / f"{name}.json"
        with FileLock(self._shared / f"{name}.lock"):
            if not file.exists():
                unfinished = file.with_suffix(".partial")
                unfinished.write_text(json.dumps(make()), encoding="utf-8")
                unfinished.rename(file)
            return dict(json.loads(file.read_text(encoding="utf-8")))

    def _ask(self, sources: list[str]) -> dict[str, QueryResult]:
        """The outcome of each source; what keeps one from being asked costs no other."""
        found = {source: self._nothing_yet(source) for source in sources}
        parts: dict[str, Part] = {}
        for source, outcome in found.items():
            try:
                part = self._part(outcome)
            except WarehouseError as error:
                found[source] = replace(outcome, why=error.why, remedy=error.remedy)
                continue
            found[source] = part.outcome
            if len(part.outcome.unavailable) < len(part.outcome.measures):
                parts[source] = part
        try:
            return found | (self._run(parts) if parts else {})
        except WarehouseError as error:
            if error.joint and len(parts) > 1:
                # Too much at once, or one of them only: each alone, so that it costs no other.
                return found | {
                    name: each for part in parts for name, each in self._ask([part]).items()
                }
            return found | {
                source: replace(part.outcome, why=error.why, remedy=error.remedy)
                for source, part in parts.items()
            }

    def _nothing_yet(self, source: str) -> QueryResult:
        statement = self._statement(source)
        return QueryResult(
            source=source,
            file=statement.file,
            measures=list(statement.measures),
            table=statement.counted,
            window=[day.isoformat() for day in self._settings.windows[_stage(source)]],
        )

    def _part(self, outcome: QueryResult) -> Part:
        """The query of a source without what the warehouse lacks. Raises WarehouseError."""
        statement = self._statement(outcome.source)
        window = self._settings.windows[outcome.stage]
        # A warehouse that does not answer is asked for the time once, and for nothing else.
        self._now()
        lacking = unusable(statement, self._settings, self._warehouse)
        return Part(
            outcome=replace(outcome, unavailable=unavailable(statement, lacking), rows=[]),
            statement=statement,
            unusable=lacking,
            values=parameters(statement, self._settings, window),
        )

    def _texts(self, job: str, parts: Mapping[str, Part]) -> dict[str, Any]:
        """The texts of a job, `joint` and of each source `alone`, as of this run's snapshot."""

        def make() -> dict[str, Any]:
            from gates.measure import rewrite

            trees = {
                source: rewrite.prune(part.statement, part.unusable).tree
                for source, part in parts.items()
            }
            values = {source: part.values for source, part in parts.items()}
            return rewrite.texts(trees, values, self._settings, SNAPSHOT)

        target = self._settings.target
        named = target.project, dict(target.datasets), dict(target.tables)
        asked = [
            (source, part.statement.columns, part.unusable, part.values)
            for source, part in parts.items()
        ]
        found = kept(f"job.{job}", (named, asked), make)

        def as_of(text: str) -> str:
            return text.replace(SNAPSHOT, self._now())

        alone = {source: as_of(text) for source, text in found["alone"].items()}
        return {"joint": as_of(found["joint"]), "alone": alone}

    def _run(self, parts: Mapping[str, Part]) -> dict[str, QueryResult]:
        """One job for all `parts`. Raises WarehouseError."""
        (first, *others) = parts.values()
        (source, *_) = parts
        job = queries.job_of(first.statement, source) if others else source
        what = f"sql/{first.outcome.stage}/" if others else first.outcome.file
        texts = self._texts(job, parts)
        values = {name: value for part in parts.values() for name, value in part.values.items()}
        rows, query = self._warehouse.run(what, texts["joint"], values)
        if others and (
            problem := answer.row_problem(rows, [queries.column_of(each) for each in parts])
        ):
            raise WarehouseError(f"the query of {what} {problem}", NO_FILE)
        return {
            source: replace(
                part.outcome,
                rows=[rows[0][queries.column_of(source)]] if others else rows,
                # Of the job, with the file and the SQL that are the source's own.
                query={
                    **query.record(),
                    "file": part.outcome.file,
                    "source": source,
                    "sql": texts["alone"][source],
                },
            )
            for source, part in parts.items()
        }


def _stage(source: str) -> str:
    return source.split("/")[0]
