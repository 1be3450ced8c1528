"""How many columns of each table some gate judges, as `make docs` has counted them.

Counting takes seconds (gates/measure/columns.py), which no run has to spare: a run reads the file,
and shows nothing where it was made of other gates or other SQL.
"""

import hashlib
from collections.abc import Iterable

from gates.config.fields import Count, Line, Part
from gates.config.gate import Gate
from gates.files import ROOT, read_text

FILE = ROOT / "sql" / "columns.json"
MOST_BYTES = 100_000


class ColumnShare(Part):
    """Of a table's columns those that a gate judges, and those that are only read."""

    judged: Count
    counted: Count
    columns: Count


class ColumnShares(Part):
    """The whole file."""

    made_of: Line
    tables: dict[Line, ColumnShare]


def made_of(gates: Iterable[Gate]) -> str:
    """SHA-256 over what the figures follow from: ids of gates, SQL, schemas. Raises OSError."""
    found = hashlib.sha256()
    for name in sorted(gate.id for gate in gates):
        found.update(f"{name}\n".encode())
    for file in sorted([*ROOT.glob("sql/**/*.sql"), *ROOT.glob("schemas/*.json")]):
        found.update(f"{file.relative_to(ROOT).as_posix()}\n".encode() + file.read_bytes())
    return found.hexdigest()


def known(gates: Iterable[Gate]) -> dict[str, ColumnShare] | None:
    """Table -> its share under these gates; None where the file does not say."""
    try:
        shares = ColumnShares.model_validate_json(read_text(FILE, MOST_BYTES))
        return shares.tables if shares.made_of == made_of(gates) else None
    except (OSError, ValueError):
        return None
