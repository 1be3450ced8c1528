"""From a sketch to a picture: matplotlib draws, the page's style sheet gives the colours."""

import io
import logging
import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gates.report.pictures.svg import for_page
from gates.text import one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 400
TEXT = 10
Box = tuple[float, float, float, float]
Stroke = tuple[float, float, float, float]

# What is drawn with a colour on the right gets the variable --<name> of the page, which is another
# colour by day, by night and on paper. Those that stand here are never seen.
PLACEHOLDERS = {
    "good": "#00a001",
    "warn": "#00a002",
    "bad": "#00a003",
    "none": "#00a004",
    "boot": "#00a005",
    "ink": "#00a006",
    "faint": "#00a007",
    "paper": "#00a008",
}
_INK, _FAINT = PLACEHOLDERS["ink"], PLACEHOLDERS["faint"]
_STYLE: Any = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "gates",
    "text.parse_math": False,  # a dollar sign is a dollar sign
    "path.simplify": False,
    "font.size": TEXT,
    "text.color": _INK,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.edgecolor": _FAINT,
    "axes.axisbelow": True,
    **{f"axes.spines.{side}": False for side in ("left", "right", "top")},
    **{f"{axis}.labelcolor": _INK for axis in ("xtick", "ytick")},
    **{f"{axis}.{size}.size": 0 for axis in ("xtick", "ytick") for size in ("major", "minor")},
}


@dataclass(frozen=True)
class Picture:
    """A picture for a page: plain `title` and `text`, and `svg` to put into HTML as it is.

    `text` says what the picture shows, with the exact counts; the svg has it as its description.
    """

    title: str
    svg: str
    text: str


@dataclass(frozen=True)
class Sketch:
    """A picture before it is drawn: `height` in px, and what draws it on an empty figure."""

    title: str
    text: str
    height: float
    draw: Callable[["Figure"], None]


def prepare() -> None:
    """Import what draws, which takes a third of a second, while there is something to wait for."""
    # Says on stderr, otherwise, that a home is read-only or that its list of fonts is being made.
    logging.getLogger("matplotlib").addHandler(logging.NullHandler())
    import matplotlib.backends.backend_svg
    import matplotlib.figure  # noqa: F401


def drawn(sketches: Sequence[Sketch]) -> list[Picture]:
    """The pictures, with ids that are unique among them; the same sketches give the same bytes."""
    if not sketches:
        return []
    prepare()
    import matplotlib

    with matplotlib.rc_context(), warnings.catch_warnings():
        # A user's own matplotlibrc must not change the report.
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        # What the library's font does not have is drawn by the reader's.
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font")
        return [_drawn(sketch, number) for number, sketch in enumerate(sketches, 1)]


def _drawn(sketch: Sketch, number: int) -> Picture:
    from matplotlib.figure import Figure

    # At 72 dots an inch a point is a unit of the SVG.
    figure = Figure(figsize=(WIDTH / 72, sketch.height / 72), dpi=72)
    sketch.draw(figure)
    file = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(file, format="svg", metadata=nothing)
    variables = {colour: f"var(--{name})" for name, colour in PLACEHOLDERS.items()}
    svg = for_page(file.getvalue(), variables, f"picture-{number}", sketch.title, sketch.text)
    return Picture(sketch.title, svg, sketch.text)


def sheet(figure: "Figure") -> "Axes":
    """The whole figure, in px from its upper left corner."""
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set(xlim=(0, WIDTH), ylim=(figure.get_figheight() * 72, 0))
    return axes


def panel(figure: "Figure", left: float, top: float, width: float, height: float) -> "Axes":
    """Axes at this place of the figure, in px from its upper left corner."""
    full = figure.get_figheight() * 72
    return figure.add_axes((left / WIDTH, 1 - (top + height) / full, width / WIDTH, height / full))


def write(axes: "Axes", x: float, y: float, text: str, ink: str = "ink", **more: Any) -> None:
    """One line of text, whoever wrote it, with its baseline at y; `more` is matplotlib's."""
    axes.text(x, y, one_line(text), color=PLACEHOLDERS[ink], **more)


def boxes(axes: "Axes", places: Iterable[Box], ink: str, line: float | None = None) -> None:
    """Boxes (x, y, width, height) as one path: filled, or outlines of `line` px."""
    corners = [
        [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high), (x, y)]
        for x, y, wide, high in places
    ]
    shapes(axes, corners, ink, line)


def shapes(
    axes: "Axes",
    corners: Iterable[Sequence[tuple[float, float]]],
    ink: str,
    line: float | None = None,
) -> None:
    """Closed shapes as one path; the last corner of each is its first one again."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    paths = [Path(each, closed=True) for each in corners]
    if paths:
        colour = PLACEHOLDERS[ink]
        look = {"fc": colour, "lw": 0} if line is None else {"fc": "none", "ec": colour, "lw": line}
        axes.add_patch(PathPatch(Path.make_compound_path(*paths), **look))


def strokes(axes: "Axes", lines: Iterable[Stroke], ink: str, width: float = 1) -> None:
    """Straight lines (from x, y to x, y) as one path of `width` px."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    paths = [Path([(x, y), (to_x, to_y)]) for x, y, to_x, to_y in lines]
    if paths:
        path = Path.make_compound_path(*paths)
        axes.add_patch(PathPatch(path, fc="none", ec=PLACEHOLDERS[ink], lw=width))


def below_bars(
    axes: "Axes", names: Sequence[str], parts: Sequence[str], most: int
) -> Sequence[int]:
    """Name the bars at 0, 1, ... below the axes, and each part of them once; `most` names fit.

    The places that were named.
    """
    shown = range(0, len(names), math.ceil(len(names) / most))
    axes.set_xticks([])
    look: dict[str, Any] = {"ha": "center", "size": 9, "transform": axes.get_xaxis_transform()}
    for at in shown:
        write(axes, at, -12 / axes.bbox.height, names[at], **look)
    for part, at in {parts[at]: at for at in reversed(shown)}.items():
        write(axes, at, -26 / axes.bbox.height, part, **look)
    return shown
