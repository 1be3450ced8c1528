"""A calendar per table: each game date a cell, by how much of it the table holds.

Of a long window so many days together are a cell, which is called by the first of them.
"""

from calendar import month_abbr
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import groupby

from gates.config.calendar import FIRST_MONTH_OF_A_SEASON, season_year
from gates.decide.record_series import Series
from gates.report.pictures.canvas import SMALL, WIDTH, Canvas, Sketch

# px: a cell, the gap after it, where the first week stands, a season's strip, a line of the key.
CELL, GAP, LEFT, SEASON, KEY = 7, 2, 56, 86, 16
# Where several days are a cell: the cell, the strip of one row of them.
LARGE_CELL, LOW_SEASON = 16, 36
WEEK = 7
MOST_NAMED = 10
TINY = 8
# In the order of the key; what is said of a date.
KINDS = {
    "complete": "complete",
    "partial": "partial",
    "missing": "missing",
    "failing": "held, named by a gate",
    "bootstrap": "bootstrap",
    "bootstrap_held": "held in bootstrap",
    "idle": "nothing due",
    "extra": "held but not due",
}


@dataclass(frozen=True)
class Day:
    """What a table holds of a game date and what is due, both as counts of games or rows.

    Or of several days from that date on.
    """

    day: date
    held: int
    due: int
    kind: str


def of_dates(series: Series, failing: Mapping[str, Collection[str]]) -> Iterator[Sketch]:
    """A sketch per table whose dates were counted; `failing` are dates of it that gates show."""
    bootstrap = set(series.bootstrap)
    for place, dates in series.dates.items():
        stage, _, table = place.partition(".")
        each = series.days_each.get(place, 1)
        days = []
        for first, (held, due) in sorted(dates.items()):
            own = series.dates_of(place, first)
            day = _day(stage, date.fromisoformat(first), held, due, own <= bootstrap)
            days.append(_marked(day, not own.isdisjoint(failing.get(place, ()))))
        if days:
            grid = Grid.of(days, each)
            yield Sketch(
                f"Calendar of {table} ({stage})" + (f", {each} days a cell" if each > 1 else ""),
                _text(table, stage, days, each),
                grid.strip * len(grid.seasons) + KEY * len(_key_lines(days)),
                partial(_draw, days, grid),
                stage,
            )


def _day(stage: str, day: date, held: int, due: int, is_bootstrap: bool) -> Day:
    # Phase 1 and 2 are due on every date; Phase 3 need not be there on bootstrap dates, and
    # Phase 4 must not.
    waits = is_bootstrap and stage in ("preflight", "phase4")
    if waits and stage == "phase4":
        kind = "extra" if held else "bootstrap"
    elif waits:
        kind = "bootstrap_held" if held >= due and held else "bootstrap"
    elif not due:
        kind = "extra" if held else "idle"
    else:
        kind = "complete" if held >= due else "partial" if held else "missing"
    return Day(day, held, due, kind)


def _marked(day: Day, is_failing: bool) -> Day:
    """A date that has all its games, and something of them does not hold."""
    is_held = day.kind in ("complete", "bootstrap_held")
    return replace(day, kind="failing") if is_held and is_failing else day


def _of(days: Sequence[Day], kind: str) -> list[Day]:
    return [each for each in days if each.kind == kind]


def _text(table: str, stage: str, days: Sequence[Day], each: int) -> str:
    counts = ", ".join(
        f"{len(found):,} {words}" for kind, words in KINDS.items() if (found := _of(days, kind))
    )
    dates = "game date" if len(days) == 1 else "game dates"
    if each > 1:
        spans = "span" if len(days) == 1 else "spans"
        dates = f"{spans} of {each} days, called by the first of them,"
    lines = [
        f"{table}, {stage}: {len(days):,} {dates} from {days[0].day} to {days[-1].day}: {counts}."
    ]
    for kind in ("missing", "partial", "failing", "extra"):
        found = _of(days, kind)
        named = ", ".join(_named(each) for each in found[:MOST_NAMED])
        more = f" and {len(found) - MOST_NAMED:,} more" if len(found) > MOST_NAMED else ""
        lines += [f"{KINDS[kind].capitalize()}: {named}{more}."] if found else []
    return " ".join(lines)


def _named(day: Day) -> str:
    return f"{day.day}" if day.kind == "failing" else f"{day.day} ({day.held:,} of {day.due:,})"


@dataclass(frozen=True)
class Grid:
    """Where a date stands: a strip per season, weeks across, weekdays down; px."""

    seasons: list[int]
    first_week: int
    cell: int
    weeks: int  # of a cell, in a strip of one row; 0 where it is of a date

    @classmethod
    def of(cls, days: Sequence[Day], each: int) -> "Grid":
        """The grid in which every one of `days` has a place, `each` days a cell."""
        weeks, several = [_week(day.day) for day in days], each // WEEK
        # A season that goes on into the summer has smaller cells.
        columns = (max(weeks) - min(weeks)) // max(several, 1) + 1
        cell = min(LARGE_CELL if several else CELL, (WIDTH - LEFT) // columns - GAP)
        return cls(sorted({season_year(day.day) for day in days}), min(weeks), cell, several)

    @property
    def strip(self) -> int:
        """How high a season is."""
        return LOW_SEASON if self.weeks else SEASON

    def top(self, season: int, weekday: int = 0) -> float:
        """The upper edge of a weekday's cells, Monday's being 0."""
        return self.strip * self.seasons.index(season) + 12 + (self.cell + GAP) * weekday

    def place(self, day: date) -> tuple[float, float]:
        """The upper left corner of a date's cell."""
        column = (_week(day) - self.first_week) // max(self.weeks, 1)
        weekday = 0 if self.weeks else day.weekday()
        return LEFT + (self.cell + GAP) * column, self.top(season_year(day), weekday)


def _week(day: date) -> int:
    """Weeks, from Monday on, since the one in which the season's October begins."""
    october = date(season_year(day), FIRST_MONTH_OF_A_SEASON, 1)
    return ((day - october).days + october.weekday()) // 7


def _draw(days: Sequence[Day], grid: Grid, canvas: Canvas) -> None:
    for season in grid.seasons:
        _label(canvas, grid, season, [d.day for d in days if season_year(d.day) == season])
    for kind in KINDS:
        _mark(canvas, kind, [grid.place(each.day) for each in _of(days, kind)], grid.cell)
    for line, entries in enumerate(_key_lines(days)):
        _key(canvas, entries, grid.strip * len(grid.seasons) + KEY * line + 1)


def _label(canvas: Canvas, grid: Grid, season: int, found: Sequence[date]) -> None:
    canvas.write(0, grid.top(season) + 7, f"{season}-{(season + 1) % 100:02}", bold=True)
    for weekday, name in () if grid.weeks else ((1, "Tue"), (3, "Thu"), (5, "Sat")):
        canvas.write(LEFT - 5, grid.top(season, weekday) + 7, name, anchor="end", size=TINY)
    free = 0.0
    for month, days in groupby(found, key=lambda day: day.month):
        x = grid.place(next(days))[0]
        if x >= free:
            canvas.write(x, grid.top(season) - 3, month_abbr[month], size=TINY)
            free = x + 18


def _mark(canvas: Canvas, kind: str, cells: Sequence[tuple[float, float]], end: int) -> None:
    """Every kind has a shape of its own, so that it can be told without its colour."""
    if kind in ("complete", "bootstrap_held"):
        # The longest path of all: a thick stroke takes half the bytes of a box.
        canvas.strokes(((x, y + end / 2, x + end, y + end / 2) for x, y in cells), "good", end)
    if kind == "bootstrap_held":
        canvas.boxes(((x + 2, y + 2, end - 4, end - 4) for x, y in cells), "paper")
    if kind == "partial":
        half = [((x, y), (x + end, y + end), (x, y + end)) for x, y in cells]
        canvas.shapes(half, "warn")
    if kind in ("partial", "bootstrap", "extra"):
        ink = "boot" if kind == "bootstrap" else "warn"
        canvas.boxes(((x + 0.5, y + 0.5, end - 1, end - 1) for x, y in cells), ink, line=1)
    if kind == "extra":
        middle = end / 2
        canvas.boxes(((x + middle - 1, y + middle - 1, 2, 2) for x, y in cells), "warn")
    if kind == "missing":
        canvas.boxes(((x - 1, y - 1, end + 2, end + 2) for x, y in cells), "bad")
        falling = [(x + 1, y + 1, x + end - 1, y + end - 1) for x, y in cells]
        rising = [(left, low, right, high) for left, high, right, low in falling]
        canvas.strokes(falling + rising, "paper", 1.4)
    if kind == "failing":
        canvas.boxes(((x - 1, y - 1, end + 2, end + 2) for x, y in cells), "bad")
        canvas.boxes(((x + 2, y + end / 2 - 1, end - 4, 2) for x, y in cells), "paper")
    if kind == "idle":
        canvas.boxes(((x + end / 2 - 1, y + end / 2 - 1, 2, 2) for x, y in cells), "faint")


def _key_lines(days: Sequence[Day]) -> list[list[tuple[str, str]]]:
    """(kind, what is said of it) of the kinds that occur, as many to a line as fit."""
    entries = [
        (kind, f"{len(found):,} {words}")
        for kind, words in KINDS.items()
        if (found := _of(days, kind))
    ]
    return [entries[start : start + 3] for start in range(0, len(entries), 3)]


def _key(canvas: Canvas, entries: Sequence[tuple[str, str]], top: float) -> None:
    for column, (kind, words) in enumerate(entries):
        x = 133 * column
        _mark(canvas, kind, [(x, top + 2)], CELL)
        canvas.write(x + 12, top + 9.5, words, size=SMALL)
