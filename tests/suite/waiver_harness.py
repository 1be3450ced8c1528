"""What the tests of waivers share: a waiver as an operator writes it, and settings under it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from builders import Outcome, passed

from gates.config.gate import Gate
from gates.config.settings import Settings, load
from gates.config.waivers import Waivers, read
from gates.decide.decision import Decision, decide
from gates.decide.verdict import Verdict, judge
from gates.measure.result import Measurement

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
TODAY = date(2026, 1, 3)
USAGE = "phase2.player_game_summary.usage_rate"
COUNT = "phase1.team_offense_game_summary.game_count"
COVERAGE = "phase4.player_composite_factors.coverage"
REASON = "source lost | <b>see</b> `mail` [here](x)"
SHOWN = "an owner until 2026-01-31"


def waiver(of: str = USAGE, *, expires: str = "2026-01-31", also: str = "") -> str:
    """A [[waiver]] as an operator writes it."""
    return (
        f'[[waiver]]\ngate = "{of}"\nreason = "{REASON}"\napprover = "an owner"\n'
        f"expires = {expires}\n{also}\n"
    )


def environ(folder: Path) -> dict[str, str]:
    """Of an operator whose configuration, reports and state lie there."""
    return {
        "GATES_CONFIG": str(folder / "gates.toml"),
        "GATES_REPORTS": str(folder / "reports"),
        "GATES_STATE": str(folder / "state"),
    }


def settings(folder: Path, *waivers: str, now: datetime = NOW) -> Settings:
    """The settings with these waivers, or with those that are there."""
    if waivers:
        (folder / "waivers.toml").write_text("".join(waivers), encoding="utf-8")
    return load(environ(folder), now)


def under(made: Settings, outcome: Outcome) -> Outcome:
    """The same outcome, under the waivers of `made`."""

    def judged(gate: Gate) -> Verdict:
        plain = outcome(gate)
        counts = Measurement(plain.numerator, plain.denominator, query=plain.query)
        return judge(gate, counts, made.waivers) if plain.measured is not None else plain

    return judged


def decided(made: Settings, stage: str, others: Mapping[str, Outcome]) -> Decision:
    """A decision over a stage whose gates passed, but for `others`, all under the waivers."""
    verdicts = {
        gate.id: under(made, others.get(gate.id, passed))(gate) for gate in made.gates.values()
    }
    return decide(made, stage, verdicts)


def waived_by(limits: str = "", expires: str = "2026-01-31", *, gate: Gate) -> Waivers:
    """A waiver of one gate, as it was read."""
    return read(waiver(gate.id, expires=expires, also=limits), {gate.id: gate}, TODAY)
