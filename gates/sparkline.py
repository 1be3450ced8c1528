"""A gate's last runs as a line of a few pixels: inline SVG, no script, with its text."""

from collections.abc import Sequence

from markupsafe import Markup

from gates.history import Point

WIDTH, HEIGHT, EDGE = 84, 20, 3


def text(points: Sequence[Point]) -> str:
    """20 runs: 18 pass, 2 fail."""
    statuses = [point.status for point in points]
    counts = [
        f"{statuses.count(each)} {each.replace('_', ' ')}" for each in dict.fromkeys(statuses)
    ]
    return f"last {len(points)} runs: {', '.join(counts)}"


def sparkline(points: Sequence[Point]) -> Markup:
    """Oldest on the left: a line through what was measured, a mark at each run that is no pass.

    Its height is the range of the values; empty where there is only one run to show.
    """
    if len(points) < 2:
        return Markup("")
    places = list(zip(_across(len(points)), _heights(points), strict=True))
    marks = Markup("").join(_mark(x, y, p.status) for (x, y), p in zip(places, points, strict=True))
    return Markup(
        '<svg class="spark" role="img" aria-label="{}" width="{}" height="{}" viewBox="0 0 {} {}">'
        '<path d="{}"/>{}</svg>'
    ).format(text(points), WIDTH, HEIGHT, WIDTH, HEIGHT, _path(places), marks)


def _across(number: int) -> list[float]:
    step = (WIDTH - 2 * EDGE) / (number - 1)
    return [round(EDGE + step * place, 1) for place in range(number)]


def _heights(points: Sequence[Point]) -> list[float | None]:
    """From the top; None where nothing was measured, the middle where nothing has changed."""
    values = [point.measured for point in points if point.measured is not None]
    low, high = (min(values), max(values)) if values else (0, 0)
    if low == high:
        return [None if point.measured is None else HEIGHT / 2 for point in points]
    scale = (HEIGHT - 2 * EDGE) / (high - low)
    return [
        None if point.measured is None else round(HEIGHT - EDGE - (point.measured - low) * scale, 1)
        for point in points
    ]


def _path(places: Sequence[tuple[float, float | None]]) -> str:
    """A gap where nothing was measured."""
    words, pen = [], "M"
    for x, y in places:
        if y is None:
            pen = "M"
        else:
            # A value between two gaps is a dot.
            words.append(f"{pen}{x:g} {y:g}" + ("h0" if pen == "M" else ""))
            pen = "L"
    return "".join(words)


def _mark(x: float, y: float | None, status: str) -> Markup:
    """A cross for what did not hold, a small square for what was not measured."""
    if status == "pass":
        return Markup("")
    if y is None:
        return Markup('<path class="unknown" d="M{:g} {:g}h4v4h-4z"/>').format(x - 2, HEIGHT - 7)
    kind = "waived" if status == "waived" else "bad"
    return Markup('<path class="{}" d="M{:g} {:g}l4 4m0-4l-4 4"/>').format(kind, x - 2, y - 2)
