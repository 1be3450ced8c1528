"""What the tests of pictures share: pictures of made-up records, and what is drawn in one."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

from builders import Outcome, decided, summarized
from harness import ROOT

from gates.config.settings import load
from gates.decide.record import Entry
from gates.decide.record_series import Series
from gates.decide.recording import Run, record
from gates.measure.summary import Summary
from gates.report.pictures import Picture, pictures

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, NOW)
PHASE1 = "phase1.team_offense_game_summary"
PHASE2 = "phase2.player_game_summary"
PREFLIGHT = "preflight.player_game_summary"
PHASE4 = "phase4.player_composite_factors"
OPENING = date(2024, 10, 22)
SVG = "{http://www.w3.org/2000/svg}"
MISSING, PARTIAL, HALF = "fill:var(--bad)", "stroke:var(--warn)", "fill:var(--warn)"
COMPLETE, BOOTSTRAP, HOLE = "stroke:var(--good)", "stroke:var(--boot)", "fill:var(--paper)"


def days(first: date, number: int) -> list[str]:
    """So many dates in a row, as text."""
    return [(first + timedelta(n)).isoformat() for n in range(number)]


def drawn_of(content: Mapping[str, Any], *dates: Mapping[str, Any]) -> list[Picture]:
    """The pictures of a record with this content, and of a backfill of these dates."""
    gates = [Entry.model_validate(gate, strict=False) for gate in content.get("gates", ())]
    series = Series.model_validate(content.get("series", {}), strict=False)
    summary = Summary.model_validate(summarized(*dates), strict=False) if dates else None
    return pictures(gates, series, summary)


def drawn(picture: Picture) -> ElementTree.Element:
    """The picture's SVG, parsed."""
    return ElementTree.fromstring(picture.svg)  # noqa: S314


def texts(picture: Picture) -> list[str]:
    """What is written in it."""
    return [found.text or "" for found in drawn(picture).iter(f"{SVG}text")]


def places(picture: Picture, style: str) -> list[tuple[float, float]]:
    """Where the parts of the paths of a style begin, in px."""
    found, x, y, start = [], 0.0, 0.0, (0.0, 0.0)
    for group in drawn(picture).iter(f"{SVG}g"):
        look = ";".join(f"{name}:{value}" for name, value in group.attrib.items())
        for path in group.iter(f"{SVG}path") if style in look else ():
            x, y = 0.0, 0.0
            for step, words in re.findall(r"([mlhvz])([^mlhvz]*)", path.attrib["d"]):
                by = [float(word) for word in words.split()]
                x += by[0] if step in "mlh" else 0
                y += by[-1] if step in "mlv" else 0
                if step == "m":
                    start = x, y
                    found.append(start)
                elif step == "z":
                    x, y = start
    return found


def cells(picture: Picture, style: str) -> int:
    """How many are drawn above the key, which has one of each."""
    return len(places(picture, style)) - 1


def marks(picture: Picture) -> dict[str, int]:
    """How many dates of a calendar are drawn as what."""
    styles = {"complete": COMPLETE, "partial": PARTIAL, "missing": MISSING, "bootstrap": BOOTSTRAP}
    found = {kind: cells(picture, style) for kind, style in styles.items()}
    return {kind: count for kind, count in found.items() if count > 0}


def final(series: Mapping[str, Any], others: Mapping[str, Outcome] | None = None) -> dict[str, Any]:
    """A final decision's record, over every gate of gates.toml."""
    run = Run(NOW, NOW, NOW.isoformat(), [], series)
    return record(SETTINGS, decided(SETTINGS, "final", others), run).content()


def titled(found: Iterable[Picture], start: str) -> Picture:
    """The one whose title begins so."""
    (picture,) = (each for each in found if each.title.startswith(start))
    return picture


def counts(name: str, value: object, rows: int, *numbers: int) -> dict[str, Any]:
    """A season's or a month's counts of three columns."""
    columns = ("minutes_played", "usage_rate", "paint_attempts")
    return {name: value, "rows": rows} | dict(zip(columns, numbers, strict=True))


def sent(day: str, **others: Any) -> dict[str, Any]:
    """A date of a backfill."""
    return {"date": day} | others
