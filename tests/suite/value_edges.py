"""What the tests share that try gates of values on both sides of their thresholds: damage that does
`more`, 0 or 1, than what still passes.
"""

from collections.abc import Callable

from harness import GatesRun, TestWarehouse

DEFENSE = "nba_analytics.team_defense_game_summary"
VALUES = "_values"
# A date of many games.
FULL = "2025-03-12"

# The DML that does `more` (0 or 1) than what still passes.
Edge = Callable[[TestWarehouse, int], list[str]]


def one(
    table: str,
    assignment: str,
    day: str,
    where: str = "TRUE",
    key: str = "CONCAT(game_id, player_lookup)",
    date: str = "game_date",
) -> Edge:
    """One row of a date: `assignment` with {more} as 0 or 1."""

    def dml(_warehouse: TestWarehouse, more: int) -> list[str]:
        first = f"SELECT MIN({key}) FROM {table} WHERE {date} = '{day}' AND {where}"
        change = assignment.format(more=more)
        return [f"UPDATE {table} SET {change} WHERE {date} = '{day}' AND {key} = ({first})"]

    return dml


def side(table: str, assignment: str, day: str, where: str = "TRUE") -> Edge:
    """The same for one row of a table of teams."""
    team = "defending_team_abbr" if table == DEFENSE else "team_abbr"
    return one(table, assignment, day, where, f"CONCAT(game_id, {team})")


def if_more(edge: Edge) -> Edge:
    """A count that has to be 0: nothing, or one row."""
    return lambda warehouse, more: edge(warehouse, more) if more else []


def evenly(
    table: str, assignment: str, day: str, percent: int, by: str, date: str = "game_date"
) -> Edge:
    """As many rows of a date as are `percent` of them, and `more`, spread over `by`."""

    def dml(warehouse: TestWarehouse, more: int) -> list[str]:
        where = f"{date} = '{day}'"
        rows = warehouse.value(f"SELECT COUNT(*) FROM {table} WHERE {where}")
        spread = (
            f"SELECT player_lookup FROM (SELECT player_lookup, ROW_NUMBER() OVER (PARTITION BY {by}"
            f" ORDER BY player_lookup) AS nth FROM {table} WHERE {where}) "
            f"ORDER BY nth, player_lookup LIMIT {percent * rows // 100 + more}"
        )
        return [f"UPDATE {table} SET {assignment} WHERE {where} AND player_lookup IN ({spread})"]

    return dml


def together(*edges: Edge) -> Edge:
    """Several columns or dates of one gate."""
    return lambda warehouse, more: [dml for edge in edges for dml in edge(warehouse, more)]


def judged(run: GatesRun, stage: str) -> set[str]:
    """The gates of recomputed values that did not pass."""
    found = run.others_than_pass()
    return {gate.removeprefix(f"{stage}.") for gate in found if gate.split(".")[1].endswith(VALUES)}
