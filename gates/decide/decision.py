"""From the outcomes of the gates to GO or NO-GO.

GO is built from positive evidence: the gates that gates.toml names are asked for one by one, and
one without a measured pass blocks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from gates.config import next_command
from gates.config.profiles import Profile
from gates.config.settings import Settings
from gates.config.stages import DECISIONS, FINAL, command_for, stages_of
from gates.config.waivers import Applied
from gates.decide.reason import Code, Reason, reason
from gates.decide.status import Status
from gates.decide.verdict import Verdict, not_evaluated
from gates.text import noun

EXIT_GO = 0
EXIT_FAILED = 1
EXIT_NOT_EVALUATED = 6

OTHER_WINDOWS = (
    "It is of other windows than gates.toml's ({}), so no step of the runbook rests on it."
)


@dataclass(frozen=True)
class Decision:
    """What was decided over one stage's gates, and why."""

    stage: str
    decision: Literal["GO", "NO-GO"]
    confidence: Literal["HIGH", "MEDIUM", "LOW"]
    reasons: list[str]
    blockers: list[Verdict]
    warnings: list[Verdict]
    verdicts: list[Verdict]
    # Those of the stage, also where they were not needed.
    waivers: list[Applied]
    # With what it leaves out of these stages.
    profile: Profile | None = None
    # What asked for other windows than those of gates.toml, such as 2023-24.
    asked: Sequence[str] = ()

    @property
    def exit_status(self) -> int:
        """0 for GO, 1 where a gate was measured and failed, 6 where it could not be evaluated."""
        if self.decision == "GO":
            return EXIT_GO
        failed = any(each.status is not Status.NOT_EVALUATED for each in self.blockers)
        return EXIT_FAILED if failed else EXIT_NOT_EVALUATED

    @property
    def next_command(self) -> str:
        """What to run now: the runbook's next step, or what shows the first gate that fails."""
        failing = [each.gate.id for each in self.blockers if each.measured is not None]
        # What was not evaluated in a run is not there, or cannot be reached; the doctor says which.
        otherwise = next_command.DOCTOR
        if self.blockers and self._is_not_run(self.blockers[0]):
            otherwise = command_for(self.blockers[0].gate.stage)
        return next_command.after_decision(
            self.stage, self.decision, failing, otherwise, self.asked
        )

    def _is_not_run(self, verdict: Verdict) -> bool:
        return self.stage == FINAL or verdict.reason.code is Code.DID_NOT_RUN

    @property
    def causes(self) -> list["Cause"]:
        """The blockers, those that were not evaluated for one reason together."""
        return [
            Cause(tuple(verdicts), self.asked) for _, verdicts in groupby(self.blockers, key=_cause)
        ]


def _cause(verdict: Verdict) -> tuple[str, Reason | str]:
    """What is measured and fails is a cause of its own, also where two gates count the same."""
    gate, unknown = verdict.gate, verdict.status is Status.NOT_EVALUATED
    return gate.stage, verdict.reason if unknown else gate.id


@dataclass(frozen=True)
class Cause:
    """Blockers of one stage for one reason: what to say of them, and what to do."""

    blockers: tuple[Verdict, ...]
    # As the decision's.
    asked: Sequence[str] = ()

    @property
    def text(self) -> str:
        """The blocker's sentence, or one for all."""
        first = self.blockers[0]
        if len(self.blockers) == 1:
            return first.detail
        return (
            f"{first.gate.stage}: {len(self.blockers)} gates not evaluated, {first.reason.clause}"
        )

    @property
    def remedy(self) -> str:
        """What removes it."""
        return self.blockers[0].remedy

    @property
    def owners(self) -> str:
        """Whose the gates are, in the order of gates.toml; empty where nobody is named."""
        owners = [each.gate.owner for each in self.blockers if each.gate.owner]
        return ", ".join(dict.fromkeys(owners))

    @property
    def command(self) -> str | None:
        """What shows the rows behind it; None where nothing was measured."""
        first = self.blockers[0]
        if first.measured is None:
            return None
        return next_command.diagnose(first.gate.id, self.asked)


def decide(
    settings: Settings, stage: str, verdicts: Mapping[str, Verdict], asked: Sequence[str] = ()
) -> Decision:
    """Decide over every gate that gates.toml has for `stage`; what has no verdict did not run.

    `asked` are the words that asked for other windows than those of gates.toml.
    """
    every = [
        verdicts[gate.id]
        if gate.id in verdicts
        else not_evaluated(gate, reason(Code.DID_NOT_RUN, _run_all(gate.stage)))
        for gate in settings.gates_of(stages_of(stage))
    ]
    blockers = [verdict for verdict in every if verdict.blocks]
    warnings = [verdict for verdict in every if verdict.warns]
    waived = [verdict for verdict in every if verdict.status is Status.WAIVED]
    profile = settings.profile and settings.profile.of(stages_of(stage))
    empty = [*_empty(settings, stage, profile)]
    if not empty and not blockers:
        go: Literal["GO", "NO-GO"] = "GO"
        confidence: Literal["HIGH", "MEDIUM", "LOW"] = (
            "LOW" if waived else "MEDIUM" if warnings else "HIGH"
        )
        without = " without a waiver" if waived else ""
        early = sum(each.reason.code is Code.TOO_LITTLE_YET for each in every)
        which = f"{len(every) - early} of {len(every)}" if early else f"All {len(every)}"
        reasons = [f"{which} gates were measured and no required gate failed{without}."]
    else:
        measured = any(each.status is not Status.NOT_EVALUATED for each in blockers)
        go, confidence = "NO-GO", "HIGH" if measured else "LOW"
        reasons = [*_against(blockers, len(every)), *empty]
    if profile and profile.left_out:
        confidence = "MEDIUM" if confidence == "HIGH" else confidence
        reasons.append(f"Profile {profile.name} leaves {profile.number} out.")
    reasons += _beside(waived, warnings, len(every), asked)
    applied = settings.waivers.applied((each.gate, each.status, each.tighter) for each in every)
    return Decision(
        stage, go, confidence, reasons, blockers, warnings, every, applied, profile, asked
    )


def _against(blockers: list[Verdict], of: int) -> Iterator[str]:
    """What keeps from GO, counted out."""
    for status, adjective, what in (
        (Status.FAIL, "required ", "failed"),
        (Status.MARGINAL, "required ", "came out marginal"),
        (Status.NOT_EVALUATED, "", "could not be evaluated"),
    ):
        found = [verdict for verdict in blockers if verdict.status is status]
        yield from _reason(found, of, adjective, what)


def _beside(
    waived: list[Verdict], warnings: list[Verdict], of: int, asked: Sequence[str]
) -> Iterator[str]:
    """What a reader has to know of a GO as of a NO-GO."""
    yield from _reason(waived, of, "", "failed under a waiver")
    yield from _reason(warnings, of, "", "left a warning")
    if asked:
        yield OTHER_WINDOWS.format(", ".join(asked))


def _empty(settings: Settings, stage: str, profile: Profile | None) -> Iterator[str]:
    """Why there is too little to decide over: what fails nowhere may be nothing."""
    left_out = {out.gate.stage for out in profile.left_out} if profile else set()
    for each in stages_of(stage):
        if not settings.gates_of([each]) and each not in left_out:
            yield f"No gate of {each} is configured; add its gates to gates.toml."
    if profile and left_out:
        for decision in DECISIONS if stage == FINAL else (stage,):
            gates = settings.gates_of(stages_of(decision))
            if all(gate.severity != "required" for gate in gates):
                yield (
                    f"Profile {profile.name} leaves no required gate of {decision}; "
                    "leave fewer out in gates.toml."
                )


def _run_all(stage: str) -> str:
    return (
        f"Run `{command_for(stage)}`, which runs every gate, without deselecting any; "
        f"a gate that is new needs its test in tests/{stage}/."
    )


def _reason(verdicts: list[Verdict], of: int, what: str, happened: str) -> list[str]:
    if not verdicts:
        return []
    return [f"{len(verdicts)} {what}{noun('gates', len(verdicts))} of {of} {happened}."]
