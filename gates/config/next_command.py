"""What to run after each command, in the runbook's order; the last line that a command prints.

This is the one place that knows the order: what a stage's GO leads to, what shows the rows behind a
gate that does not hold, what is left of the backfill.
"""

import shlex
from collections.abc import Sequence

from gates.config.stages import COMMANDS, FINAL

DOCTOR = "make doctor"
PLAN = "make backfill-plan"
BACKFILL = "make backfill"
STATUS = "make backfill-status"
HISTORY = "make history"
STORE = "make history-store"
# The runbook's steps 5, 6, 8 and 9.
_AFTER_GO = {
    "phase12": COMMANDS["preflight"],
    "preflight": BACKFILL,
    "phase4": COMMANDS[FINAL],
    FINAL: "make handoff",
}


def line(command: str) -> str:
    """The last line of a command's output."""
    return f"Next: {command}"


def diagnose(gate: str, asked: Sequence[str] = (), **variables: str) -> str:
    """What shows the rows behind a gate, over the window of `asked` where there is one."""
    # One window can be said as make says it.
    window = {"WINDOW": shlex.quote(asked[0])} if len(asked) == 1 else {}
    return _of_gate("diagnose", gate, **window, **variables)


def explain(gate: str) -> str:
    """What says all that is known of a gate."""
    return _of_gate("explain", gate)


def history(gate: str) -> str:
    """What shows how a gate has come to what it is."""
    return _of_gate("history", gate)


def _of_gate(target: str, gate: str, **variables: str) -> str:
    # An id may have brackets, which a shell reads.
    return " ".join([f"make {target} GATE='{gate}'", *(f"{k}={v}" for k, v in variables.items())])


def after_decision(
    stage: str, decision: str, failing: Sequence[str], otherwise: str, asked: Sequence[str] = ()
) -> str:
    """After GO or NO-GO over `stage`.

    `failing` are the gates that block and were measured; `otherwise` is for where there is none.
    `asked` are the words that asked for other windows than gates.toml's: no step follows from
    these, so the stage itself comes next, over its own.
    """
    if decision == "GO":
        return COMMANDS[stage] if asked else _AFTER_GO[stage]
    return diagnose(failing[0], asked) if failing else otherwise


def backfill(words: Sequence[str] = ()) -> str:
    """The backfill with these words of its command line."""
    return shlex.join([*BACKFILL.split(), *([f"ARGS={shlex.join(words)}"] if words else [])])


def after_backfill(*, failed: int, remaining: int, chosen: bool) -> str:
    """After a run, or a look at it: what failed again, what is left, or Phase 4's gates.

    `chosen` says that other dates than these may be left.
    """
    if failed:
        return backfill(["--retry-failed"])
    if remaining:
        return backfill()
    return PLAN if chosen else COMMANDS["phase4"]


def after_announcing(table: str | None) -> str:
    """After the messages of a scheduled job: its last step, where `table` outlives the machine."""
    return STORE if table else HISTORY
