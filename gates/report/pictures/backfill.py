"""What summary.json of the Phase 4 backfill says: dates per hour, seconds per date, failures."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median

from gates.measure.failure import Kind, grouped, sentence
from gates.measure.summary import Date, Summary
from gates.report.pictures.canvas import SMALL, WIDTH, Canvas, Panel, Sketch
from gates.text import one_line

BACKFILL = "backfill"
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
        BACKFILL,
    )


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _draw_hours(
    hours: Sequence[datetime], counts: Sequence[int], text: str, canvas: Canvas
) -> None:
    canvas.write(0, 10, text, size=SMALL)
    # One hour alone is no bar as wide as the picture.
    across = (-0.5, max(len(hours), 8) - 0.5)
    panel = Panel(canvas, 4, 30, WIDTH - 8, HIGH - 60, across, (0, max(counts)))
    panel.columns(enumerate(counts), "good")
    panel.ground()
    names = [f"{hour:%H:00}" for hour in hours]
    for at in panel.name_bars(names, [f"{hour:%m-%d}" for hour in hours], most=9):
        panel.mark(at, counts[at] + max(counts) / 40, f"{counts[at]:,}")


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
        BACKFILL,
    )


def _draw_dates(took: Sequence[tuple[Date, float]], text: str, canvas: Canvas) -> None:
    canvas.write(0, 10, text, size=SMALL)
    canvas.write(44, HIGH - 8, took[0][0].date, size=SMALL)
    if len(took) > 1:
        canvas.write(WIDTH, HIGH - 8, took[-1][0].date, size=SMALL, anchor="end")
    seconds = [lasted for _, lasted in took]
    middle, highest = median(seconds), max(*seconds, 0.001)
    across = (-0.5, max(len(took), 8) - 0.5)
    panel = Panel(canvas, 44, 30, WIDTH - 44, HIGH - 52, across, (0, highest * 1.1))
    for value in (0, middle, highest) if highest > 1.3 * middle else (0, middle):
        panel.name(value, f"{value:,.3g} s")
    for status, ink in (("complete", "good"), ("pending", "none"), ("failed", "bad")):
        found = [at for at, (day, _) in enumerate(took) if day.status == status]
        # A stroke takes half the bytes of a box, and there may be a thousand.
        bars = [
            (panel.across(at), panel.down(0), panel.across(at), panel.down(seconds[at]))
            for at in found
        ]
        canvas.strokes(bars, ink, 0.8 * panel.width / (across[1] - across[0]))
        free = 0.0
        for at in found if status == "failed" else ():
            # A sign for each would be a black band.
            if panel.across(at) >= free:
                panel.mark(at, highest * 1.04, "✗")
                free = panel.across(at) + SMALL
    panel.ground()
    panel.level(middle)


def _failures(dates: Dates) -> Iterator[Sketch]:
    failed = [each.failures for each in dates if each.status == "failed"]
    if not failed:
        return
    kinds = grouped((failures, 1) for failures in failed)
    shown = [(_reason(like), count) for like, count in kinds[:MOST_REASONS]]
    if rest := len(failed) - sum(count for _, count in shown):
        shown.append((f"other reasons ({len(kinds) - len(shown)})", rest))
    listed = "; ".join(f"{count:,} × {reason}" for reason, count in shown)
    yield Sketch(
        "Backfill: failures by reason",
        f"{len(failed):,} of {len(dates):,} dates failed: {listed}.",
        32 * len(shown) + 4,
        partial(_draw_reasons, shown),
        BACKFILL,
    )


def _reason(like: Kind) -> str:
    """Why dates failed alike, as long as fits."""
    return one_line(sentence(like) or "no reason was noted", CHARACTERS)


def _draw_reasons(shown: Sequence[tuple[str, int]], canvas: Canvas) -> None:
    most = max(count for _, count in shown)
    for row, (reason, count) in enumerate(shown):
        y, wide = 32 * row, (WIDTH - 60) * count / most
        canvas.write(0, y + 11, reason)
        canvas.boxes([(0, y + 15, wide, 11)], "bad")
        canvas.write(wide + 5, y + 24, f"✗ {count:,}")
