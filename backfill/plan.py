"""Which dates a backfill is going to send, and why the others are left out. Pure."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gates.config.schema import Backfill, Service
from gates.config.settings import Window
from gates.files import read_text
from gates.program import EXIT_USAGE, OperatorError
from gates.text import one_line

if TYPE_CHECKING:
    # Comes with BigQuery's client, which is slow to import and takes 40 MB.
    from gates.measure.readback import DateCoverage

# The backfill has the window that pre-flight vouches for.
STAGE = "preflight"
HEADER = "date"
SAMPLE = 5
# Of a dates file: of far more dates than the league has played.
MOST_BYTES = 1_000_000


class PlanError(OperatorError):
    """Dates that cannot be planned; the message is one sentence, with the line for a file."""

    exit_status = EXIT_USAGE


@dataclass(frozen=True)
class DateSelection:
    """What the operator asked for: a part of the window, given dates, the first few, a sample."""

    start: date | None = None
    end: date | None = None
    dates: frozenset[date] | None = None
    limit: int | None = None
    sample: bool = False

    def over(self, dates: frozenset[date] | None) -> "DateSelection":
        """The same selection among `dates`; of the whole window for None."""
        return replace(self, dates=dates)

    def selects(self, day: date) -> bool:
        """Whether `day` is among the chosen dates."""
        after, before = self.start or day, self.end or day
        return after <= day <= before and (self.dates is None or day in self.dates)


@dataclass(frozen=True)
class Plan:
    """The dates to send, ascending, and how many of the window are left out for each reason."""

    window: Window
    dates: Sequence["DateCoverage"]
    complete_days: frozenset[date]
    bootstrap: int
    not_chosen: int
    # Of the chosen dates those that the tables hold completely.
    chosen_complete: int = 0

    @property
    def complete(self) -> int:
        """How many dates the tables hold completely."""
        return len(self.complete_days)

    @property
    def nothing(self) -> str | None:
        """What to say where no date is left to be sent; None where there is one."""
        if self.dates:
            return None
        which = "chosen" if self.not_chosen or self.chosen_complete < self.complete else "eligible"
        count = self.chosen_complete
        if count == 1:
            return f"Nothing to backfill: the one {which} date is complete."
        return f"Nothing to backfill: all {count:,} {which} dates are complete."

    def content(self) -> dict[str, Any]:
        """As JSON has it: the dates to send, and how many are left out for each reason."""
        return {
            "window": [day.isoformat() for day in self.window],
            "dates": [
                {"date": h.game_date.isoformat(), "games": h.games, "factor_rows": h.factor_rows}
                for h in self.dates
            ],
            "left_out": {
                "bootstrap": self.bootstrap,
                "complete": self.complete,
                "not_chosen": self.not_chosen,
            },
        }

    def lines(self, service: Service, workers: int, measured: float | None) -> Iterable[str]:
        """What `make backfill-plan` prints; `measured` seconds per date go before configured."""
        first, last = self.window
        yield f"PHASE 4 BACKFILL PLAN  {first} to {last}"
        days = [held.game_date for held in self.dates]
        span = f" ({days[0]} to {days[-1]})" if days else ""
        yield f"Dates to process: {len(days):,}{span}"
        begun = sum(held.factor_rows > 0 for held in self.dates)
        if begun:
            yield f"  of these, in part there already: {begun:,}"
        yield (
            f"Left out: {self.bootstrap:,} bootstrap (Phase 4 writes nothing then), "
            f"{self.complete:,} complete in the tables, {self.not_chosen:,} not chosen"
        )
        each = float(service.seconds_per_date) if measured is None else measured
        # The next date starts when a worker is free and the pause is over.
        seconds = len(days) * max(each / workers, float(service.min_interval_s))
        source = "configured" if measured is None else "measured"
        yield (
            f"Expected duration: {timedelta(seconds=round(seconds))} ({each:.1f} s per date, "
            f"{source}, {workers} at once, {service.min_interval_s} s between two starts)"
        )
        if len(days) <= SAMPLE:
            yield from (f"  {held.game_date}: {held.games} games" for held in self.dates)


def plan(
    held: Sequence["DateCoverage"], selection: DateSelection, asked: Backfill, window: Window
) -> Plan:
    """Of the dates of the schedule (`held`, ascending) those that are chosen and owed.

    Raises PlanError for a selection that takes no eligible date.
    """
    eligible = [date_ for date_ in held if not date_.is_bootstrap]
    owed = [date_ for date_ in eligible if not date_.is_complete(asked)]
    owing = {date_.game_date for date_ in owed}
    chosen = [date_ for date_ in eligible if selection.selects(date_.game_date)]
    if not chosen:
        raise PlanError(_empty(selection, window))
    dates = [date_ for date_ in owed if selection.selects(date_.game_date)]
    if selection.sample:
        dates = sample(dates)
    dates = dates[: selection.limit]
    return Plan(
        window=window,
        dates=dates,
        complete_days=frozenset(each.game_date for each in eligible) - owing,
        bootstrap=len(held) - len(eligible),
        not_chosen=len(owed) - len(dates),
        chosen_complete=sum(date_.game_date not in owing for date_ in chosen),
    )


def check_range(selection: DateSelection, window: Window) -> None:
    """Raises PlanError for an end before the start, and for either outside the window."""
    for name, day in (("--start", selection.start), ("--end", selection.end)):
        if day:
            in_window(day.isoformat(), name, window, "choose another")
    if selection.start and selection.end and selection.end < selection.start:
        raise PlanError(
            f"--end: {selection.end} is before --start {selection.start}; swap or correct them."
        )


def _empty(selection: DateSelection, window: Window) -> str:
    first, last = selection.start or window[0], selection.end or window[1]
    of = "" if selection.dates is None else f", and {len(selection.dates):,} dates were named"
    return (
        f"No eligible game date was chosen: the schedule has none after bootstrap from {first} to "
        f"{last}{of}; choose others."
    )


def sample(dates: Sequence["DateCoverage"]) -> list["DateCoverage"]:
    """Five dates over the whole span, among them the largest and the smallest, ascending."""
    if not dates:
        return []
    sizes = sorted(dates, key=lambda held: held.games)
    chosen = {sizes[0].game_date, sizes[-1].game_date}
    # The ends and what lies between, nearest first to an even spread.
    places = [0, len(dates) - 1, len(dates) // 2, len(dates) // 4, 3 * len(dates) // 4]
    for place in places:
        if len(chosen) < SAMPLE:
            chosen.add(dates[place].game_date)
    return [held for held in dates if held.game_date in chosen]


def dates_from(file: Path, held: Sequence["DateCoverage"], window: Window) -> frozenset[date]:
    """The dates of a CSV file with the header `date`, each a date of the schedule.

    Raises PlanError with the line for what is not a date, outside the window, on a bootstrap day or
    without a game.
    """
    known, do = {each.game_date: each for each in held}, "remove it"

    def eligible(text: str, place: str) -> date:
        return scheduled(in_window(text, place, window, do), place, known, do).game_date

    try:
        text = read_text(file, MOST_BYTES).removeprefix("\N{BYTE ORDER MARK}")
        reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
        if HEADER not in (reader.fieldnames or ()):
            raise PlanError(f"{file} has no column {HEADER}; write {HEADER} into its first line.")
        days = frozenset(eligible(row[HEADER], f"{file}, line {reader.line_num}") for row in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = one_line(error)
        raise PlanError(f"{file} cannot be read ({why}); correct --dates-file.") from error
    if not days:
        raise PlanError(f"{file} holds no date; give at least one under {HEADER}.")
    return days


def in_window(text: str, place: str, window: Window, do: str) -> date:
    """The date that stands at `place`. Raises PlanError with what to `do`."""
    first, last = window
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise PlanError(
            f"{place}: {one_line(repr(text))} is not a date, expected YYYY-MM-DD."
        ) from error
    if not first <= day <= last:
        raise PlanError(f"{place}: {day} is outside the window {first} to {last}; {do}.")
    return day


def scheduled(
    day: date, place: str, known: Mapping[date, "DateCoverage"], do: str
) -> "DateCoverage":
    """The date of the schedule on which Phase 4 writes. Raises PlanError with what to `do`."""
    if day not in known:
        raise PlanError(f"{place}: the schedule has no final league game on {day}; {do}.")
    if known[day].is_bootstrap:
        raise PlanError(f"{place}: {day} is a bootstrap date, Phase 4 writes nothing; {do}.")
    return known[day]
