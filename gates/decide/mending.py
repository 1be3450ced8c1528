"""Whether the Phase 4 backfill can mend what a gate asks for. Pure."""

from gates.config.gate import Gate
from gates.config.stages import command_for

# The schedule's own gates: what it lacks, no processing brings.
_OF_THE_SCHEDULE = ("schedule", "full_schedule")
# A date that is processed again is merged on its keys: a row that should not be there stays.
_SURPLUS = (
    *("bootstrap_rows", "duplicate_rows", "duplicate_dates"),
    *("malformed_ids", "unscheduled_games"),
)


def why_not(gate: Gate) -> str | None:
    """Why no date that is sent to the Phase 4 service could mend it; None where one could.

    Phase 4 is computed from Phase 3: what preflight finds there is sent once it has been repaired.
    """
    if gate.stage not in ("preflight", "phase4"):
        return f"it writes Phase 4's tables, and these rows are of {gate.stage}"
    if gate.source in _OF_THE_SCHEDULE:
        return "it takes its dates from the schedule, and these rows are the schedule's own"
    if gate.measure in _SURPLUS:
        return "it deletes no row, and these should not be there"
    return None


def refusal(name: str, gate: Gate, why: str) -> str:
    """What to say where a dates file is asked for."""
    return (
        f"The backfill cannot mend {name}: {why}; use FORMAT=csv for its rows. "
        f"{gate.remedy} Then run `{command_for(gate.stage)}`."
    )
