"""Measuring: every query of the selected gates once, all at once, shared by all xdist workers.

What a job (gates/measure/jobs.py) gave is a JSON file in the run's own folder, written under a lock
by whichever process comes first.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import asdict, replace
from functools import partial
from itertools import chain
from pathlib import Path
from threading import Thread
from typing import Any

from filelock import FileLock

from gates.config.calendar import Calendar
from gates.config.settings import Settings
from gates.files import in_thread
from gates.measure import answer, jobs, queries, seasons
from gates.measure.result import QueryResult, Row
from gates.measure.seasons import SeasonStart
from gates.measure.warehouse import Warehouse, WarehouseError

NO_FILE = "Run the same command again; the warehouse answered something else than it was asked."


class MeasurementRun:
    """All measurements of a run. `shared` is a folder that only this run's processes use."""

    def __init__(self, settings: Settings, shared: Path) -> None:
        self._given = self._settings = settings
        self._shared = shared
        self._warehouse = Warehouse(settings)
        self._tables: list[str] = []
        self._running: list[Thread] = []
        self._pending: dict[str, Future[dict[str, QueryResult]]] = {}

    def start(self, sources: Iterable[str]) -> None:
        """Begin to measure `sources` (such as phase1/team_offense_game_summary) in parallel.

        `wait` comes next: no thread may import or log while pytest runs tests.
        """
        grouped = jobs.grouped(sources, self._settings)
        self._tables = jobs.tables_of(chain(*grouped.values()), self._settings)
        self._settings = self._with_seasons(chain(*grouped.values()))
        for name, together in grouped.items():
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

    def seasons(self) -> list[SeasonStart]:
        """When seasons began that gates.toml does not say it of, as far as the schedule does."""
        file = self._shared / "seasons.json"
        found = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"starts": []}
        return [SeasonStart(**each) for each in found["starts"]]

    @property
    def calendar(self) -> Calendar:
        """The calendar of gates.toml, with those seasons."""
        return seasons.with_starts(self._given, self.seasons()).calendar

    def _with_seasons(self, sources: Iterable[str]) -> Settings:
        """What is not known of a season is not asked for again by another process."""
        stages = {source.split("/")[0] for source in sources}
        windows = [self._settings.windows[stage] for stage in sorted(stages)]

        def ask() -> dict[str, Any]:
            try:
                found = seasons.read(self._settings, self._warehouse, windows, self._now())
            except WarehouseError:
                # What rests on these seasons says that they are not known.
                found = []
            return {"starts": [asdict(each) for each in found]}

        if seasons.unknown(self._settings, windows):
            self._shared_json("seasons", ask)
        return seasons.with_starts(self._settings, self.seasons())

    def _once(self, job: str, sources: list[str]) -> dict[str, QueryResult]:
        def ask() -> dict[str, Any]:
            return {source: asdict(outcome) for source, outcome in self._ask(sources).items()}

        found = self._shared_json(job.replace("/", ".") + ".job", ask)
        return {source: QueryResult(**outcome) for source, outcome in found.items()}

    def _now(self) -> str:
        """One snapshot for all processes; an endpoint that failed is not asked again."""

        def ask() -> dict[str, str | None]:
            try:
                now = self._warehouse.snapshot(self._tables)
                return {"now": now, "why": None, "remedy": None}
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
        found = {source: jobs.nothing_yet(source, self._settings) for source in sources}
        parts: dict[str, jobs.Part] = {}
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

    def _part(self, outcome: QueryResult) -> jobs.Part:
        # A warehouse that does not answer is asked for the time once, and for nothing else.
        self._now()
        return jobs.part_of(outcome, self._settings, self._warehouse)

    def _run(self, parts: Mapping[str, jobs.Part]) -> dict[str, QueryResult]:
        """One job for all `parts`. Raises WarehouseError."""
        what = jobs.called(parts)
        texts = jobs.texts_of(parts, self._settings, self._now())
        rows, query = self._warehouse.run(what, texts.joint, jobs.values_of(parts))
        together = len(parts) > 1
        if together and (
            problem := answer.row_problem(rows, [queries.column_of(each) for each in parts])
        ):
            raise WarehouseError(f"the query of {what} {problem}", NO_FILE)
        return {
            source: replace(
                part.outcome,
                rows=[rows[0][queries.column_of(source)]] if together else rows,
                # Of the job, with the file and the SQL that are the source's own.
                query={
                    **query.record(),
                    "file": part.outcome.file,
                    "source": source,
                    "sql": texts.alone[source],
                },
            )
            for source, part in parts.items()
        }
