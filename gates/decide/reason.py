"""Why a verdict is what it is: a code, what belongs to it, and what to do.

gates/decide/sentence.py makes a sentence of it; nothing is read out of one.
"""

from typing import Self

from pydantic import model_validator

from gates.clause import Clause, in_words
from gates.config.fields import Line, Number, Part


class Code(Clause):
    """A kind of reason; `clause` says it, with the names of its parameters in braces."""

    # Of what was measured; its numbers say the rest.
    HOLDS = "holds", ""
    # Holds as well, and warns.
    DRIFTED = (
        "drifted",
        "it was {before} and usually moves by {usual} at most, so it drifts towards its bound",
    )
    OUTSIDE = "outside", ""
    MARGINAL = "marginal", ""
    WAIVED = "waived", "waived by {approver} until {until}: {reason}"
    WAIVED_BETTER = (
        "waived_better",
        "waived by {approver} until {until}: {reason}; "
        "it has become better than its waiver asks for, so tighten that: {tighter}",
    )
    WAIVER_EXPIRED = "waiver_expired", "its waiver by {approver} expired on {until}"
    WAIVER_BROKEN = (
        "waiver_limit_broken",
        "its waiver by {approver} asks for {limits}, which it is not",
    )
    # Of what was not: the source,
    UNAVAILABLE = "unavailable", "{what}"
    NO_VALUE = "no_value", "the query returned no value"
    NOTHING_TO_COUNT = "nothing_to_count", "there are no {rows} to measure"
    NO_DENOMINATOR = (
        "no_denominator",
        "{numerator} is not a share of anything, a percentage needs a denominator",
    )
    NO_SHARE = "no_share", "{numerator} of {denominator} is not a share"
    # the season, in its first weeks; what was measured may be short for that,
    TOO_LITTLE_YET = "too_little_yet", "too little yet: it is judged from {judged_from} on"
    # the test,
    DID_NOT_RUN = "did_not_run", "its test did not run"
    EXPECTED_FAILURE = "expected_failure", "its test is marked as an expected failure"
    SKIPPED = "skipped", "its test was skipped: {error}"
    CRASHED = "crashed", "its test crashed: {error}"
    NOTHING_MEASURED = "nothing_measured", "its test passed without a measurement"
    FIXTURE_FAILED = "fixture_failed", "its {phase} failed: {error}"
    WORKER_CRASHED = "worker_crashed", "the worker that ran it crashed: {error}"
    FAILED_AFTERWARDS = "failed_afterwards", "its test failed after the measurement: {error}"
    NOT_IMPORTED = "not_imported", "{place} could not be imported: {error}"
    # the record.
    NO_EVIDENCE = "no_evidence", "{objection}"
    RECORD_DISAGREES = (
        "record_disagrees",
        "its record says {recorded}, and its counts say {counted}",
    )
    RECORD_BELOW_ZERO = "record_below_zero", "its record counts less than nothing"
    RECORD_TABLE = "record_table", "its record holds a table that cannot be shown"

    @property
    def is_measured(self) -> bool:
        """Whether there is a value behind it."""
        return self in _MEASURED


_MEASURED = {
    *(Code.HOLDS, Code.DRIFTED, Code.OUTSIDE, Code.MARGINAL),
    *(Code.WAIVED, Code.WAIVED_BETTER, Code.WAIVER_EXPIRED, Code.WAIVER_BROKEN),
}
# What a query or a log says beyond the numbers: keys, the time of a run.
NOTE = "note"
# What a waiver could ask for, where the value has become better.
TIGHTER = "tighter"


class Reason(Part):
    """A reason with all that its clause speaks of, and what to do about it."""

    code: Code
    parameters: dict[Line, Number | Line]
    remedy: Line

    @model_validator(mode="after")
    def _whole(self) -> Self:
        expected = self.code.parameters
        if self.parameters.keys() - {NOTE} != expected:
            listed = ", ".join(sorted(expected)) or "none"
            raise ValueError(f"expected the parameters of {self.code}: {listed}")
        return self

    @property
    def clause(self) -> str:
        """What it says of a gate, without its name and numbers; empty where the numbers say all."""
        return self.code.said(self.parameters)

    @property
    def note(self) -> str | None:
        """What was said beside the numbers."""
        found = self.parameters.get(NOTE)
        return None if found is None else in_words(found)


def reason(code: Code, remedy: str, **parameters: str | float | None) -> Reason:
    """A reason; a parameter that is None is left out."""
    known = {name: value for name, value in parameters.items() if value is not None}
    return Reason(code=code, parameters=known, remedy=remedy)
