"""matplotlib's SVG made fit to stand in a page: small, accessible, without a style of its own.

Its colours become the page's, its fonts the reader's; what it says beyond paths and text goes.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

_NAMESPACE = "{http://www.w3.org/2000/svg}"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STEP = re.compile(r"([MLz])\s*(?:(-?[\d.e-]+)\s+(-?[\d.e-]+))?")
_DEFAULTS = {("text-anchor", "start"), ("stroke-linejoin", "miter"), ("stroke-dashoffset", "0")}
_NO_TURN = re.compile(r"rotate\(-?0 ")


def for_page(
    svg: str, colours: Mapping[str, str], prefix: str, title: str, description: str
) -> str:
    """An <svg> element with its title and description; `colours` maps what is drawn to what is put.

    Raises ValueError for a drawing with more than straight paths and level text.
    """
    # It is matplotlib's own output, and what others wrote is escaped in it.
    drawing = ElementTree.fromstring(printable(svg))  # noqa: S314
    root = _empty(drawing.attrib["viewBox"], prefix, title, description)
    for (_, style), alike in groupby(
        _marks(drawing), key=lambda mark: (mark.tag, mark.get("style"))
    ):
        for_all = SubElement(root, "g", _attributes(_put(style or "", colours)))
        for mark in alike:
            del mark.attrib["style"]
            for_all.append(mark)
    return ElementTree.tostring(root, encoding="unicode")


def _empty(view: str, prefix: str, title: str, description: str) -> Element:
    root = Element(
        "svg",
        {
            "xmlns": _NAMESPACE[1:-1],
            "viewBox": view,
            "width": "100%",
            "role": "img",
            "aria-labelledby": f"{prefix}-title {prefix}-text",
            "font-family": "sans-serif",
        },
    )
    SubElement(root, "title", {"id": f"{prefix}-title"}).text = printable(title)
    SubElement(root, "desc", {"id": f"{prefix}-text"}).text = printable(description)
    return root


def printable(text: str) -> str:
    """The text with a sign in the place of each character that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)


def _put(style: str, colours: Mapping[str, str]) -> str:
    for colour, put in colours.items():
        style = style.replace(colour, put)
    return style


def _attributes(style: str) -> dict[str, str]:
    """A style as attributes of SVG, which a page's Content-Security-Policy has no say in."""
    return dict(each.split(":", 1) for each in style.split(";") if each)


def _marks(drawing: Element) -> Iterator[Element]:
    """The paths and texts in their order, bare, each with its style."""
    for found in drawing.iter():
        tag = found.tag.removeprefix(_NAMESPACE)
        style = _style(found.get("style", ""))
        if tag == "path" and style != "fill:none":
            yield Element(tag, {"d": _path(found.attrib["d"]), "style": style})
        elif tag == "text":
            if not _NO_TURN.match(found.get("transform", "")):
                raise ValueError(f"The text {found.text!r} is turned, expected a level one.")
            place = {side: _number(_tenths(found.attrib[side])) for side in ("x", "y")}
            text = Element(tag, place | {"style": style})
            text.text = found.text
            yield text
        elif tag == "use":
            raise ValueError("The drawing has a marker, expected paths and text.")


def _style(style: str) -> str:
    pairs = [each.split(": ", 1) for each in style.split("; ") if each]
    return ";".join(
        f"{name}:{value}"
        for name, value in pairs
        if name != "font-family" and (name, value) not in _DEFAULTS
    )


def _path(steps: str) -> str:
    """Straight lines, rounded to tenths of a px, each step relative to the one before."""
    if re.search("[^MLz0-9.e\\s-]", steps):
        raise ValueError("The drawing has a curve, expected straight lines.")
    short, at_x, at_y, start = [], 0, 0, (0, 0)
    for step, *place in _STEP.findall(steps):
        if step == "z":
            short.append("z")
            at_x, at_y = start
            continue
        x, y = (_tenths(each) for each in place)
        if step == "M":
            short.append(f"m{_number(x - at_x)} {_number(y - at_y)}")
            start = x, y
        elif y == at_y:
            short.append(f"h{_number(x - at_x)}")
        elif x == at_x:
            short.append(f"v{_number(y - at_y)}")
        else:
            short.append(f"l{_number(x - at_x)} {_number(y - at_y)}")
        at_x, at_y = x, y
    return "".join(short)


def _tenths(number: str) -> int:
    return round(float(number) * 10)


def _number(tenths: int) -> str:
    return f"{tenths / 10:g}"
