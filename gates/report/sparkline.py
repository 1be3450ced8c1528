"""A gate's last runs as a line of a few pixels: inline SVG, no script, with its text."""

from collections.abc import Sequence

from markupsafe import Markup

from gates.decide.history import GateResult, same
from gates.decide.status import Status

# The size in report.css.
WIDTH, HEIGHT, EDGE = 84, 20, 3


def text(points: Sequence[GateResult]) -> str:
    """20 runs: 18 pass, 2 fail."""
    statuses = [point.status for point in points]
    counts = [f"{statuses.count(each)} {each.word}" for each in dict.fromkeys(statuses)]
    return f"last {len(points)} runs: {', '.join(counts)}"


def sparkline(points: Sequence[GateResult]) -> Markup:
    """Oldest on the left: a line through what was measured, a mark at each run that is not a pass.

    Its height is the range of the values; empty where there is only one run to show.
    """
    if len(points) < 2:
        return Markup("")
    places = list(zip(_across(len(points)), _heights(points), strict=True))
    marked = zip(places, points, strict=True)
    kinds = [
        (_kind(point), _mark(x, y)) for (x, y), point in marked if point.status is not Status.PASS
    ]
    marks = Markup("").join(
        Markup('<path class="{}" d="{}"/>').format(kind, "".join(d for k, d in kinds if k == kind))
        for kind in dict.fromkeys(kind for kind, _ in kinds)
    )
    return Markup('<svg class="spark" role="img" aria-label="{}"><path d="{}"/>{}</svg>').format(
        text(points), _path(places), marks
    )


def _across(number: int) -> list[int]:
    step = (WIDTH - 2 * EDGE) / (number - 1)
    return [round(EDGE + step * place) for place in range(number)]


def _heights(points: Sequence[GateResult]) -> list[int | None]:
    """From the top; None where nothing was measured, the middle where nothing has changed."""
    values = [point.measured for point in points if point.measured is not None]
    low, high = (min(values), max(values)) if values else (0, 0)
    if same(low, high):
        return [None if point.measured is None else HEIGHT // 2 for point in points]
    scale = (HEIGHT - 2 * EDGE) / (high - low)
    return [
        None if point.measured is None else round(HEIGHT - EDGE - (point.measured - low) * scale)
        for point in points
    ]


def _path(places: Sequence[tuple[int, int | None]]) -> str:
    """A gap where nothing was measured; of a level stretch its ends."""
    words, pen = [], "M"
    heights = [None, *(y for _, y in places), None]
    for place, (x, y) in enumerate(places, start=1):
        if y is None:
            pen = "M"
        elif not heights[place - 1] == y == heights[place + 1]:
            # A value between two gaps is a dot.
            words.append(f"{pen}{x} {y}" + ("h0" if pen == "M" else ""))
            pen = "L"
    return "".join(words)


def _kind(point: GateResult) -> str:
    """What a mark says: nothing was measured, or it did not hold, or that was waived."""
    if point.measured is None:
        return "unknown"
    return "waived" if point.status is Status.WAIVED else "bad"


def _mark(x: int, y: int | None) -> str:
    """A block on the line; where nothing was measured at the foot."""
    return f"M{x - 2} {HEIGHT - EDGE if y is None else y}h4"
