"""The runbook's two checklists, 4.1 and 8.1, from verdicts: every value in them was measured."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from gates.config.stages import STAGES
from gates.decide.decision import Decision
from gates.decide.sentence import short_value, threshold_text
from gates.decide.status import Status
from gates.decide.verdict import Verdict
from gates.report.text_table import BOOTSTRAP, COVERAGE

MINUTES = "phase2.player_game_summary.minutes_played"
USAGE = "phase2.player_game_summary.usage_rate"
PHASE3 = "preflight.phase3_coverage."
NULLS = "phase4.player_composite_factors.null_rate["


@dataclass(frozen=True)
class Item:
    """A line of a checklist, with the status whose sign it has."""

    status: Status
    text: str


@dataclass(frozen=True)
class Block:
    """A heading and its lines."""

    title: str
    items: list[Item]


def of(decision: Decision) -> list[Block]:
    """The blocks of the runbook that a decision over its stage's gates can fill."""
    own = {"phase12": phase12, "preflight": preflight, "phase4": phase4}
    if decision.stage in own:
        return [own[decision.stage](decision)]
    return [phase12(decision), *training(decision)]


def phase12(decision: Decision) -> Block:
    """Runbook 4.1, from a decision that holds the gates of Phases 1 and 2."""
    return Block(
        "GO CRITERIA (all must be true)",
        [
            _stage(decision, "phase1", "Phase 1 validation"),
            _stage(decision, "phase2", "Phase 2 validation"),
            _value(decision, "minutes_played", MINUTES),
            _value(decision, "usage_rate", USAGE),
            _all("No critical blocking issues", "Critical blocking issues", _critical(decision)),
        ],
    )


def preflight(decision: Decision) -> Block:
    """Runbook 5, from a decision that holds the gates of the pre-flight."""
    return Block(
        "PRE-FLIGHT FOR PHASE 4",
        [
            _stage(decision, "preflight", "Phase 3 validation"),
            _worst(decision, "Phase 3 coverage, lowest table", PHASE3),
        ],
    )


def phase4(decision: Decision) -> Block:
    """The runbook's lines of Phase 4 in 8.1."""
    return Block(
        "PHASE 4 VALIDATION",
        [
            _value(decision, "Coverage", COVERAGE),
            _bootstrap(decision),
            _worst(decision, "NULL rate", NULLS),
        ],
    )


def training(decision: Decision) -> list[Block]:
    """Runbook 8.1, from the final decision."""
    return [
        Block(
            "PHASE 1 VALIDATION",
            [
                _stage(decision, "phase1", "team_offense validation"),
                _value(decision, "Games", "phase1.team_offense_game_summary.game_count"),
                _value(decision, "Success rate", "phase1.backfill_log.success_rate"),
            ],
        ),
        Block(
            "PHASE 2 VALIDATION",
            [
                _stage(decision, "phase2", "player_game_summary validation"),
                _value(decision, "Records", "phase2.player_game_summary.record_count"),
                _value(decision, "minutes_played", MINUTES),
                _value(decision, "usage_rate", USAGE),
            ],
        ),
        phase4(decision),
        _overall(decision),
    ]


def _overall(decision: Decision) -> Block:
    required = [v for v in decision.verdicts if v.gate.severity == "required"]
    left_out = _left_out(decision, STAGES)
    return Block(
        "OVERALL ASSESSMENT",
        [
            _all("All critical checks PASSED", "Critical checks FAILED", required, left_out),
            _all(
                "No blocking issues identified",
                "Blocking issues identified",
                _critical(decision),
            ),
            _all(
                "Data quality acceptable for ML training",
                "Data quality not acceptable for ML training",
                decision.verdicts,
                left_out,
            ),
        ],
    )


def _find(decision: Decision, gates: Callable[[Verdict], bool]) -> list[Verdict]:
    return [verdict for verdict in decision.verdicts if gates(verdict)]


def _critical(decision: Decision) -> list[Verdict]:
    return _find(decision, lambda verdict: verdict.gate.measure == "critical_issues")


def _left_out(decision: Decision, stages: Sequence[str]) -> int:
    """How many gates of `stages` the profile keeps out of the decision."""
    return len(decision.profile.of(stages).left_out) if decision.profile else 0


def _all(text: str, otherwise: str, verdicts: Iterable[Verdict], left_out: int = 0) -> Item:
    """One line over several gates: holds only if there are some and none of them blocks.

    It says so where others that belong to it were `left_out`.
    """
    found = list(verdicts)
    blocked = [verdict for verdict in found if verdict.blocks]
    waived = sum(verdict.status is Status.WAIVED for verdict in found)
    if found and not blocked and waived:
        also = f", {left_out} left out" if left_out else ""
        return Item(Status.WAIVED, f"{text}, {waived} waived{also}")
    if found and not blocked and left_out:
        return Item(Status.WARNING, f"{text}, {left_out} left out")
    if found and not blocked:
        return Item(Status.PASS, text)
    if any(verdict.status is not Status.NOT_EVALUATED for verdict in blocked):
        return Item(Status.FAIL, otherwise)
    return Item(Status.NOT_EVALUATED, f"{text}: not evaluated")


def _stage(decision: Decision, stage: str, title: str) -> Item:
    gates = _find(decision, lambda verdict: verdict.gate.stage == stage)
    outcome = _all("PASS", "FAIL", gates, _left_out(decision, [stage]))
    said = outcome.status.word if outcome.status is Status.NOT_EVALUATED else outcome.text
    return Item(outcome.status, f"{title}: {said}")


def _value(decision: Decision, title: str, gate: str) -> Item:
    found = _find(decision, lambda verdict: verdict.gate.id == gate)
    return _measured(decision, title, gate, found)


def _worst(decision: Decision, title: str, prefix: str) -> Item:
    """Of a gate with several columns the one nearest to its bound, or beyond it."""
    found = _find(decision, lambda verdict: verdict.gate.id.startswith(prefix))
    missing = [verdict for verdict in found if verdict.margin is None]
    worst = sorted(found, key=lambda verdict: verdict.margin or 0)
    return _measured(decision, title, prefix, (missing or worst)[:1])


def _measured(decision: Decision, title: str, prefix: str, verdicts: list[Verdict]) -> Item:
    """The line of the one verdict of a gate that begins with `prefix`, or why there is none."""
    if not verdicts:
        profile = decision.profile
        if profile and any(out.gate.id.startswith(prefix) for out in profile.left_out):
            return Item(Status.WARNING, f"{title}: left out by profile {profile.name}")
        return Item(Status.NOT_EVALUATED, f"{title}: no gate of gates.toml measures it")
    (verdict,) = verdicts
    gate = verdict.gate
    if verdict.measured is None:
        return Item(Status.NOT_EVALUATED, f"{title}: not evaluated")
    which = f" ({gate.which})" if gate.which else ""
    asked = f"{threshold_text(gate)} required" + (" - CRITICAL" if gate.critical else "")
    return Item(verdict.outcome, f"{title}: {short_value(gate, verdict.measured)}{which} ({asked})")


def _bootstrap(decision: Decision) -> Item:
    found = _find(decision, lambda verdict: verdict.gate.id == BOOTSTRAP)
    title = "Bootstrap period"
    if found and found[0].measured is not None:
        title += f": {'EXCLUDED' if found[0].status is Status.PASS else 'PRESENT'}, rows"
    return _measured(decision, title, BOOTSTRAP, found)
