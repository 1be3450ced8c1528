"""What summary.json of the Phase 4 backfill says: dates per hour, seconds per date, failures."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from gates.measure.summary import Date, Summary
from gates.report.pictures.canvas import (
    PLACEHOLDERS,
    WIDTH,
    Sketch,
    below_bars,
    boxes,
    panel,
    sheet,
    strokes,
    write,
)
from gates.text import one_line

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HOUR = timedelta(hours=1)
MOST_HOURS, MOST_REASONS = 48, 8
HIGH = 150
CHARACTERS = 64
Dates = Sequence[Date]


def of_backfill(summary: Summary) -> Iterator[Sketch]:
    """Sketches of the planned dates; a picture that nothing is known for is left out."""
    dates = summary.dates
    yield from _per_hour(dates)
    yield from _per_date(dates)
    yield from _failures(dates)


def _per_hour(dates: Dates) -> Iterator[Sketch]:
    ends = sorted(
        each.finished_at.astimezone(UTC)
        for each in dates
        if each.status == "complete" and each.finished_at
    )
    if not ends:
        return
    done = Counter(end.replace(minute=0, second=0, microsecond=0) for end in ends)
    hours = int((max(done) - min(done)) / HOUR) + 1
    every = [min(done) + HOUR * n for n in range(hours)] if hours <= MOST_HOURS else sorted(done)
    counts = [done[hour] for hour in every]
    text = f"{len(ends):,} dates were completed from {_when(ends[0])} to {_when(ends[-1])} UTC"
    listed = ", ".join(f"{_when(hour)} {done[hour]:,}" for hour in sorted(done)[:MOST_HOURS])
    gaps = "" if hours <= MOST_HOURS else " Hours without one are left out."
    yield Sketch(
        "Backfill: dates completed per hour",
        f"{text}; per hour: {listed}.{gaps}",
        HIGH,
        partial(_draw_hours, every, counts, f"{text}."),
    )


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _draw_hours(
    hours: Sequence[datetime], counts: Sequence[int], text: str, figure: "Figure"
) -> None:
    write(sheet(figure), 0, 10, text, size=9)
    axes = panel(figure, 4, 30, WIDTH - 8, HIGH - 60)
    axes.bar(range(len(hours)), counts, 0.7, color=PLACEHOLDERS["good"])
    # One hour alone is no bar as wide as the picture.
    axes.set(xlim=(-0.5, max(len(hours), 8) - 0.5), ylim=(0, max(counts)), yticks=[])
    names = [f"{hour:%H:00}" for hour in hours]
    for at in below_bars(axes, names, [f"{hour:%m-%d}" for hour in hours], most=9):
        write(axes, at, counts[at] + max(counts) / 40, f"{counts[at]:,}", ha="center", size=9)


def _per_date(dates: Dates) -> Iterator[Sketch]:
    took = [(each, each.elapsed_s) for each in dates if each.elapsed_s is not None]
    if not took:
        return
    seconds = [lasted for _, lasted in took]
    longest, _ = max(took, key=lambda each: each[1])
    text = (
        f"{len(took):,} dates took {median(seconds):,.1f} s at the median, from "
        f"{min(seconds):,.1f} s to {max(seconds):,.1f} s ({longest.date})"
    )
    yield Sketch(
        "Backfill: seconds per date",
        f"The last attempt of each date, in the order of the dates: {text}.",
        HIGH,
        partial(_draw_dates, took, f"{text}."),
    )


def _draw_dates(took: Sequence[tuple[Date, float]], text: str, figure: "Figure") -> None:
    words = sheet(figure)
    write(words, 0, 10, text, size=9)
    write(words, 44, HIGH - 8, took[0][0].date, size=9)
    if len(took) > 1:
        write(words, WIDTH, HIGH - 8, took[-1][0].date, ha="right", size=9)
    seconds = [lasted for _, lasted in took]
    middle, highest = median(seconds), max(*seconds, 0.001)
    axes, places = panel(figure, 44, 30, WIDTH - 44, HIGH - 52), max(len(took), 8)
    axes.set(xlim=(-0.5, places - 0.5), ylim=(0, highest * 1.1), xticks=[])
    axes.set_yticks([0, middle, highest] if highest > 1.3 * middle else [0, middle])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.3g} s")
    for status, ink in (("complete", "good"), ("pending", "none"), ("failed", "bad")):
        bars = [(at, 0, at, seconds[at]) for at, (d, _) in enumerate(took) if d.status == status]
        strokes(axes, bars, ink, 0.8 * (WIDTH - 44) / places)
        if status == "failed":
            for at, *_ in bars:
                write(axes, at, highest * 1.04, "✗", ha="center", size=9)
    axes.axhline(middle, color=PLACEHOLDERS["ink"], lw=1)


def _failures(dates: Dates) -> Iterator[Sketch]:
    reasons = Counter(_reason(each) for each in dates if each.status == "failed")
    if not reasons:
        return
    shown = reasons.most_common(MOST_REASONS)
    if rest := reasons.total() - sum(count for _, count in shown):
        shown.append((f"other reasons ({len(reasons) - len(shown)})", rest))
    listed = "; ".join(f"{count:,} × {reason}" for reason, count in shown)
    yield Sketch(
        "Backfill: failures by reason",
        f"{reasons.total():,} of {len(dates):,} dates failed: {listed}.",
        32 * len(shown) + 4,
        partial(_draw_reasons, shown),
    )


def _reason(entry: Date) -> str:
    """The error without its figures, so that dates that failed alike are counted together."""
    said = one_line(entry.error or "")
    if not said:
        return f"HTTP {entry.http_status}" if entry.http_status else "no reason was noted"
    alike = re.sub(r"(?<!HTTP )\b\d[\d.,:-]*\b", "…", said)
    return alike if len(alike) <= CHARACTERS else alike[: CHARACTERS - 1] + "…"


def _draw_reasons(shown: Sequence[tuple[str, int]], figure: "Figure") -> None:
    axes = sheet(figure)
    most = max(count for _, count in shown)
    for row, (reason, count) in enumerate(shown):
        y, wide = 32 * row, (WIDTH - 60) * count / most
        write(axes, 0, y + 11, reason)
        boxes(axes, [(0, y + 15, wide, 11)], "bad")
        write(axes, wide + 5, y + 24, f"✗ {count:,}")
