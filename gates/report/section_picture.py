"""A picture of the report as a file of its own, beside the section of a document that it is of."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gates.report.markdown import Markdown, cell
from gates.report.pictures import Picture

STYLE = Path(__file__).parent / "static" / "report.css"
# The colours of the page by day; a file has nothing else to take them from.
_COLOURS = re.compile(r":root \{(.*?)\}", re.DOTALL)


@dataclass(frozen=True)
class SectionPicture:
    """`picture` as an SVG file that needs no page around it."""

    picture: Picture

    @property
    def about(self) -> str:
        """The stage whose counts it shows, or the backfill."""
        return self.picture.about

    @property
    def title(self) -> str:
        """Its heading."""
        return self.picture.title

    @property
    def text(self) -> str:
        """What it shows, with the exact counts."""
        return self.picture.text

    @property
    def file(self) -> str:
        """Its name: letters, digits and lines."""
        words = re.sub(r"[^A-Za-z0-9_]+", "-", self.title).strip("-").lower()
        return f"{words}.svg"

    @property
    def image(self) -> Markdown:
        """The picture in a document."""
        return Markdown(f"![{cell(self.title)}]({self.file})")

    @cached_property
    def svg(self) -> str:
        """The file: on white, whatever is around it."""
        colours = _COLOURS.search(STYLE.read_text(encoding="utf-8"))
        if colours is None:
            raise ValueError(f"{STYLE.name} names no colours.")
        style = f"<style>svg {{{colours[1]} background: #ffffff; }}</style>"
        start, end, rest = self.picture.svg.partition(">")
        return f"{start}{end}{style}{rest}\n"
