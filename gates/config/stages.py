"""The stages, the decisions that are made over them, and the command that makes each."""

STAGES = ("orchestrator", "phase1", "phase2", "preflight", "phase4")
# `--stage` of a run of the gates names one of these decisions.
DECISIONS = {
    "phase12": ("orchestrator", "phase1", "phase2"),
    "preflight": ("preflight",),
    "phase4": ("phase4",),
}
# Those that have to be GO before the backfill sends a date.
ALLOWING = ("phase12", "preflight")
# Made from the records of all others, by gates/commands/final.py.
FINAL = "final"
COMMANDS = {
    "phase12": "make validate-phase12",
    "preflight": "make preflight",
    "phase4": "make validate-phase4",
    FINAL: "make decide",
}


def stages_of(decision: str) -> tuple[str, ...]:
    """The stages whose gates a decision is made over."""
    return STAGES if decision == FINAL else DECISIONS[decision]


def command_for(stage: str) -> str:
    """The command that runs the gates of one stage."""
    return next(COMMANDS[decision] for decision, stages in DECISIONS.items() if stage in stages)
