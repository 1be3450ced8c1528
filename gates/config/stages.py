"""The stages, the decisions that are made over them, and the command that makes each."""

from collections.abc import Iterable, Sequence

from gates.program import UsageError
from gates.text import one_line

STAGES = ("orchestrator", "phase1", "phase2", "preflight", "phase4")
# `--stage` of a run of the gates names one of these decisions.
DECISIONS = {
    "phase12": ("orchestrator", "phase1", "phase2"),
    "preflight": ("preflight",),
    "phase4": ("phase4",),
}
# Those that have to be GO before the backfill sends a date.
ALLOWING = ("phase12", "preflight")
# Made from the records of all others, by gates/commands/decide.py.
FINAL = "final"
COMMANDS = {
    "phase12": "make validate-phase12",
    "preflight": "make preflight",
    "phase4": "make validate-phase4",
    FINAL: "make decide",
}


def named(words: Sequence[str], known: Iterable[str]) -> str:
    """The first of a command's words, which names one of `known`. Raises UsageError."""
    found = words[0] if words else ""
    if found not in known:
        expected = ", ".join(known)
        raise UsageError(f"{one_line(repr(found))} is not a stage, expected one of {expected}.")
    return found


def stages_of(decision: str) -> tuple[str, ...]:
    """The stages whose gates a decision is made over."""
    return STAGES if decision == FINAL else DECISIONS[decision]


def command_for(stage: str) -> str:
    """The command that runs the gates of one stage."""
    return next(COMMANDS[decision] for decision, stages in DECISIONS.items() if stage in stages)
