"""From a sketch to a picture: an SVG that stands in a page, in the page's colours and font.

Only straight lines and level text, rounded to tenths of a px, each step relative to the one before:
a calendar of a thousand cells is a few kilobytes.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from gates.text import one_line

WIDTH = 400
TEXT, SMALL = 10, 9
# Variables of the page, which are another colour by day, by night and on paper.
INKS = ("good", "warn", "bad", "none", "boot", "ink", "faint", "paper")
Box = tuple[float, float, float, float]
Stroke = tuple[float, float, float, float]
Corners = Sequence[tuple[float, float]]
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Picture:
    """A picture for a page: plain `title` and `text`, and `svg` to put into HTML as it is.

    `text` says what the picture shows, with the exact counts; the svg has it as its description.
    It is `about` a stage or the backfill. One that is not `printed` shows what the page's table
    has.
    """

    title: str
    svg: str
    text: str
    about: str = ""
    printed: bool = True


@dataclass(frozen=True)
class Sketch:
    """A picture before it is drawn: `height` in px, and what draws it on an empty canvas.

    `about` is the stage whose counts it shows, or the backfill.
    """

    title: str
    text: str
    height: float
    draw: Callable[["Canvas"], None]
    about: str
    printed: bool = True


def drawn(sketches: Sequence[Sketch]) -> list[Picture]:
    """The pictures, with ids that are unique among them; the same sketches give the same bytes."""
    return [
        Picture(
            sketch.title,
            Canvas(sketch, f"picture-{number}").svg(),
            sketch.text,
            sketch.about,
            sketch.printed,
        )
        for number, sketch in enumerate(sketches, 1)
    ]


class Canvas:
    """The whole of a picture, in px from its upper left corner; what looks alike is one group."""

    def __init__(self, sketch: Sketch, prefix: str) -> None:
        self.height = sketch.height
        self._root = ElementTree.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {WIDTH} {sketch.height:g}",
                "width": "100%",
                "role": "img",
                "aria-labelledby": f"{prefix}-title {prefix}-text",
                "font-family": "sans-serif",
            },
        )
        for tag, of, said in (("title", "title", sketch.title), ("desc", "text", sketch.text)):
            ElementTree.SubElement(self._root, tag, {"id": f"{prefix}-{of}"}).text = in_xml(said)
        self._group = self._root
        sketch.draw(self)

    def svg(self) -> str:
        """The <svg> element."""
        return ElementTree.tostring(self._root, encoding="unicode")

    def write(
        self,
        x: float,
        y: float,
        text: str,
        ink: str = "ink",
        *,
        size: int = TEXT,
        bold: bool = False,
        anchor: str = "start",
    ) -> None:
        """One line of text, whoever wrote it, with its baseline at y."""
        look = {"fill": _variable(ink), "font-size": f"{size}px"}
        look |= {"font-weight": "bold"} if bold else {}
        look |= {"text-anchor": anchor} if anchor != "start" else {}
        place = {"x": _number(_tenths(x)), "y": _number(_tenths(y))}
        self._add(look, "text", place).text = in_xml(one_line(text))

    def boxes(self, places: Iterable[Box], ink: str, line: float | None = None) -> None:
        """Boxes (x, y, width, height) as one path: filled, or outlines of `line` px."""
        corners = [
            [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)]
            for x, y, wide, high in places
        ]
        self.shapes(corners, ink, line)

    def shapes(self, corners: Iterable[Corners], ink: str, line: float | None = None) -> None:
        """Closed shapes as one path: filled, or outlines of `line` px."""
        look = {"fill": _variable(ink)} if line is None else _stroked(ink, line)
        self._path(look, corners, "z")

    def strokes(self, lines: Iterable[Stroke], ink: str, width: float = 1) -> None:
        """Straight lines (from x, y to x, y) as one path of `width` px."""
        self._path(_stroked(ink, width), ([line[:2], line[2:]] for line in lines), "")

    def _path(self, look: dict[str, str], corners: Iterable[Corners], end: str) -> None:
        if steps := _steps(corners, end):
            self._add(look, "path", {"d": steps})

    def _add(self, look: dict[str, str], tag: str, found: dict[str, str]) -> ElementTree.Element:
        if self._group.attrib != look:
            self._group = ElementTree.SubElement(self._root, "g", look)
        return ElementTree.SubElement(self._group, tag, found)


@dataclass(frozen=True)
class Panel:
    """A part of a canvas (px from its upper left corner) with scales: values from `x` and `y` fit.

    Both are (least, most); the least y stands at the bottom.
    """

    canvas: Canvas
    left: float
    top: float
    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]

    def across(self, value: float) -> float:
        """Where a value stands, in px of the canvas."""
        least, most = self.x
        return self.left + self.width * (value - least) / (most - least)

    def down(self, value: float) -> float:
        """The same of its height."""
        least, most = self.y
        return self.top + self.height * (most - value) / (most - least)

    def columns(self, values: Iterable[tuple[float, float]], ink: str, wide: float = 0.7) -> None:
        """Bars from 0 up to `value`, each `wide` around the x it stands at, as one path."""
        self.canvas.boxes(
            (
                (
                    self.across(at - wide / 2),
                    self.down(value),
                    self.across(at + wide / 2) - self.across(at - wide / 2),
                    self.down(0) - self.down(value),
                )
                for at, value in values
            ),
            ink,
        )

    def ground(self) -> None:
        """The line that the bars stand on."""
        self._level(self.y[0], "faint", 0.8)

    def level(self, value: float) -> None:
        """A line across, at a value."""
        self._level(value, "ink", 1)

    def name(self, value: float, text: str) -> None:
        """Name a value, to the left of the panel."""
        self.canvas.write(self.left - 3, self.down(value) + 3.5, text, anchor="end")

    def mark(self, at: float, value: float, text: str) -> None:
        """Write over the bar at `at`."""
        self.canvas.write(self.across(at), self.down(value), text, size=SMALL, anchor="middle")

    def name_bars(self, names: Sequence[str], parts: Sequence[str], most: int) -> Sequence[int]:
        """Name the bars at 0, 1, ... below, and each part of them once; `most` names fit.

        The places that were named.
        """
        shown, bottom = range(0, len(names), math.ceil(len(names) / most)), self.top + self.height
        first = {parts[at]: at for at in reversed(shown)}
        below = [(at, names[at], 12) for at in shown]
        below += [(at, part, 26) for part, at in first.items()]
        for at, text, gap in below:
            place = self.across(at), bottom + gap
            self.canvas.write(*place, text, size=SMALL, anchor="middle")
        return shown

    def _level(self, value: float, ink: str, line: float) -> None:
        y = self.down(value)
        self.canvas.strokes([(self.left, y, self.left + self.width, y)], ink, line)


def in_xml(text: str) -> str:
    """The text with a sign in the place of each character that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)


def _variable(ink: str) -> str:
    if ink not in INKS:
        raise ValueError(f"{ink!r} is not a colour of the page, expected one of {', '.join(INKS)}.")
    return f"var(--{ink})"


def _stroked(ink: str, width: float) -> dict[str, str]:
    return {"fill": "none", "stroke": _variable(ink), "stroke-width": f"{width:g}"}


def _steps(corners: Iterable[Corners], end: str) -> str:
    """The data of a path: each shape from its first corner on, relative, in tenths of a px."""
    found, at_x, at_y = list[str](), 0, 0
    for shape in corners:
        start, *others = [(_tenths(x), _tenths(y)) for x, y in shape]
        found.append(f"m{_number(start[0] - at_x)} {_number(start[1] - at_y)}")
        at_x, at_y = start
        for x, y in others:
            found.append(_step(x - at_x, y - at_y))
            at_x, at_y = x, y
        if end:
            found.append(end)
            at_x, at_y = start
    return "".join(found)


def _step(x: int, y: int) -> str:
    if y == 0:
        return f"h{_number(x)}"
    return f"v{_number(y)}" if x == 0 else f"l{_number(x)} {_number(y)}"


def _tenths(px: float) -> int:
    return round(px * 10)


def _number(tenths: int) -> str:
    return f"{tenths / 10:g}"
