"""Settings: gates.toml and the environment, read once and checked as a whole.

Whatever is wrong is a ConfigError with the key in one sentence, before anything is queried.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

from gates.config import fingerprint, profiles, waivers
from gates.config import windows as windows_of
from gates.config.calendar import Calendar, today
from gates.config.gate import Gate, shown
from gates.config.profiles import Profile
from gates.config.routes import Announce, Route
from gates.config.schema import (
    Backfill,
    ConfigError,
    File,
    Handoff,
    Parameter,
    Target,
    gates_of,
)
from gates.config.server import GOOGLE, servers
from gates.config.toml_text import MOST_BYTES
from gates.config.waivers import Waivers
from gates.config.windows import Window as Window
from gates.files import ROOT, read_text, reports_folder

# How the Phase 4 service is told who asks (PHASE4_AUTH).
Auth = Literal["none", "google", "gcloud"]
AUTHS: tuple[Auth, ...] = get_args(Auth)


@dataclass(frozen=True)
class Settings:
    """Everything a run needs to know, checked; passed on, never read again."""

    # The run's clock: what is judged against it is judged against one moment.
    now: datetime = field(compare=False)
    target_name: str
    target: Target
    emulator_host: str | None
    windows: Mapping[str, Window]
    calendar: Calendar
    logs: Path
    log_files: Mapping[str, str]
    parameters: Mapping[str, Parameter]
    processes: Mapping[str, str]
    backfill: Backfill
    handoff: Handoff
    gates: Mapping[str, Gate]
    waivers: Waivers
    announce: Announce
    routes: Sequence[Route]
    profile: Profile | None
    # Of gates.toml, of waivers.toml behind it where there is one, and of the profile's name.
    config_sha256: str
    # Of all else that decides: the gates' tests, their SQL, the schemas, the code.
    gates_sha256: str
    # Which warehouse this is, the same under another port; None where none is named.
    server: str | None
    reports: Path
    state: Path
    phase4_url: str | None
    phase4_auth: Auth | None

    @property
    def emulator_by_make(self) -> bool:
        """Whether `make` has started the server and named it, not the operator."""
        return self.emulator_host is not None and self.server != self.emulator_host

    @property
    def console_location(self) -> str | None:
        """Where Google's console has the jobs; None where another server has run them."""
        return self.target.location if self.server == GOOGLE else None

    def gates_of(self, stages: Sequence[str]) -> list[Gate]:
        """The gates of `stages`, in the order of gates.toml, which is the runbook's."""
        return [gate for gate in self.gates.values() if gate.stage in stages]

    def every_gate(self) -> list[Gate]:
        """Those of gates.toml, also where the profile leaves them out."""
        left_out = self.profile.left_out if self.profile else ()
        return [*self.gates.values(), *(out.gate for out in left_out)]


def load(environ: Mapping[str, str], now: datetime, windows: Sequence[str] = ()) -> Settings:
    """Settings from gates.toml (GATES_CONFIG), `environ` and `windows` (gates/config/windows.py).

    waivers.toml is the one beside it, by the league's date of `now`. Raises ConfigError, of a key.
    """
    path = Path(environ.get("GATES_CONFIG") or ROOT / "gates.toml")
    text = _read(path, "GATES_CONFIG")
    file, chosen, plain = profiles.read(path.name, text, environ.get("GATES_PROFILE") or None)
    days = windows_of.read(path.name, file, windows, now)
    every = _over(days, gates_of(file), plain)
    waived = _waivers(path.with_name(waivers.FILE))
    target_name = environ.get("GATES_TARGET") or "local"
    target = _target(file, target_name)
    host, server = servers(environ, target_name)
    return Settings(
        now=now,
        target_name=target_name,
        target=target,
        emulator_host=host,
        windows=days,
        calendar=Calendar(tuple(sorted(file.calendar.season_starts)), file.calendar.bootstrap_days),
        logs=Path(environ.get("GATES_LOGS") or target.logs),
        log_files=file.logs.model_dump(),
        parameters=file.parameters,
        processes=file.processes.model_dump(),
        backfill=file.backfill,
        handoff=file.handoff,
        gates=_without(every, chosen),
        waivers=waivers.read(waived, every, today(now)),
        announce=file.announce,
        routes=file.routes,
        profile=chosen,
        config_sha256=_sha256(text, waived, chosen),
        gates_sha256=_gates_sha256(),
        server=server,
        reports=reports_folder(environ),
        state=Path(environ.get("GATES_STATE") or "state"),
        phase4_url=environ.get("PHASE4_URL") or target.phase4.url,
        phase4_auth=_auth(environ.get("PHASE4_AUTH")),
    )


def _over(days: Mapping[str, Window], every: Mapping[str, Gate], plain: File) -> dict[str, Gate]:
    """The gates of a run over `days`: a count holds as it is in the window that it stands beside.

    That is one of gates.toml without a profile, from date to date: one that ends yesterday is
    another one every day.
    """
    own = {stage: tuple(ends) for stage, ends in plain.windows}
    return {
        name: replace(gate, per_game=None) if days.get(gate.stage) == own.get(gate.stage) else gate
        for name, gate in every.items()
    }


def _without(every: Mapping[str, Gate], chosen: Profile | None) -> dict[str, Gate]:
    """The gates but for those that the profile leaves out."""
    left_out = {out.gate.id for out in chosen.left_out} if chosen else set()
    return {name: gate for name, gate in every.items() if name not in left_out}


def _target(file: File, name: str) -> Target:
    if name not in file.targets:
        known = ", ".join(sorted(file.targets))
        raise ConfigError(f"GATES_TARGET is {shown(name)}, expected one of {known}.")
    return file.targets[name]


def _sha256(text: str, waived: str, chosen: Profile | None) -> str:
    # Another profile is another configuration: a record under one is none without it.
    named = f"GATES_PROFILE={chosen.name}" if chosen else ""
    return hashlib.sha256((text + waived + named).encode()).hexdigest()


def _gates_sha256() -> str:
    try:
        return fingerprint.of_the_gates(ROOT)
    except OSError as error:
        raise ConfigError(
            f"The gates in {ROOT} cannot be read ({error.strerror}); check out the project anew."
        ) from error


def _auth(value: str | None) -> Auth | None:
    found = next((known for known in AUTHS if known == value), None)
    if value and found is None:
        raise ConfigError(f"PHASE4_AUTH is {shown(value)}, expected one of {', '.join(AUTHS)}.")
    return found


def _read(path: Path, check: str) -> str:
    try:
        return read_text(path, MOST_BYTES)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigError(f"{path} cannot be read ({reason}); check {check}.") from error


def _waivers(path: Path) -> str:
    """The text of waivers.toml; without one there is no waiver."""
    return _read(path, "the file, or remove it") if os.path.lexists(path) else ""
