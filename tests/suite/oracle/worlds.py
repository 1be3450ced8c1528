"""Small warehouses of awkward rows: few games, dates and players, so that tables join, and in them
whatever a column can hold: NULL, duplicates, ties, NaN, -0.0, both ends of NUMERIC, letters beyond
ASCII, both ends of every window and a day outside.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from harness import PROJECT, ROOT

from gates.decide import history_table
from gates.measure.queries import column_type

Row = dict[str, Any]
World = dict[str, list[Row]]
DAYS = [
    *(date(2021, 10, 18) + timedelta(days=each) for each in range(3)),
    date(2024, 4, 30),
    date(2024, 5, 1),
    date(2024, 9, 30),
    date(2024, 10, 22),
    date(2024, 11, 4),
    date(2024, 11, 5),
    date(2024, 12, 20),
    date(2025, 2, 28),
    date(2025, 10, 21),
    date(2025, 11, 20),
    date(2026, 1, 1),
    date(2026, 1, 2),
    date(2026, 1, 3),
]
TEAMS = ["BOS", "LAL", "NYK", "DEN"]
PLAYERS = ["jaysontatum", "nikolajokić", "lukadončić", "shai-ga", "o'neal", "x", "Ünal"]
SCHEMAS = {
    schema["table"]: schema
    for file in sorted((ROOT / "schemas").glob("*.json"))
    if (schema := json.loads(file.read_text(encoding="utf-8")))
}
SCHEDULE = "nba_raw.nbac_schedule"
# The operator's own table of runs, whose name no schema has.
HISTORY = "nba_gates.gate_runs"
COLUMNS = {
    **{table: schema["schema"] for table, schema in SCHEMAS.items()},
    HISTORY: [
        column | {"type": column_type(column["type"], "NULLABLE")}
        for column in json.loads(history_table.SCHEMA.read_text(encoding="utf-8"))
    ],
}


@dataclass(frozen=True)
class Shape:
    """How a world is made; shares are of cells or rows, in per cent."""

    seed: int
    days: int
    nulls: int
    odd: int
    duplicates: int
    left_out: int
    nan: bool
    empty: frozenset[str]
    single: frozenset[str]


TIDY = Shape(0, 6, 0, 0, 0, 0, nan=False, empty=frozenset(), single=frozenset())
SPECIAL = [
    TIDY,
    replace(TIDY, empty=frozenset(SCHEMAS)),
    replace(TIDY, single=frozenset(SCHEMAS)),
    Shape(3, 5, 20, 20, 10, 5, nan=True, empty=frozenset(), single=frozenset()),
]


def shape_of(number: int) -> Shape:
    """That of the world `number`, from tidy to broken; each is drawn without regard to the others.

    A library that looks for failures draws many that differ in little; these are to differ in much.
    """
    if number < len(SPECIAL):
        return SPECIAL[number]
    random = Random(number)  # noqa: S311 - the same shapes each time

    def share() -> int:
        return random.choice([0, 0, 5, 20, 60])

    def tables() -> frozenset[str]:
        return frozenset(random.sample(sorted(SCHEMAS), random.randint(0, 3)))

    return Shape(
        seed=number,
        days=random.randint(1, 6),
        nulls=share(),
        odd=share(),
        duplicates=random.choice([0, 0, 10, 50]),
        left_out=share(),
        nan=random.random() < 0.5,
        empty=tables(),
        single=tables(),
    )


def world(shape: Shape) -> World:
    """Table -> rows, the same for the same shape."""
    random = Random(shape.seed)  # noqa: S311 - the same rows each time
    days = sorted(random.sample(DAYS, shape.days))
    games = [game for day in days for game in _games(random, day)]
    found: World = {}
    for table, schema in SCHEMAS.items():
        rows = [
            row
            for place in _places(table, games, days)
            if random.random() * 100 >= shape.left_out
            for row in _copies(random, shape, _row(random, shape, schema["schema"], place))
        ]
        found[table] = rows[: 1 if table in shape.single else 0 if table in shape.empty else None]
    return found | {HISTORY: [*_past_runs(random, shape)]}


Game = tuple[date, str, str]


def _games(random: Random, day: date) -> list[Game]:
    teams = random.sample(TEAMS, 4)
    pairs = [(teams[0], teams[1]), (teams[2], teams[3])]
    return [(day, away, home) for away, home in pairs[: random.randint(0, 2)]]


def _places(table: str, games: Sequence[Game], days: Sequence[date]) -> Iterator[Row]:
    """The keys of the rows that a table should hold: by game, team or player."""
    columns = {column["name"] for column in SCHEMAS[table]["schema"]}
    if table == SCHEDULE:
        for number, (day, away, home) in enumerate(games):
            season = f"{day:%Y}-{day.year % 100 + 1}"
            yield {
                "game_id": f"00224{number:05}",
                "game_date": day,
                "home_team_tricode": home,
                "away_team_tricode": away,
                "game_status": 3,
                "season": season,
            }
        return
    date_column = SCHEMAS[table]["partition_column"]
    if "game_id" not in columns:
        for day in days:
            who = ("player_lookup", PLAYERS) if "player_lookup" in columns else ("team_abbr", TEAMS)
            yield from ({date_column: day, who[0]: each} for each in who[1])
        return
    team = "defending_team_abbr" if "defending_team_abbr" in columns else "team_abbr"
    for day, away, home in games:
        game = {"game_id": f"{day:%Y%m%d}_{away}_{home}", date_column: day}
        if "player_lookup" in columns:
            for number, each in enumerate(PLAYERS):
                yield game | {"player_lookup": each, team: (home, away)[number % 2]}
        else:
            yield from (game | {team: each} for each in (home, away))


def _past_runs(random: Random, shape: Shape) -> Iterator[Row]:
    """Some of them ended at the same moment; no two rows are of one gate."""
    for number in range(random.randint(0, 12)):
        run = number // 2
        place: Row = {
            "run": f"run {run}",
            "stage": ("phase12", "preflight")[run % 2],
            "target": "local",
            "project": PROJECT,
            "profile": "",
            "finished_at": datetime(2026, 1, 1 + random.randint(0, 1), tzinfo=UTC),
        }
        yield _row(random, shape, COLUMNS[HISTORY], place) | {"gate": f"gate {number}"}


def _copies(random: Random, shape: Shape, row: Row) -> list[Row]:
    return [row, dict(row)] if random.random() * 100 < shape.duplicates else [row]


def _row(random: Random, shape: Shape, columns: Sequence[Mapping[str, Any]], place: Row) -> Row:
    row: Row = {}
    for column in columns:
        name, required = column["name"], column["mode"] == "REQUIRED"
        # A key that is odd or NULL joins nothing, so they are rarer there.
        share = 4 if name in place else 1
        if column["type"] in ("JSON", "RECORD") or (
            not required and random.random() * 100 * share < shape.nulls
        ):
            row[name] = None
        elif name in place and random.random() * 100 * share >= shape.odd:
            row[name] = place[name]
        elif column["mode"] == "REPEATED":
            row[name] = [_value(random, shape, column) for _ in range(random.randint(0, 2))]
        else:
            row[name] = _value(random, shape, column)
    return row


def _value(random: Random, shape: Shape, column: Mapping[str, Any]) -> Any:
    odd = random.random() * 100 < shape.odd
    match column["type"]:
        case "BOOL":
            return random.random() < 0.8
        case "INT64":
            return random.choice([0, -1, 2**31, 10**6]) if odd else random.randint(0, 40)
        case "FLOAT64":
            extremes = [-0.0, 1e-9, 74.99999999999999, 1e6, *([float("nan")] if shape.nan else [])]
            return random.choice(extremes) if odd else random.choice([75.0, 99.9, 62.5, 100.0])
        case "NUMERIC":
            return _numeric(random, column, odd)
        case "DATE":
            return random.choice(DAYS)
        case "TIMESTAMP":
            moment = datetime(2026, 1, 3, tzinfo=UTC) - timedelta(days=random.randint(0, 3))
            return moment + timedelta(microseconds=random.randint(0, 1))
        case _:
            return random.choice(_TEXTS if odd else _WORDS)


_TEXTS = ["", "é", "20250101_BOS", "2025-01-01", "0032400001", "ŠĐ", "20251340_AAA_BBB", "12.5"]
_WORDS = ["BOS", "LAL", "v1", "jaysontatum", "missing_required", "ALL_SOURCES_FAILED", "thin"]


def _numeric(random: Random, column: Mapping[str, Any], odd: bool) -> Decimal:
    scale = int(column.get("scale", 9))
    most = 10 ** int(column.get("precision", 10)) - 1
    unscaled = random.choice([0, most, -most, 1, -1]) if odd else random.randint(0, most // 3)
    return Decimal(unscaled).scaleb(-scale)
