"""Every gate as a bar: how far it is inside or outside its threshold, relative to the threshold."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from gates.decide.record import Entry
from gates.decide.status import Status
from gates.report.pictures.canvas import SMALL, WIDTH, Canvas, Sketch

MOST = 10.0  # %, where a bar is cut
HEAD, LINE = 30, 14
ZERO, HALF = 245, 46  # px: where the threshold stands, from there to the cut
MOST_NAMED = 10
COMPARISONS = {">=": "≥", "<=": "≤", "between": ""}


@dataclass(frozen=True)
class Bar:
    """A gate's line: `percent` is its margin, in % of the threshold; None without a measurement."""

    group: str
    name: str
    outcome: Status
    percent: float | None
    text: str


def of_margins(gates: Sequence[Entry]) -> Iterator[Sketch]:
    """A sketch per stage, with the stage's gates in the order of the record."""
    for stage, found in groupby(gates, key=lambda gate: gate.stage):
        entries = list(found)
        bars = [_bar(gate) for gate in entries]
        heads = len(list(groupby(bars, key=lambda bar: bar.group)))
        gates_ = "1 gate" if len(bars) == 1 else f"{len(bars):,} gates"
        yield Sketch(
            f"Margins of {stage}: {gates_}",
            _text(stage, gates_, entries),
            HEAD + LINE * (len(bars) + heads) + 4,
            partial(_draw, bars),
            stage,
            printed=False,
        )


def _bar(gate: Entry) -> Bar:
    place, _, which = gate.id.removeprefix(f"{gate.stage}.").partition("[")
    source, _, measure = place.partition(".")
    return Bar(
        group=place if which else source,
        name=which.removesuffix("]") or measure,
        outcome=gate.status.shown(gate.severity),
        percent=_percent(gate),
        text=_measured(gate),
    )


def _percent(gate: Entry) -> float | None:
    if gate.margin is None:
        return None
    margin, threshold = float(gate.margin), gate.threshold
    if whole := abs(float(threshold[-1] if isinstance(threshold, list) else threshold)):
        return 100 * margin / whole
    # Of a threshold of 0 there are no per cent: whatever is there is cut.
    return math.copysign(math.inf, margin) if margin else 0.0


def _measured(gate: Entry) -> str:
    if gate.measured is None:
        return Status.NOT_EVALUATED.word
    threshold, unit = gate.threshold, "%" if gate.unit == "%" else ""
    bounds = threshold if isinstance(threshold, list) else [threshold]
    asked = " to ".join(_number(each) for each in bounds)
    sign = COMPARISONS.get(gate.comparison, gate.comparison)
    return f"{_number(gate.measured, bounds)}{unit} ({f'{sign} {asked}'.strip()}{unit})"


def _number(value: float, beside: Sequence[float] = ()) -> str:
    """With up to two decimals, and more where it would read as one of `beside` without being it."""
    for digits in range(2, 12):
        if value in beside or round(value, digits) not in beside:
            break
    shown = f"{value:,.{digits}f}"
    return shown.rstrip("0").rstrip(".")


def _text(stage: str, gates_: str, entries: Sequence[Entry]) -> str:
    statuses = [gate.status for gate in entries]
    counts = ", ".join(
        f"{statuses.count(status):,} {status.word}"
        for status in reversed(Status)
        if status in statuses
    )
    others = [gate for gate in entries if gate.status is not Status.PASS]
    named = ", ".join(f"{gate.id} {_measured(gate)}" for gate in others[:MOST_NAMED])
    more = f" and {len(others) - MOST_NAMED:,} more" if len(others) > MOST_NAMED else ""
    close = [gate for gate in entries if gate.status is Status.PASS and gate.margin]
    closest = min(close, key=lambda gate: _percent(gate) or 0.0, default=None)
    return " ".join(
        [
            f"{stage}: {gates_}: {counts}.",
            *([f"Not passed: {named}{more}."] if others else []),
            *([f"Closest: {closest.id} {_measured(closest)}."] if closest else []),
        ]
    )


def _draw(bars: Sequence[Bar], canvas: Canvas) -> None:
    _scale(canvas)
    y, places = float(HEAD), list[tuple[float, Bar]]()
    for group, found in groupby(bars, key=lambda bar: bar.group):
        canvas.write(0, y + 10, group, bold=True)
        for bar in found:
            y += LINE
            places.append((y, bar))
        y += LINE
    for y, bar in places:
        canvas.write(1, y + 10, bar.outcome.plain, bar.outcome.ink, bold=True)
    for y, bar in places:
        canvas.write(14, y + 10, bar.name)
    for y, bar in places:
        canvas.write(WIDTH, y + 10, bar.text, anchor="end", size=SMALL)
    for ink in ("good", "warn", "bad", "none"):
        _bars(canvas, [(y, bar) for y, bar in places if bar.outcome.ink == ink], ink)


def _scale(canvas: Canvas) -> None:
    for x, text in ((-HALF, f"-{MOST:g}%"), (0, "0"), (HALF, f"+{MOST:g}%")):
        canvas.write(ZERO + x, HEAD - 4, text, anchor="middle", size=SMALL)
    canvas.write(ZERO - 6, 10, "outside", anchor="end", size=SMALL)
    canvas.write(ZERO, 10, "|", anchor="middle", size=SMALL)
    canvas.write(ZERO + 6, 10, "inside the threshold", size=SMALL)
    canvas.strokes([(ZERO, HEAD, ZERO, canvas.height)], "ink")
    cuts = [(ZERO + side, HEAD, ZERO + side, canvas.height) for side in (-HALF, HALF)]
    canvas.strokes(cuts, "faint", 0.5)


def _bars(canvas: Canvas, places: Sequence[tuple[float, Bar]], ink: str) -> None:
    """Filled, a square where there is no margin; cut ones end in a point; the rest are empty."""
    filled, empty, points = [], [], []
    for y, bar in places:
        if bar.percent is None:
            empty.append((ZERO - 10.0, y + 3.5, 20.0, 7.0))
        elif not bar.percent:
            filled.append((ZERO - 2.5, y + 4.5, 5.0, 5.0))
        else:
            side = math.copysign(1, bar.percent)
            wide = max(1.5, HALF * min(MOST, abs(bar.percent)) / MOST)
            filled.append((ZERO, y + 3, side * wide, 8.0))
            if abs(bar.percent) > MOST:
                end = ZERO + side * wide
                points.append([(end, y + 2), (end + side * 7, y + 7), (end, y + 12)])
    canvas.boxes(filled, ink)
    canvas.shapes(points, ink)
    canvas.boxes(empty, ink, line=1)
