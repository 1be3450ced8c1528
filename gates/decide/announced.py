"""announced.json: what each receiver of messages was told, under the folder of the state.

It is written after a message was sent, and then alone, so that what did not get through is news
again. Its schema is generated in schemas/records/.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from gates.config.fields import Count, Day, Line, Number, Part, Time
from gates.config.routes import Severity
from gates.decide.records import MOST_BYTES, problem
from gates.decide.status import Recorded
from gates.files import read_text, write_json
from gates.program import OperatorError

FILE = "announced.json"
SCHEMA_VERSION = 1
# No Literal, which would take true for 1.
Version = Annotated[int, Field(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)]


class UnreadableError(OperatorError):
    """A file that is no record of what was told; the message is one sentence with what to do."""


class ToldGate(Part):
    """A gate that was told to block or to warn, as it was when it was told last."""

    severity: Severity
    status: Recorded
    measured: Number | None


class ToldWaiver(Part):
    """A waiver whose end was told so many `days` before it."""

    expires: Day
    days: Count


class Place(Part):
    """Whose runs they are: those of one stage, target, project and profile ("" for none)."""

    stage: Line
    target: Line
    project: Line
    profile: Line


class Told(Part):
    """What a receiver was told of the runs of one place, all messages together.

    `since` is the end of the first run with this decision that was told, `finished_at` that of the
    last one; `gates` are those told to block or warn, and not yet to be well again.
    """

    receiver: Line
    place: Place
    decision: Literal["GO", "NO-GO"]
    since: Time
    finished_at: Time
    sent_at: Time
    # Whether the run left none.
    no_record: bool
    gates: dict[Line, ToldGate]
    waivers: dict[Line, ToldWaiver]


class Announced(Part):
    """All that was told."""

    schema_version: Version = SCHEMA_VERSION
    told: list[Told] = Field(default_factory=list)

    def of(self, receiver: str, place: Place) -> Told | None:
        """What this receiver was told; None where that is nothing."""
        found = (each for each in self.told if (each.receiver, each.place) == (receiver, place))
        return next(found, None)

    def having(self, now: list[Told]) -> "Announced":
        """The same, in which `now` takes the place of what was told before."""
        new = {(each.receiver, each.place.model_dump_json()): each for each in now}
        old = {(each.receiver, each.place.model_dump_json()): each for each in self.told}
        return self.model_copy(update={"told": [*(old | new).values()]})

    def write(self, state: Path) -> None:
        """Write it, whole or not at all. Raises OSError."""
        write_json(state / FILE, self.model_dump(mode="json"))


def load(state: Path) -> Announced:
    """What was told so far; nothing where there is no file. Raises UnreadableError."""
    file = state / FILE
    try:
        return Announced.model_validate_json(read_text(file, MOST_BYTES))
    except FileNotFoundError:
        return Announced()
    except (OSError, ValueError) as error:
        raise UnreadableError(
            f"{file} cannot be read ({problem(error)}), so nobody knows what was told; move it "
            "away, and what does not hold is told once more."
        ) from error
