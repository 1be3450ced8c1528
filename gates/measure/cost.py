"""What the jobs of a stage will read and bill, before they run.

BigQuery says it by a dry run, which is free. The embedded warehouse says 0; there it is a model:
what the columns that a job names take of storage, in its partitions, by the sizes of types at
https://cloud.google.com/bigquery/pricing#data-type-sizes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gates.config.gate import Gate
from gates.config.settings import Settings, Window
from gates.measure import jobs, queries, seasons
from gates.measure.warehouse import Warehouse

MIB = 2**20
# The least that BigQuery bills of a table that a query reads, and of a query.
FLOOR = 10 * MIB
# Bytes of a type's values; those that are NULL take none.
SIZES = {
    **dict.fromkeys(("INT64", "FLOAT64", "DATE", "TIMESTAMP"), "8 * COUNT(x)"),
    "BOOL": "COUNT(x)",
    "NUMERIC": "16 * COUNT(x)",
    "STRING": "SUM(2 + BYTE_LENGTH(x))",
    "ARRAY<FLOAT64>": "SUM(8 * ARRAY_LENGTH(x))",
    "ARRAY<STRING>": "SUM(2 * ARRAY_LENGTH(x) + BYTE_LENGTH(ARRAY_TO_STRING(x, '')))",
}


@dataclass(frozen=True)
class JobCost:
    """A job of a stage: the tables that it reads, and the bytes of them; `modelled`, not said.

    `sources` are the files under sql/ that it asks together.
    """

    stage: str
    job: str
    sources: tuple[str, ...]
    tables: tuple[str, ...]
    bytes_read: int
    modelled: bool

    @property
    def bytes_billed(self) -> int:
        """In whole MiB, and at least 10 of them for each table."""
        return max(-(-self.bytes_read // MIB) * MIB, FLOOR * max(len(self.tables), 1))


def costs(gates: Iterable[Gate], settings: Settings) -> list[JobCost]:
    """What each job that `gates` ask for will read. Raises WarehouseError."""
    warehouse, gates = Warehouse(settings), list(gates)
    windows = {settings.windows[gate.stage] for gate in gates if gate.stage in settings.windows}
    settings = seasons.complete(settings, warehouse, windows)
    sources = sorted({source for gate in gates if (source := queries.source_of(gate))})
    snapshot = warehouse.snapshot(jobs.tables_of(sources, settings))
    return [
        _cost(job, _parts(together, settings, warehouse), settings, warehouse, snapshot)
        for job, together in jobs.grouped(sources, settings).items()
    ]


def over_budget(found: Iterable[JobCost], settings: Settings) -> str | None:
    """Why a run of these jobs may not start: it would bill more than the target's budget_bytes."""
    budget, billed = settings.target.budget_bytes, sum(each.bytes_billed for each in found)
    if budget is None or billed <= budget:
        return None
    return (
        f"The run would bill {billed:,} bytes, expected at most {budget:,}, budget_bytes of target "
        f"{settings.target_name}; narrow the window, or raise budget_bytes in gates.toml."
    )


def _parts(
    sources: Sequence[str], settings: Settings, warehouse: Warehouse
) -> dict[str, jobs.Part]:
    outcomes = [jobs.nothing_yet(source, settings) for source in sources]
    return {each.source: jobs.part_of(each, settings, warehouse) for each in outcomes}


def _cost(
    job: str,
    parts: Mapping[str, jobs.Part],
    settings: Settings,
    warehouse: Warehouse,
    snapshot: str,
) -> JobCost:
    text = jobs.texts_of(parts, settings, snapshot).joint
    said = warehouse.dry_run(jobs.called(parts), text, jobs.values_of(parts))
    read = _read(parts)
    stage = next(iter(parts.values())).outcome.stage
    return JobCost(
        stage=stage,
        job=job,
        sources=tuple(parts),
        tables=tuple(read),
        bytes_read=said or _modelled(read, _days(parts), settings, warehouse),
        modelled=not said,
    )


def _read(parts: Mapping[str, jobs.Part]) -> dict[str, set[str]]:
    """The columns of each table that a job names and the warehouse has."""
    found: dict[str, set[str]] = {}
    for part in parts.values():
        for table, columns in part.statement.reads.items():
            found.setdefault(table, set()).update(columns - part.unusable.get(table, {}).keys())
    return found


def _days(parts: Mapping[str, jobs.Part]) -> Window:
    """From the first to the last partition that a value of the job names."""
    days = [day for part in parts.values() for day in part.values.values() if isinstance(day, date)]
    return min(days), max(days)


def _modelled(
    read: Mapping[str, Iterable[str]], days: Window, settings: Settings, warehouse: Warehouse
) -> int:
    values = dict(zip(("first_day", "last_day"), days, strict=True))
    sizes = [
        warehouse.run(f"the size of {table}", _size_of(table, sorted(columns), settings), values)
        for table, columns in read.items()
    ]
    return sum(int(row["size"] or 0) for rows, _ in sizes for row in rows)


def _size_of(table: str, columns: Sequence[str], settings: Settings) -> str:
    """A query for the bytes that these columns take in the partitions of some days."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.dialects.bigquery import BigQuery

    from gates.measure import rewrite

    types = queries.expected_columns(table)
    size: exp.Expr = exp.Literal.number(0)
    for column in columns:
        of_type = sqlglot.parse_one(SIZES[types[column]], dialect=BigQuery)
        for node in list(of_type.find_all(exp.Column)):
            node.replace(exp.column(column))
        size = exp.Add(this=size, expression=exp.func("COALESCE", of_type, exp.Literal.number(0)))
    day = exp.column(queries.partition_of(table))
    first, last = (exp.Parameter(this=exp.var(name)) for name in ("first_day", "last_day"))
    within = exp.Between(this=day, low=first, high=last)
    query = exp.select(exp.alias_(size, "size")).from_(exp.to_table(table)).where(within)
    return rewrite.render(query, settings, None)
