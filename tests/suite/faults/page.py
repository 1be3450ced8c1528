"""docs/reference/reliability.md: what each fault of a `make soak` came to."""

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

MOST = 200
ROW = "reliability"  # what a row is called among a test's properties
HEAD = """\
# What was broken, and how it ended

Written by `make soak` (`make soak ARGS=--lf` repeats what failed), which breaks what the gates and
the backfill depend on, against the embedded warehouse and the embedded Phase 4 service. Each line
is one run: it may end as a NO-GO or as a failure, and it may heal; it never ends as a GO that was
not earned, with a traceback, or not at all. Then the same command runs once more without the fault,
and must succeed.

Seconds are those of the machine that wrote the page, on which several faults were tried at once.
"""


@dataclass(frozen=True)
class Row:
    """A fault, where it was put, what happened (one sentence), after how many seconds."""

    where: str
    fault: str
    happened: str
    seconds: float

    def plain(self) -> dict[str, Any]:
        """As it travels between processes."""
        return asdict(self)


class Teller:
    """Notes what a fault came to, before it is judged, with the seconds since `start`."""

    def __init__(self, properties: list[tuple[str, object]]) -> None:
        self._properties = properties
        self.start()

    def start(self) -> None:
        """From now on the seconds count."""
        self._started = time.monotonic()

    def __call__(self, where: str, fault: str, happened: str) -> None:
        """Note it."""
        # A port says nothing, and is another one each time.
        text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1", happened)
        row = Row(where, fault, text, time.monotonic() - self._started)
        self._properties.append((ROW, row.plain()))


def page(rows: Iterable[tuple[Row, bool]]) -> str:
    """The page over rows and whether each ended as it should."""
    return "\n".join(_lines(sorted(rows, key=lambda each: (each[0].where, each[0].fault))))


def _lines(rows: list[tuple[Row, bool]]) -> Iterator[str]:
    yield HEAD
    good = sum(as_it_should for _, as_it_should in rows)
    yield f"{len(rows)} faults, {good} of them ended as they should."
    where = None
    for row, as_it_should in rows:
        if row.where != where:
            where = row.where
            yield from ("", f"## {where}", "", "| fault | what happened | s |", "|---|---|---|")
        mark = "" if as_it_should else "❌ not as it should: "
        yield f"| {_cell(row.fault)} | {mark}{_cell(row.happened)} | {row.seconds:.1f} |"
    yield ""


def _cell(text: str) -> str:
    line = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
    return line if len(line) <= MOST else f"{line[: MOST - 1]}…"
