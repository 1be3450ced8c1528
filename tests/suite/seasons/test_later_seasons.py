"""Seasons up to any day: 2025-26 whole, then in the league's shape, the last one under way."""

import subprocess
from pathlib import Path

import pytest
from harness import ROOT, TestWarehouse

SCHEDULE = "nba_raw.nbac_schedule"
EVER = "game_date BETWEEN '2021-10-01' AND '2027-09-30'"
REGULAR = f"{EVER} AND SUBSTR(game_id, 1, 3) = '002' AND game_status != 9"
AFTER = f"{EVER} AND SUBSTR(game_id, 1, 3) IN ('004', '005') AND game_status = 3"
PLAYERS = "nba_analytics.player_game_summary"


def test_opening_nights_are_the_platforms_and_then_tuesdays(local_python: Path) -> None:
    script = (
        "from season.calendar import opening_night as first; "
        "print(*(first(year) for year in (2025, 2026, 2027, 2028)))"
    )
    command = [str(local_python), "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2025-10-21", "2026-10-20", "2027-10-19", "2028-10-24"]


def test_every_season_has_the_leagues_games_also_those_ahead(
    later_warehouse: TestWarehouse,
) -> None:
    regular = later_warehouse.rows(f"""
        SELECT season_year, COUNT(DISTINCT game_id) AS games, MIN(game_date) AS first,
          MAX(game_date) AS last
        FROM {SCHEDULE} WHERE {REGULAR} AND season_year >= 2025
        GROUP BY season_year ORDER BY season_year""")
    found = [(r["season_year"], r["games"], str(r["first"]), str(r["last"])) for r in regular]
    assert found == [
        (2025, 1_230, "2025-10-21", "2026-04-12"),
        (2026, 1_230, "2026-10-20", "2027-04-11"),
    ]
    after = f"SELECT COUNT(*) FROM {SCHEDULE} WHERE {AFTER} AND season_year = 2025"
    assert later_warehouse.value(after) == 6 + 87


def test_what_the_platforms_papers_tell_of_keeps_its_totals(later_warehouse: TestWarehouse) -> None:
    known = f"{REGULAR} AND game_date <= '2026-01-02' AND season_year = 2025"
    assert later_warehouse.value(f"SELECT COUNT(*) FROM {SCHEDULE} WHERE {known}") == 512


def test_a_game_is_played_up_to_yesterday_and_only_listed_after_it(
    later_warehouse: TestWarehouse,
) -> None:
    ahead = f"{REGULAR} AND game_date > '2026-11-27'"
    states = later_warehouse.rows(
        f"SELECT DISTINCT game_status, home_team_score FROM {SCHEDULE} WHERE {ahead}"
    )
    assert states == [{"game_status": 1, "home_team_score": None}]
    past = f"{REGULAR} AND game_date <= '2026-11-27' AND game_status != 3"
    assert later_warehouse.value(f"SELECT COUNT(*) FROM {SCHEDULE} WHERE {past}") == 0
    last = f"SELECT MAX(game_date) FROM {PLAYERS} WHERE {EVER}"
    assert str(later_warehouse.value(last)) == "2026-11-27"


@pytest.mark.parametrize(("calendar", "reaches"), [(False, "own 2026-11-27"), (True, None)])
def test_the_last_day_is_kept_beside_a_warehouse(
    calendar: bool, reaches: str | None, later_home: Path, tiny_home: Path
) -> None:
    home = tiny_home if calendar else later_home
    origin = (home / "pristine/warehouse/filled-from").read_text()
    assert (origin == reaches) if reaches else not origin.startswith("own")
