"""The warehouse: its clock, each table that the gates read, and each stage's jobs by dry runs."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from doctor.finding import Finding
from gates.config.schema import TABLES, Table
from gates.config.settings import Settings
from gates.config.stages import DECISIONS
from gates.measure import queries
from gates.measure.catalog import TableInfo
from gates.measure.cost import costs, over_budget
from gates.measure.warehouse import Warehouse, WarehouseError

# "yesterday" and the age of a log follow from this machine's clock.
SKEW = timedelta(minutes=1)
CLOCK = "Clock"


def warehouse(settings: Settings, asked: Warehouse) -> Iterator[Finding]:
    """All of it, if the warehouse answers at all."""
    first = list(clock(asked))
    yield from first
    if any(each.what == CLOCK for each in first):
        yield from tables(settings, asked)
        yield from jobs(settings)


def clock(asked: Warehouse) -> Iterator[Finding]:
    """How far this machine's clock is from the server's."""
    before = datetime.now(UTC)
    try:
        there = asked.now()
    except WarehouseError as problem:
        yield Finding("Warehouse", problem.why, problem.remedy)
        return
    # Between asking and hearing: what lies in there is no difference, nor is part of a second.
    skew = max(before - there - timedelta(seconds=1), there - datetime.now(UTC), timedelta(0))
    remedy = "" if skew <= SKEW else "Set this machine's clock, for which NTP is the usual way."
    yield Finding(CLOCK, f"{skew.total_seconds():,.0f} s from the server's", remedy)


def tables(settings: Settings, asked: Warehouse) -> Iterator[Finding]:
    """Each table of schemas/: whether it is what the gates expect, and who may see its rows."""
    for table in sorted(TABLES):
        try:
            found = asked.table(table)
            yield _table(table, found, settings)
            yield from _policies(table, asked)
        except WarehouseError as problem:
            yield Finding(table, problem.why, problem.remedy)


def _table(table: str, found: TableInfo, settings: Settings) -> Finding:
    called = settings.target.tables.get(table, Table())
    wrong = [
        *_place(found, settings),
        *queries.differences(table, called, found.columns).values(),
        *_modes(table, called, found),
        *_partitions(table, called, found),
    ]
    if wrong:
        more = f", and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        remedy = "Correct the table, or what gates.toml calls it and its columns."
        return Finding(table, "; ".join(wrong[:3]) + more, remedy)
    changed = f"last changed {found.modified:%Y-%m-%d %H:%M} UTC" if found.modified else ""
    rows = "" if found.rows is None else f"{found.rows:,} rows"
    said = [f"{len(found.columns)} columns", *filter(None, (rows, changed))]
    return Finding(table, ", ".join(said))


def _place(found: TableInfo, settings: Settings) -> Iterator[str]:
    if found.kind != "TABLE":
        yield f"{found.full_name} is a {found.kind}, expected a TABLE"
    location = settings.target.location
    if found.location and found.location.lower() != location.lower():
        yield f"it lies in {found.location}, expected {location}"


def _modes(table: str, called: Table, found: TableInfo) -> Iterator[str]:
    """Columns of another mode than schemas/ has them with."""
    required = queries.required_columns(table)
    for column in queries.expected_columns(table):
        name = called.columns.get(column, column)
        if name in found.columns and (name in found.required) != (column in required):
            has, wanted = ("REQUIRED", "NULLABLE")[:: 1 if name in found.required else -1]
            yield f"column {name} is {has}, expected {wanted}"


def _partitions(table: str, called: Table, found: TableInfo) -> Iterator[str]:
    """The partitions, as far as the endpoint tells of them."""
    if found.partitioned_by is None:
        return
    column, needs_filter = queries.partition_of(table), queries.needs_filter(table)
    expected = called.columns.get(column, column)
    if found.partitioned_by != expected:
        yield f"it is partitioned by {found.partitioned_by}, expected {expected}"
    if found.partition_type != "DAY":
        yield f"its partitions are of a {found.partition_type}, expected DAY"
    if found.needs_filter is not None and found.needs_filter != needs_filter:
        yield f"require_partition_filter is {found.needs_filter}, expected {needs_filter}"


def _policies(table: str, asked: Warehouse) -> Iterator[Finding]:
    what = f"{table}, row access"
    policies = asked.policies(table)
    if policies:
        yield Finding(
            what,
            f"it has row access policies ({', '.join(policies)}), and a part may be hidden",
            "Ask for a table without them: `make diagnose` and the backfill do not read this one.",
        )
    elif policies is None:
        yield Finding(
            what,
            "whether a part of its rows is hidden from this account is not known",
            "Ask for the permission bigquery.rowAccessPolicies.list to have it looked up.",
            is_note=True,
        )


def jobs(settings: Settings) -> Iterator[Finding]:
    """Each job of each stage by a dry run, which takes the roles that the run takes."""
    for stage, of in DECISIONS.items():
        try:
            found = costs(settings.gates_of(of), settings)
        except WarehouseError as problem:
            yield Finding(f"Jobs of {stage}", problem.why, problem.remedy)
            continue
        read, billed = sum(j.bytes_read for j in found), sum(j.bytes_billed for j in found)
        model = " by a model" if any(job.modelled for job in found) else ""
        said = f"{len(found)} jobs can run, {read:,} bytes read and {billed:,} billed{model}"
        yield Finding(f"Jobs of {stage}", said, over_budget(found, settings) or "")
