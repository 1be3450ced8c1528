"""Which columns of each table some gate judges, which are only read, and which nobody reads."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter

from gates.config.gate import Gate
from gates.config.schema import TABLES
from gates.kept import kept
from gates.measure import queries, readback
from gates.measure.lineage import Lineage, Real
from gates.measure.queries import Statement


@dataclass(frozen=True)
class Columns:
    """The columns of a table, each in one of three lists, in the order of schemas/.

    `judged`: a gate's number follows from it. `counted`: read, but for no gate's number, such as
    which rows are looked at, or a picture.
    """

    table: str
    judged: tuple[str, ...]
    counted: tuple[str, ...]
    unread: tuple[str, ...]

    @property
    def number(self) -> int:
        """How many columns the table has."""
        return len(self.judged) + len(self.counted) + len(self.unread)


def columns(gates: Iterable[Gate]) -> list[Columns]:
    """Every table of schemas/ under these gates, by name."""
    every = list(gates)
    question = [(gate.id, gate.source, gate.measure, gate.which) for gate in every]
    found = kept("columns", question, lambda: [asdict(each) for each in _columns(every)])
    return TypeAdapter(list[Columns]).validate_python(found)


def _columns(every: list[Gate]) -> list[Columns]:
    judged: set[Real] = set()
    read: set[Real] = set()
    for source in sorted({source for gate in every if (source := queries.source_of(gate))}):
        statement = queries.read(source, queries.columns_for(every, source))
        schemas = {table: queries.expected_columns(table) for table in statement.tables}
        lineage = Lineage(statement.tree, schemas)
        judged |= lineage.behind(_judged(statement, source, every))
        read |= lineage.read()
    return [_of(table, judged, read) for table in sorted(TABLES)]


def _judged(statement: Statement, source: str, gates: Iterable[Gate]) -> Iterator[str]:
    """The measures of a source that a gate judges."""
    if source == readback.SOURCE:
        # Dates are judged by all that is counted of them.
        yield from statement.measures
        return
    own = [gate for gate in gates if queries.source_of(gate) == source]
    names = {name for gate in own for name in (gate.measure, f"{gate.measure}__{gate.which}")}
    yield from (name for name in statement.measures if name in names)


def _of(table: str, judged: set[Real], read: set[Real]) -> Columns:
    every = [*queries.expected_columns(table)]
    return Columns(
        table=table,
        judged=tuple(name for name in every if (table, name) in judged),
        counted=tuple(name for name in every if (table, name) in read - judged),
        unread=tuple(name for name in every if (table, name) not in read | judged),
    )
