"""Markdown documents from gates/templates/, safe for what others wrote: it is shown, never obeyed.

Everything that a template prints is escaped, but for what the filters here have made.
"""

import re
from typing import Any
from urllib.parse import quote

from gates.report.templating import environment
from gates.report.text_table import Table

# What starts HTML, a link, emphasis, code, a cell or an escape of its own in GitHub's Markdown.
_SPECIAL = re.compile(r"[\\`*\[|]|<(?=[A-Za-z/!?])|(?<!\w)_|_(?!\w)")
# What starts a quotation, a heading or a list, where a line begins.
_FIRST = re.compile(r"^(?=[>#+-])")


class Markdown(str):
    """Text that is Markdown already."""


def escaped(value: Any) -> Markdown:
    """`value` as text on one line; Markdown stays as it is."""
    if isinstance(value, Markdown):
        return value
    return Markdown(_FIRST.sub(r"\\", cell(value)))


def cell(value: Any) -> Markdown:
    """`value` as text in the middle of a line; Markdown stays as it is."""
    if isinstance(value, Markdown):
        return value
    # What stands between two backticks becomes a code span, in which nothing else is special.
    parts = re.split(r"`([^`]*)`", " ".join(str(value).split()))
    return Markdown(
        "".join(code(part) if place % 2 else _plain(part) for place, part in enumerate(parts))
    )


def _plain(text: str) -> str:
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", text)


def code(value: Any) -> Markdown:
    """A code span; in a table a pipe would end the cell, and in no span is a backtick allowed."""
    text = " ".join(str(value).split()).replace("`", "'").replace("|", "\\|")
    return Markdown(f"`{text}`")


def link(text: Any, file: str, place: str = "") -> Markdown:
    """A link to a file beside the document, to `place` in it."""
    target = quote(file) + (f"#{quote(place)}" if place else "")
    return Markdown(f"[{cell(text)}]({target})")


def table(content: Table) -> Markdown:
    """A table of GitHub's Markdown, numbers on the right."""
    rules = ["---:" if side == "right" else "---" for side in content.alignment]
    rows = [map(cell, content.heads), rules, *(map(cell, row) for row in content.rows)]
    return Markdown("\n".join(f"| {' | '.join(row)} |" for row in rows))


def render(template: str, **values: Any) -> str:
    """The document that a template makes of `values`; a name that is missing is an error."""
    made = environment(autoescape=False, finalize=escaped, keep_trailing_newline=True)
    made.filters |= {"code": code, "table": table}
    return made.get_template(template).render(**values)
