"""gates.toml: what may stand in it, checked as a whole; config.py makes settings of it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from gates.config.calendar import season_year
from gates.config.gate import Gate, GateEntry, Number, Text, printable, renamed, shown, unmatched
from gates.config.owners import Owner, owner_of, strangers
from gates.config.routes import Announce, Route
from gates.config.stages import STAGES
from gates.config.toml_text import ConfigError as ConfigError
from gates.config.toml_text import tables_of
from gates.files import ROOT
from gates.text import one_line

# A year and a day: nothing here lasts longer, and a clock can still add it up.
DAYS, SECONDS = 366, 366 * 86_400


def _identifier(name: str) -> str:
    # Names go into SQL as text, so nothing but a plain identifier may pass.
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError(f"{name!r} is not an identifier (letters, digits and _ only)")
    return name


def _folder(value: Any) -> Any:
    return printable(value) if isinstance(value, str) else value


def _window(value: Any) -> Any:
    # pydantic would take a number or a time of day for a date.
    if not isinstance(value, list) or [type(end) in (date, str) for end in value] != [True, True]:
        raise ValueError('expected [first date, last date], the last one may be "yesterday"')
    return value


Parameter = int | str | date | list[int] | list[str] | list[date]


def _parameter(value: Any) -> Any:
    # Exactly these types: pydantic would take True for a number.
    each = value if isinstance(value, list) else [value]
    # An empty list would count nothing, and a gate that asks for zero rows would pass.
    kinds = {type(one) for one in each}
    if len(kinds) != 1 or not kinds < {int, str, date} or "" in each:
        raise ValueError("expected a whole number, a text, a date, or a list of one of these kinds")
    return value


def _one_of(what: str, known: Iterable[str]) -> AfterValidator:
    # A misspelled name would leave the setting unused and the wrong table read.
    def check(name: str) -> str:
        if name not in known:
            raise ValueError(f"{name!r} is not a {what} of schemas/; correct its spelling")
        return name

    return AfterValidator(check)


def _one_line(text: str) -> str:
    # What is shown on a terminal must not move its cursor or turn its text around.
    line = " ".join(text.split())
    if not line or not line.isprintable():
        raise ValueError(
            f"{shown(text)} says nothing, or holds a control character; write it in words"
        )
    return line


Line = Annotated[Text, AfterValidator(_one_line)]
TABLES = frozenset(file.stem for file in (ROOT / "schemas").glob("*.json"))
TableName = Annotated[str, _one_of("table", TABLES)]
DatasetName = Annotated[str, _one_of("dataset", {name.split(".")[0] for name in TABLES})]
Identifier = Annotated[str, AfterValidator(_identifier)]
Slug = Annotated[str, Field(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$")]
FileName = Annotated[str, Field(pattern=r"^[^/]+$"), AfterValidator(printable)]
Ends = Annotated[list[date | str], BeforeValidator(_window)]
Count = Annotated[int, Field(strict=True, gt=0)]
Seconds = Annotated[int, Field(strict=True, gt=0, le=SECONDS)]
Days = Annotated[int, Field(strict=True, gt=0, le=3660)]
Day = Annotated[date, Field(strict=True)]
ProjectId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$")]
# https://cloud.google.com/bigquery/docs/labels-intro: lower case, digits, - and _.
LabelKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
Label = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,63}$")]


# What keys of gates.toml were called before.
RENAMED = {
    "phase4.pause_s": "min_interval_s",
    "phase4.still_s": "settle_s",
    "phase4.own_time_s": "service_timeout_s",
    "backfill.repeats": "max_retries",
    "backfill.required": "required_processors",
    "backfill.also": "optional_processors",
}


class Section(BaseModel):
    """A table of a settings file: no unknown keys, no change."""

    # A validator of its own takes time, and most sections are read as a part of another one alone.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Table(Section):
    """What a table and its columns are called in the warehouse, where sql/ calls them otherwise."""

    name: Identifier | None = None
    columns: dict[Identifier, Identifier] = {}


class Service(Section):
    """The Phase 4 service of a target: where it is and how fast it may be and is asked."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s/]+$")] | None = None
    min_interval_s: Annotated[Number, Field(ge=0, le=SECONDS)]
    backoff_s: Annotated[Number, Field(gt=0, le=SECONDS)]
    settle_s: Annotated[Number, Field(gt=0, le=SECONDS)]
    service_timeout_s: Annotated[Number, Field(gt=0, le=SECONDS)]
    seconds_per_date: Annotated[Number, Field(gt=0, le=SECONDS)]
    # The command that shows its log; {project} and {since} (UTC) are put in.
    read_log: Text


class Target(Section):
    """Where the tables are and what a query may cost there ([targets.<name>])."""

    project: ProjectId
    location: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")]
    datasets: dict[DatasetName, Identifier]
    tables: dict[TableName, Table] = {}
    logs: Annotated[Path, BeforeValidator(_folder)]
    # A log that is older vouches for nothing; without it any that the window's days allow will do.
    log_age_days: Days | None = None
    maximum_bytes_billed: Count
    # Of a whole run; it does not start where its dry runs say more.
    budget_bytes: Count | None = None
    # What a TiB is billed at, for `make cost`.
    usd_per_tib: Annotated[Number, Field(gt=0, le=1_000)] | None = None
    query_timeout_s: Seconds
    labels: dict[LabelKey, Label]
    # DATASET.TABLE of the operator's own, where runs are remembered for all machines.
    history: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+\.[A-Za-z0-9_]+$")] | None = None
    phase4: Service

    @field_validator("history")
    @classmethod
    def _beside_the_gates_tables(cls, history: str | None, info: ValidationInfo) -> str | None:
        # Who writes it must not have to be let write what is judged.
        read = info.data.get("datasets", {}).values()
        if history is not None and (dataset := history.partition(".")[0]) in read:
            raise ValueError(
                f"gates read dataset {dataset} and never write to it; name another one"
            )
        return history


class Backfill(Section):
    """How the backfill asks for a date, and what makes it complete in the tables ([backfill])."""

    required_processors: Annotated[tuple[Text, ...], Field(min_length=1)]
    optional_processors: tuple[Text, ...]
    attempts: Count
    workers: Annotated[int, Field(strict=True, ge=1, le=5)]
    timeout_s: Seconds
    max_retries: Annotated[int, Field(strict=True, ge=0)]
    retry_after_max_s: Seconds
    players_at_least: Annotated[Number, Field(gt=0, le=100)]
    cached_players_per_game: Count
    team_games: Count
    player_games: Count


class Handoff(Section):
    """What the handoff is called, and what the next session expects ([handoff])."""

    session: Count
    title: Slug
    next_title: Slug
    # Nothing of this was measured, and the documents say so.
    expected: tuple[Text, ...]
    read_first: tuple[Text, ...]
    next_steps: tuple[Text, ...]

    @property
    def name(self) -> str:
        """What this session's document is called: SESSION-4-PHASE4-EXECUTION."""
        return f"SESSION-{self.session}-{self.title}"

    def next_name(self, ready: bool) -> str:
        """What the next session's is called, READY only after a GO."""
        suffix = "READY" if ready else "NOT-READY"
        return f"SESSION-{self.session + 1}-{self.next_title}-{suffix}"


class _Calendar(Section):
    season_starts: Annotated[tuple[Day, ...], Field(min_length=1)]
    bootstrap_days: Annotated[int, Field(strict=True, gt=0, le=DAYS)]

    @field_validator("season_starts")
    @classmethod
    def _one_start_a_season(cls, starts: tuple[date, ...]) -> tuple[date, ...]:
        # A second one would take two weeks of games out of what is expected.
        years = [season_year(start) for start in starts]
        if len(set(years)) != len(years):
            raise ValueError("two of these dates lie in one season (October to September)")
        return starts


class _Windows(Section):
    phase1: Ends
    phase2: Ends
    preflight: Ends
    phase4: Ends


class _Logs(Section):
    orchestrator: FileName
    phase1: FileName
    phase2: FileName


class _Processes(Section):
    orchestrator: FileName


def _of_today(measure: str) -> str:
    if now := renamed(measure):
        raise ValueError(f"it is called {now} now; rename it")
    return measure


Measure = Annotated[Identifier, AfterValidator(_of_today)]


class File(Section):
    """The whole of a gates.toml."""

    targets: dict[str, Target]
    windows: _Windows
    calendar: _Calendar
    logs: _Logs
    parameters: dict[Identifier, Annotated[Parameter, BeforeValidator(_parameter)]]
    processes: _Processes
    backfill: Backfill
    handoff: Handoff
    orchestrator: dict[Identifier, dict[Measure, GateEntry]]
    phase1: dict[Identifier, dict[Measure, GateEntry]]
    phase2: dict[Identifier, dict[Measure, GateEntry]]
    preflight: dict[Identifier, dict[Measure, GateEntry]]
    phase4: dict[Identifier, dict[Measure, GateEntry]]
    # Behind the gates, because they are checked against them.
    owners: dict[Text, Owner] = {}
    announce: Announce = Announce()
    routes: tuple[Route, ...] = ()

    @field_validator("owners")
    @classmethod
    def _of_gates(cls, owners: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        for pattern in strangers(owners, _gates(info.data, {})):
            raise ValueError(unmatched(pattern))
        return owners

    @field_validator("routes")
    @classmethod
    def _to_owners(cls, routes: tuple[Route, ...], info: ValidationInfo) -> tuple[Route, ...]:
        # Nobody would ever be told.
        gates = _gates(info.data, info.data.get("owners", {})).values()
        patterns = [route.owner for route in routes if route.owner is not None]
        for pattern in strangers(patterns, {gate.owner for gate in gates if gate.owner}):
            raise ValueError(
                f"{shown(pattern)} matches no owner of a gate; correct its spelling or remove it"
            )
        return routes


def gates_of(file: File) -> dict[str, Gate]:
    """Every gate by its id, in the order of the file."""
    return _gates(dict(file), file.owners)


def _gates(file: Mapping[str, Any], owners: Mapping[str, str]) -> dict[str, Gate]:
    # While the file is checked, what could not be read of it is not there.
    found = [
        gate
        for stage in STAGES
        for source, measures in file.get(stage, {}).items()
        for name, entry in measures.items()
        for gate in entry.gates(stage, source, name)
    ]
    return {each.id: replace(each, owner=each.owner or owner_of(each.id, owners)) for each in found}


Content = TypeVar("Content", bound=BaseModel)


def parse(name: str, text: str, content: type[Content]) -> Content:
    """The content of a settings file called `name`. Raises ConfigError."""
    return checked(name, tables_of(name, text), content)


def checked(name: str, raw: Mapping[str, Any], content: type[Content]) -> Content:
    """The same, of tables that were read already; `name` goes before the key."""
    try:
        return content.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(f"{name}: {_first_error(error)}.") from error


def _renamed(kind: str, place: tuple[int | str, ...]) -> str | None:
    """The name of today of a key that had another one."""
    return RENAMED.get(".".join(map(str, place[-2:]))) if kind == "extra_forbidden" else None


def _first_error(error: ValidationError) -> str:
    errors = error.errors(include_url=False)
    # A key under its old name is missing under the new one too, and that says less.
    first = next((each for each in errors if _renamed(each["type"], each["loc"])), errors[0])
    # What stands in a list is counted from 1.
    places = [part + 1 if isinstance(part, int) else part for part in first["loc"]]
    key = one_line(".".join(str(place) for place in places if place != "[key]"))
    if now := _renamed(first["type"], first["loc"]):
        return f"{key} is called {now} now; rename it"
    if first["type"] == "extra_forbidden":
        return f"{key} is not a known key; remove it or correct its spelling"
    if first["type"] == "missing":
        return f"{key} is missing; add it"
    if first["type"] == "string_too_short":
        return f"{key} is empty; fill it in"
    if first["type"] == "value_error":
        return f"{key}: {one_line(first['msg'].removeprefix('Value error, '))}"
    return f"{key}: {one_line(first['msg'])}, found {shown(first['input'])}"
