"""Why an attempt of the backfill failed: codes with what belongs to them.

The backfill notes them, groups by their kind and makes a sentence of them; so do the reports.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Self

from pydantic import model_validator

from gates.clause import Clause, in_words
from gates.config.fields import DETAIL, Line, Number, Part
from gates.text import one_line


class FailureCode(Clause):
    """A kind of failure; the clause is the sentence's part of it."""

    # Of a request,
    HTTP = "http", "HTTP {status}"
    NO_CONNECTION = "no_connection", "no connection could be made in time"
    NO_ANSWER = "no_answer", "no answer within {seconds} s"
    CONNECTION_FAILED = "connection_failed", "the connection failed ({error})"
    CUT_OFF = "cut_off", "the answer broke off"
    UNEXPECTED_SHAPE = "unexpected_shape", "the answer is not of the expected shape ({error})"
    NO_TOKEN = "no_token", "no token could be had"
    # of what the service says of a processor,
    PROCESSOR_MISSING = "processor_missing", "{processor} is missing from the answer"
    PROCESSOR_FAILED = "processor_failed", "{processor} reported {status}"
    PROCESSOR_UNKNOWN = "processor_unknown", "{processor} is not a known processor"
    # of what a table holds afterwards,
    GAMES_MISSING = "games_missing", "{table} holds {found} of {due} games"
    TEAMS_MISSING = "teams_missing", "{table} holds {found} of {due} teams"
    PLAYERS_MISSING = (
        "players_missing",
        "{table} holds {found} of {due} players, at least {share}% are needed",
    )
    PLAYERS_TOO_FEW = (
        "players_too_few",
        "{table} holds {found} players, at least {due} are needed",
    )
    NOT_READ_BACK = "not_read_back", "the tables could not be read back"
    # and of this program.
    UNEXPECTED = "unexpected", "unexpected {error} at {place}"


# What a service or an error says in its own words, beside the clause.
SAID = "said"
# These change from date to date, and do not make a failure another one.
_FIGURES = {"found", "due", "seconds"}
_OWN = _FIGURES | {SAID}


class Failure(Part):
    """A failure with all that its clause speaks of."""

    code: FailureCode
    parameters: dict[Line, Number | Line]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        expected = self.code.parameters
        if not expected - _FIGURES <= self.parameters.keys() <= expected | {SAID}:
            raise ValueError(f"expected the parameters of {self.code}: {', '.join(expected)}")
        return self

    def __hash__(self) -> int:
        return hash((self.code, *sorted(self.parameters.items())))

    @property
    def kind(self) -> tuple[object, ...]:
        """What it has in common with others: no figures and nothing that was said."""
        told = (each for each in self.parameters.items() if each[0] not in _OWN)
        return (self.code, *sorted(told))

    @property
    def example(self) -> "Failure":
        """What stands for all of its kind: without figures."""
        kept = {name: each for name, each in self.parameters.items() if name not in _FIGURES}
        return Failure(code=self.code, parameters=kept)

    @property
    def clause(self) -> str:
        """What happened, in a few words."""
        return ": ".join(filter(None, (self.code.said(self.parameters), self.said)))

    @property
    def said(self) -> str:
        """What was said in other words than these; empty where nothing was."""
        return in_words(self.parameters.get(SAID, ""))


# Failures of which each stands for others like it.
Kind = tuple[Failure, ...]


def failure(code: FailureCode, **parameters: float | str) -> Failure:
    """A failure; what was said is left out where it is empty."""
    return Failure(
        code=code, parameters={n: each for n, each in parameters.items() if (n, each) != (SAID, "")}
    )


def kind(failures: Iterable[Failure]) -> tuple[object, ...]:
    """What attempts have to share to have failed alike."""
    return tuple(each.kind for each in failures)


def grouped(counted: Iterable[tuple[Sequence[Failure], int]]) -> list[tuple[Kind, int]]:
    """Attempts by how they failed: an example of each kind, and how many; commonest first.

    `counted` are the failures of so many attempts each; the last of a kind is its example.
    """
    last: dict[object, Sequence[Failure]] = {}
    counts: Counter[object] = Counter()
    for failures, number in counted:
        alike = kind(failures)
        last[alike] = failures
        counts[alike] += number
    return [
        (tuple(each.example for each in last[alike]), number)
        for alike, number in counts.most_common()
    ]


def sentence(failures: Sequence[Failure]) -> str | None:
    """What an operator reads of them; None without any."""
    return one_line("; ".join(each.clause for each in failures), DETAIL) if failures else None
