"""Settings: gates.toml and the environment, read once and checked as a whole.

Whatever is wrong is a ConfigError with the key in one sentence, before anything is queried.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from gates.calendar import Calendar, season_year, yesterday
from gates.gate import Gate, GateEntry, Number, Text, shown

ROOT = Path(__file__).resolve().parent.parent
STAGES = ("orchestrator", "phase1", "phase2", "preflight")
# A decision is made over these stages; `--stage` names one of them.
DECISIONS = {"phase12": ("orchestrator", "phase1", "phase2"), "preflight": ("preflight",)}
Window = tuple[date, date]
# How the Phase 4 service is told who asks (PHASE4_AUTH).
Auth = Literal["none", "google", "gcloud"]
AUTHS: tuple[Auth, ...] = get_args(Auth)


class ConfigError(Exception):
    """A setting that cannot be used; the message is one sentence that names the key."""


def _identifier(name: str) -> str:
    # Names go into SQL as text, so nothing but a plain identifier may pass.
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError(f"{name!r} is no identifier (letters, digits and _ only)")
    return name


def _window(value: Any) -> Any:
    # pydantic would take a number or a time of day for a date.
    if not isinstance(value, list) or [type(end) in (date, str) for end in value] != [True, True]:
        raise ValueError('expected [first date, last date], the last one may be "yesterday"')
    return value


def _parameter(value: Any) -> Any:
    texts = value if isinstance(value, list) else [value]
    # An empty list would count nothing, and a gate that asks for zero rows would pass.
    if type(value) is not int and not (texts and all(isinstance(t, str) and t for t in texts)):
        raise ValueError("expected a whole number, a text or a list of texts, none of them empty")
    return value


def _one_of(what: str, known: Iterable[str]) -> AfterValidator:
    # A misspelled name would leave the setting unused and the wrong table read.
    def check(name: str) -> str:
        if name not in known:
            raise ValueError(f"{name!r} is no {what} of schemas/; correct its spelling")
        return name

    return AfterValidator(check)


TABLES = frozenset(file.stem for file in (ROOT / "schemas").glob("*.json"))
TableName = Annotated[str, _one_of("table", TABLES)]
DatasetName = Annotated[str, _one_of("dataset", {name.split(".")[0] for name in TABLES})]
Identifier = Annotated[str, AfterValidator(_identifier)]
FileName = Annotated[str, Field(pattern=r"^[^/]+$")]
Ends = Annotated[list[date | str], BeforeValidator(_window)]
Count = Annotated[int, Field(strict=True, gt=0)]
Day = Annotated[date, Field(strict=True)]
ProjectId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$")]
# https://cloud.google.com/bigquery/docs/labels-intro: lower case, digits, - and _.
LabelKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
Label = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,63}$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Table(_Section):
    """What a table and its columns are called in the warehouse, where sql/ calls them otherwise."""

    name: Identifier | None = None
    columns: dict[Identifier, Identifier] = {}


class Service(_Section):
    """The Phase 4 service of a target: where it is and how fast it may be and is asked."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s/]+$")] | None = None
    pause_s: Annotated[Number, Field(ge=0)]
    backoff_s: Annotated[Number, Field(gt=0)]
    still_s: Annotated[Number, Field(gt=0)]
    own_time_s: Annotated[Number, Field(gt=0)]
    seconds_per_date: Annotated[Number, Field(gt=0)]


class Target(_Section):
    """Where the tables are and what a query may cost there ([targets.<name>])."""

    project: ProjectId
    location: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")]
    datasets: dict[DatasetName, Identifier]
    tables: dict[TableName, Table] = {}
    logs: Path
    maximum_bytes_billed: Count
    query_timeout_s: Count
    labels: dict[LabelKey, Label]
    phase4: Service


class Backfill(_Section):
    """How the backfill asks for a date, and what makes it complete in the tables ([backfill])."""

    required: Annotated[tuple[Text, ...], Field(min_length=1)]
    also: tuple[Text, ...]
    attempts: Count
    workers: Annotated[int, Field(strict=True, ge=1, le=5)]
    timeout_s: Count
    repeats: Annotated[int, Field(strict=True, ge=0)]
    players_at_least: Annotated[Number, Field(gt=0, le=100)]
    cached_players_per_game: Count
    team_games: Count
    player_games: Count


class _Calendar(_Section):
    season_starts: Annotated[tuple[Day, ...], Field(min_length=1)]
    bootstrap_days: Count

    @field_validator("season_starts")
    @classmethod
    def _one_start_a_season(cls, starts: tuple[date, ...]) -> tuple[date, ...]:
        # A second one would take two weeks of games out of what is expected.
        years = [season_year(start) for start in starts]
        if len(set(years)) != len(years):
            raise ValueError("two of these dates lie in one season (October to September)")
        return starts


class _Windows(_Section):
    phase1: Ends
    phase2: Ends
    preflight: Ends


class _Logs(_Section):
    orchestrator: FileName
    phase1: FileName
    phase2: FileName


class _Processes(_Section):
    orchestrator: FileName


class _File(_Section):
    targets: dict[str, Target]
    windows: _Windows
    calendar: _Calendar
    logs: _Logs
    parameters: dict[Identifier, Annotated[int | str | list[str], BeforeValidator(_parameter)]]
    processes: _Processes
    backfill: Backfill
    orchestrator: dict[Identifier, dict[Identifier, GateEntry]]
    phase1: dict[Identifier, dict[Identifier, GateEntry]]
    phase2: dict[Identifier, dict[Identifier, GateEntry]]
    preflight: dict[Identifier, dict[Identifier, GateEntry]]


@dataclass(frozen=True)
class Settings:
    """Everything a run needs to know, checked; passed on, never read again."""

    target_name: str
    target: Target
    emulator_host: str | None
    windows: Mapping[str, Window]
    calendar: Calendar
    logs: Path
    log_files: Mapping[str, str]
    parameters: Mapping[str, int | str | list[str]]
    processes: Mapping[str, str]
    backfill: Backfill
    gates: Mapping[str, Gate]
    config_sha256: str
    reports: Path
    state: Path
    phase4_url: str | None
    phase4_auth: Auth | None

    def gates_of(self, stages: Sequence[str]) -> list[Gate]:
        """The gates of `stages`, in the order of gates.toml, which is the runbook's."""
        return [gate for gate in self.gates.values() if gate.stage in stages]


def load(environ: Mapping[str, str], now: datetime, windows: Sequence[str] = ()) -> Settings:
    """Settings from gates.toml (GATES_CONFIG), `environ` and `windows` (phase1=FIRST..LAST).

    Raises ConfigError, with the key in one sentence.
    """
    path = Path(environ.get("GATES_CONFIG") or ROOT / "gates.toml")
    text = _read(path)
    file = _parse(path.name, text)
    target_name = environ.get("GATES_TARGET") or "local"
    if target_name not in file.targets:
        known = ", ".join(sorted(file.targets))
        raise ConfigError(f"GATES_TARGET is {target_name!r}, expected one of {known}.")
    target = file.targets[target_name]
    entries = {stage: getattr(file, stage) for stage in STAGES}
    return Settings(
        target_name=target_name,
        target=target,
        # Google's endpoint never gives way to an emulator that happens to be in the environment.
        emulator_host=environ.get("BIGQUERY_EMULATOR_HOST") or None
        if _is_local(target_name)
        else None,
        windows=_windows(path.name, file, windows, now),
        calendar=Calendar(tuple(sorted(file.calendar.season_starts)), file.calendar.bootstrap_days),
        logs=Path(environ.get("GATES_LOGS") or target.logs),
        log_files=file.logs.model_dump(),
        parameters=file.parameters,
        processes=file.processes.model_dump(),
        backfill=file.backfill,
        gates={
            gate.id: gate
            for stage, sources in entries.items()
            for source, measures in sources.items()
            for gate in (entry.gate(stage, source, name) for name, entry in measures.items())
        },
        config_sha256=hashlib.sha256(text.encode()).hexdigest(),
        reports=reports_folder(environ),
        state=Path(environ.get("GATES_STATE") or "state"),
        phase4_url=environ.get("PHASE4_URL") or target.phase4.url,
        phase4_auth=_auth(environ.get("PHASE4_AUTH")),
    )


def reports_folder(environ: Mapping[str, str]) -> Path:
    """Where the records and reports go: GATES_REPORTS, or reports/."""
    return Path(environ.get("GATES_REPORTS") or "reports")


def _auth(value: str | None) -> Auth | None:
    found = next((known for known in AUTHS if known == value), None)
    if value and found is None:
        raise ConfigError(f"PHASE4_AUTH is {value!r}, expected one of {', '.join(AUTHS)}.")
    return found


def _is_local(target_name: str) -> bool:
    return target_name == "local"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigError(f"{path} cannot be read ({reason}); check GATES_CONFIG.") from error


def _parse(name: str, text: str) -> _File:
    try:
        # Bounds stay exact: 1.95 is the decimal 1.95, not the nearest binary fraction.
        raw = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: {_with_the_line(str(error), text)}.") from error
    try:
        return _File.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(f"{name}: {_first_error(error)}.") from error


def _with_the_line(message: str, text: str) -> str:
    """tomllib names line and column of a duplicate; the operator wants to see the key."""
    found = re.search(r"at line (\d+)", message)
    if not found:
        return message
    line = text.splitlines()[int(found[1]) - 1].strip()
    return f"{message}: `{line}` stands there twice or is no TOML"


def _first_error(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"] if part != "[key]")
    if first["type"] == "extra_forbidden":
        return f"{key} is not a known key; remove it or correct its spelling"
    if first["type"] == "missing":
        return f"{key} is missing; add it"
    if first["type"] == "value_error":
        return f"{key}: {first['msg'].removeprefix('Value error, ')}"
    return f"{key}: {first['msg']}, found {shown(first['input'])}"


def _windows(name: str, file: _File, overrides: Sequence[str], now: datetime) -> dict[str, Window]:
    raw: dict[str, tuple[str, Sequence[date | str]]] = {
        stage: (f"{name}: windows.{stage}", ends) for stage, ends in file.windows
    }
    for override in overrides:
        stage, _, ends = override.partition("=")
        if stage not in raw or ".." not in ends:
            raise ConfigError(
                f"--window {override} is not understood, expected STAGE=FIRST..LAST, "
                f"e.g. phase1=2021-10-19..2026-01-02, with a stage of {', '.join(raw)}."
            )
        raw[stage] = (f"--window {stage}", ends.split("..", 1))
    return {stage: _resolved(key, ends, now) for stage, (key, ends) in raw.items()}


def _resolved(key: str, ends: Sequence[date | str], now: datetime) -> Window:
    first, last = (_day(key, end, now) for end in ends)
    if first > last:
        raise ConfigError(f"{key} starts on {first}, after its end {last}; swap or correct them.")
    return first, last


def _day(key: str, end: date | str, now: datetime) -> date:
    if isinstance(end, date):
        return end
    if end == "yesterday":
        return yesterday(now)
    try:
        return date.fromisoformat(end)
    except ValueError as error:
        raise ConfigError(
            f'{key}: {end!r} is no date, expected YYYY-MM-DD or "yesterday".'
        ) from error
