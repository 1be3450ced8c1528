"""Counts over time, as the record holds them for the pictures."""

from datetime import date, timedelta

from harness import GatesProject, TestWarehouse

from gates.decide.record_series import Series, merged
from gates.measure.jobs import series_days

PLAYERS = "nba_analytics.player_game_summary"
OFFENSE = "nba_analytics.team_offense_game_summary"
FACTORS = "nba_precompute.player_composite_factors"
DAY, NEXT = "2025-01-15", "2025-01-16"
PHASE1, PHASE2 = "phase1.team_offense_game_summary", "phase2.player_game_summary"
PREFLIGHT = "preflight.player_game_summary"
# More than six years, most of which have no games here.
LONG = "2015-10-01..2026-01-02"
OPENINGS = {"2021-10-19", "2022-10-18", "2023-10-24", "2024-10-22", "2025-10-21"}


def test_games_held_and_due_of_each_date(project: GatesProject, warehouse: TestWarehouse) -> None:
    games = [
        str(row["game_id"])
        for row in warehouse.rows(f"SELECT DISTINCT game_id FROM {OFFENSE} WHERE game_date='{DAY}'")
    ]
    with warehouse.fault(
        f"DELETE FROM {OFFENSE} WHERE game_id = '{games[0]}'",
        f"DELETE FROM {PLAYERS} WHERE game_date = '{DAY}'",
    ):
        record = project.run().record
        preflight = project.run(stage="preflight").record
    assert record is not None
    assert preflight is not None
    dates = record["series"]["dates"]
    assert dates["phase1.team_offense_game_summary"][DAY] == [len(games) - 1, len(games)]
    assert dates["phase2.player_game_summary"][DAY] == [0, len(games)]
    held, due = dates["phase2.player_game_summary"][NEXT]
    assert held == due > 0
    assert preflight["series"]["dates"]["preflight.player_game_summary"][DAY] == [0, len(games)]


def test_a_long_window_is_counted_by_two_weeks_with_the_same_totals(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(
        f"DELETE FROM {OFFENSE} WHERE game_date = '{DAY}'",
        f"DELETE FROM {PLAYERS} WHERE game_date IN ('{DAY}', '{NEXT}')",
    ):
        today = project.run().record
        preflight = project.run(stage="preflight").record
        ahead = project.run("--window", LONG, stage="preflight").record
        long = project.run("--window", LONG).record
    assert today is not None
    assert preflight is not None
    assert ahead is not None
    assert long is not None
    dates = {**today["series"]["dates"], PREFLIGHT: preflight["series"]["dates"][PREFLIGHT]}
    assert "days_each" not in today["series"] | preflight["series"]
    for place, record in ((PHASE1, long), (PHASE2, long), (PREFLIGHT, ahead)):
        spans = Series.model_validate(record["series"], strict=False)
        assert spans.days_each[place] == 14
        assert spans.dates.keys() == record["series"]["days_each"].keys()
        assert spans.dates[place].keys() >= OPENINGS
        own = dates[place]
        for first, counts in spans.dates[place].items():
            counted = [own[day] for day in spans.dates_of(place, first) if day in own]
            if first >= min(own):
                assert list(counts) == [sum(part) for part in zip(*counted, strict=True)]
        first = next(day for day in spans.dates[place] if DAY in spans.dates_of(place, day))
        assert spans.dates[place][first][0] < spans.dates[place][first][1]
    assert sum(held for held, _ in long["series"]["dates"][PHASE1].values()) == sum(
        held for held, _ in dates[PHASE1].values()
    )
    assert len(long["queries"]) == len(today["queries"])
    # Today's windows have more counts than twenty years can have.
    assert len(dates[PHASE1]) + len(dates[PHASE2]) > 2 * (20 * 366 // 14 + 1)


def test_a_window_of_up_to_six_years_has_a_count_for_each_date() -> None:
    first = date(2020, 1, 2)
    assert series_days((first, date(2026, 1, 2))) == 1
    assert series_days((first - timedelta(days=30), date(2026, 1, 2))) == 14
    assert series_days((date(2006, 10, 17), date(2026, 1, 2))) == 14


def test_seasons_and_months_are_those_of_plain_sql(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    record = project.run("-m", "phase2").record
    assert record is not None
    series = record["series"]
    (season,) = (
        each for each in series["seasons"]["phase2.player_game_summary"] if each["season"] == 2024
    )
    (plain,) = warehouse.rows(
        "SELECT COUNT(points) AS `rows`, COUNTIF(minutes_played IS NOT NULL) AS minutes_played, "
        "COUNTIF(usage_rate IS NOT NULL) AS usage_rate, "
        f"COUNTIF(paint_attempts IS NOT NULL) AS paint_attempts FROM {PLAYERS} "
        "WHERE points IS NOT NULL AND game_date BETWEEN '2024-10-01' AND '2025-09-30'"
    )
    assert season == {"season": 2024} | plain
    months = series["months"]["phase2.player_game_summary"]
    (month,) = (each for each in months if each["month"] == "2025-03")
    (plain,) = warehouse.rows(
        "SELECT COUNT(points) AS `rows`, COUNTIF(minutes_played IS NULL) AS minutes_played, "
        "COUNTIF(usage_rate IS NULL) AS usage_rate, "
        f"COUNTIF(paint_attempts IS NULL) AS paint_attempts FROM {PLAYERS} "
        "WHERE points IS NOT NULL AND FORMAT_DATE('%Y-%m', game_date) = '2025-03'"
    )
    assert month == {"month": "2025-03"} | plain


def test_dates_on_which_values_lack_have_their_counts(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(f"UPDATE {PLAYERS} SET usage_rate = NULL WHERE game_date = '{DAY}'"):
        record = project.run("-m", "phase2").record
    assert record is not None
    filled = record["series"]["filled"]["phase2.player_game_summary"]
    (found,) = (each for each in filled if each["game_date"] == DAY)
    assert found["usage_rate"] == 0 < found["usage_rate_due"]
    assert 0 < found["minutes_played"] <= found["minutes_played_due"]
    assert [each["game_date"] for each in filled] == sorted(each["game_date"] for each in filled)
    (worst,) = (
        gate
        for gate in record["gates"]
        if gate["id"] == "phase2.player_share_values.worst_date_usage"
    )
    due = found["usage_rate_due"]
    assert worst["failing"] == [{"key": f"game date {DAY}", "found": f"0 of {due}"}]


def test_the_tables_of_phase_4_come_from_the_read_back(
    project: GatesProject, complete_warehouse: TestWarehouse
) -> None:
    project.host = complete_warehouse.host
    with complete_warehouse.fault(f"DELETE FROM {FACTORS} WHERE game_date = '{DAY}'"):
        record = project.run(stage="phase4").record
    assert record is not None
    dates = record["series"]["dates"]
    assert dates["phase4.player_composite_factors"][DAY][0] == 0
    for table in ("player_daily_cache", "player_shot_zone_analysis", "team_defense_zone_analysis"):
        held, due = dates[f"phase4.{table}"][DAY]
        assert held >= due > 0
    (gate,) = (
        gate for gate in record["gates"] if gate["id"] == "phase4.processors.incomplete_dates"
    )
    games, due = dates["phase4.player_composite_factors"][DAY]
    key = {"key": f"{DAY} player_composite_factors", "found": str(games), "expected": str(due)}
    assert key in gate["failing"]
    assert "2024-10-22" in record["series"]["bootstrap"]
    assert dates["phase4.player_composite_factors"]["2024-10-22"][0] == 0


def test_a_column_that_is_missing_costs_the_series_that_need_it(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(
        f"CREATE OR REPLACE TABLE {PLAYERS} AS SELECT * EXCEPT (game_id) FROM {PLAYERS}"
    ):
        record = project.run().record
    assert record is not None
    assert "seasons" not in record["series"]
    assert list(record["series"]["dates"]) == ["phase1.team_offense_game_summary"]


def test_several_stages_as_one() -> None:
    one = {"dates": {"phase1.a": {DAY: [1, 2]}}, "bootstrap": [DAY]}
    other = {"dates": {"phase4.b": {DAY: [0, 2]}}, "bootstrap": [NEXT, DAY]}
    assert merged([one, {}, other]) == {
        "dates": {"phase1.a": {DAY: [1, 2]}, "phase4.b": {DAY: [0, 2]}},
        "bootstrap": [DAY, NEXT],
    }
