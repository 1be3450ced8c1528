"""What a gate that does not hold shows in the page: its worst dates or its first keys.

They are those of the record: the keys that its measure named, or the counts over time. More of them
are behind `make diagnose`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter

from gates.decide.record_series import Series
from gates.decide.sentence import threshold_words
from gates.decide.verdict import Verdict
from gates.report.text_table import Table

MOST = 10
PLAYERS = "phase2.player_game_summary"
# Gates over the rows of dates or months -> the column of the series that they judge.
DATES_OF_VALUES = {
    f"{PLAYERS}.usage_rate": "usage_rate",
    f"{PLAYERS}.minutes_played": "minutes_played",
    "phase2.player_games.usage_given_team": "usage_rate",
    "phase2.player_share_values.worst_date_usage": "usage_rate",
    "phase2.player_share_values.worst_date_minutes": "minutes_played",
}
MONTHS_OF_VALUES = {f"{PLAYERS}.shot_zones": "paint_attempts"}
# Measures that a date lowers which lacks games.
OF_GAMES = ("game_count", "record_count", "coverage")
# Before these nothing need be there in the first days of a season.
AFTER_BOOTSTRAP = ("preflight", "phase4")
# The schedule has no calendar of its own; its gates' dates are not of a table.
SCHEDULE = "full_schedule"
# A date as text, or as a game's id begins with.
_DATE = re.compile(r"(?<!\d)(\d{4})-?(\d\d)-?(\d\d)(?!\d)")


@dataclass(frozen=True)
class Part:
    """A date, month or key; `share` is how much of it is there, for what is sorted by that."""

    key: str
    found: str = ""
    expected: str = ""
    share: float = 0.0


def worst(verdict: Verdict, series: Series) -> Table | None:
    """The parts that are worst, at most ten, worst first.

    None where the record names none, or keys alone, which the sentence has.
    """
    parts = parts_of(verdict, series)
    if not any(each.found or each.expected for each in parts):
        return None
    return Table(
        _title(verdict, parts),
        ["Date or key", "Found", "Expected"],
        [[each.key, each.found, each.expected] for each in parts[:MOST]],
    )


def _title(verdict: Verdict, parts: Sequence[Part]) -> str:
    """How many of how many these are: a count has counted more keys than it names."""
    is_count = verdict.failing is not None and verdict.denominator is None
    shown, of = min(MOST, len(parts)), int(verdict.numerator or 0) if is_count else len(parts)
    which = "first" if is_count else "worst"
    if of <= shown:
        return f"The {which}" if shown == 1 else f"All {shown}, the {which} on top"
    return f"The {which} {shown} of {of:,}" if shown > 1 else f"The {which} of {of:,}"


def dates(verdicts: Iterable[Verdict], series: Series) -> dict[str, set[str]]:
    """ "<stage>.<table>" -> the dates that gates which do not hold show of it, as ISO text."""
    found: dict[str, set[str]] = {}
    for verdict in verdicts:
        if verdict.measured is None or verdict or verdict.gate.source == SCHEDULE:
            continue
        for part in parts_of(verdict, series)[:MOST]:
            if place := _place(verdict, part, series):
                found.setdefault(place, set()).update(_dates_in(part.key))
    return found


def parts_of(verdict: Verdict, series: Series) -> list[Part]:
    """All parts that are known of a gate that does not hold; empty for one that does."""
    if verdict or verdict.measured is None:
        return []
    gate = verdict.gate
    if found := sorted(_over_time(verdict, series), key=attrgetter("share", "key")):
        return found
    asked = threshold_words(gate)
    return [
        Part(
            each["key"],
            each.get("found", ""),
            each.get("expected", "") or (asked if "found" in each else ""),
        )
        for each in verdict.failing or ()
    ]


def _over_time(verdict: Verdict, series: Series) -> Iterator[Part]:
    gate = verdict.gate
    place = f"{gate.stage}.{gate.source}"
    if column := DATES_OF_VALUES.get(gate.id):
        yield from _values(verdict, column, series)
    elif column := MONTHS_OF_VALUES.get(gate.id):
        for month in series.months.get(place, ()):
            lacking = getattr(month, column)
            if lacking:
                yield _part(verdict, month.month, month.rows - lacking, month.rows)
    elif gate.source == "phase3_coverage":
        yield from _games(f"{gate.stage}.{gate.measure}", series)
    elif gate.measure in OF_GAMES:
        yield from _games(place, series)


def _values(verdict: Verdict, column: str, series: Series) -> Iterator[Part]:
    for day in series.filled.get(PLAYERS, ()):
        found, due = getattr(day, column), getattr(day, f"{column}_due")
        if found < due:
            yield _part(verdict, day.game_date, found, due)


def _part(verdict: Verdict, key: str, found: int, due: int) -> Part:
    rows, asked = f"{found:,} of {due:,} rows", threshold_words(verdict.gate)
    return Part(key, f"{rows} ({100 * found / due:.1f}%)", asked, found / due)


def _games(place: str, series: Series) -> Iterator[Part]:
    waits = set(series.bootstrap if place.startswith(AFTER_BOOTSTRAP) else ())
    several = f"{days:,} days from " if (days := series.days_each.get(place, 1)) > 1 else ""
    for day, (held, due) in series.dates.get(place, {}).items():
        if held < due and not waits.issuperset(series.dates_of(place, day)):
            yield Part(f"{several}{day}", f"{held:,} games", f"{due:,} games", held / due)


def _place(verdict: Verdict, part: Part, series: Series) -> str | None:
    """The calendar that a part belongs to: the only one of its stage, or of the table it names."""
    stage = verdict.gate.stage
    places = [each for each in series.dates if each.startswith(f"{stage}.")]
    if len(places) == 1:
        return places[0]
    said = f"{verdict.gate.id} {part.key}"
    named = [each for each in places if each.partition(".")[2] in said]
    return max(named, key=said.rfind, default=None) if named else None


def _dates_in(key: str) -> Iterator[str]:
    for found in _DATE.findall(key):
        try:
            yield date(*map(int, found)).isoformat()
        except ValueError:
            # The keys of malformed ids look like dates too.
            continue
