"""Players of seasons like the platform's: who is listed, who played, what is known of them."""

import pytest
from harness import TestWarehouse
from seasons.untidy import (
    CONTEXT,
    DEFENSE,
    EVER,
    JOINED,
    OFFENSE,
    ON_THE_FLOOR,
    PLAYED,
    PLAYERS,
    ROWS,
    WHOLE_ROSTERS,
    one,
)


def test_a_game_lists_17_to_24_players_and_whole_rosters_from_2025_26_on(
    complete_warehouse: TestWarehouse,
) -> None:
    rows = complete_warehouse.rows(f"""
        SELECT season_year, MIN(n) AS least, MAX(n) AS most, AVG(n) AS mean
        FROM (SELECT season_year, COUNT(*) AS n FROM ({ROWS}) GROUP BY season_year, game_id)
        GROUP BY season_year""")
    assert len(rows) == 5
    for row in rows:
        whole = row["season_year"] >= WHOLE_ROSTERS
        least, most, mean = (34, 54, 37) if whole else (17, 24, 21.2)
        assert least <= row["least"] <= row["most"] <= most, row
        assert row["mean"] == pytest.approx(mean, rel=0.03), row
        assert row["most"] > 44 or not whole


def test_of_whole_rosters_36_to_43_per_cent_did_not_play_on_every_date(
    complete_warehouse: TestWarehouse,
) -> None:
    rows = complete_warehouse.rows(f"""
        SELECT season_year, game_date, COUNTIF(NOT ({PLAYED})) / COUNT(*) AS share
        FROM ({ROWS}) GROUP BY season_year, game_date""")
    whole = [row["share"] for row in rows if row["season_year"] >= WHOLE_ROSTERS]
    assert len(whole) == 72
    assert 0.36 <= min(whole) <= max(whole) <= 0.43


def test_before_whole_rosters_three_per_cent_did_not_play(
    complete_warehouse: TestWarehouse,
) -> None:
    rows = complete_warehouse.rows(f"""
        SELECT season_year, COUNTIF(NOT ({PLAYED})) / COUNT(*) AS share
        FROM ({ROWS}) WHERE season_year < {WHOLE_ROSTERS} GROUP BY season_year""")
    assert len(rows) == 4
    assert all(row["share"] == pytest.approx(0.03, abs=0.005) for row in rows)


def test_eight_to_twelve_of_a_team_play(complete_warehouse: TestWarehouse) -> None:
    found = one(
        complete_warehouse,
        f"""SELECT MIN(n) AS least, MAX(n) AS most FROM (
            SELECT COUNT(*) AS n FROM ({ON_THE_FLOOR}) GROUP BY game_id, team_abbr)""",
    )
    assert (found["least"], found["most"]) == (8, 12)


def test_a_row_that_did_not_play_is_marked_and_has_one_of_three_forms(
    complete_warehouse: TestWarehouse,
) -> None:
    rows = complete_warehouse.rows(f"""
        SELECT
            season_year >= {WHOLE_ROSTERS} AS whole,
            SUBSTR(t.nba_game_id, 1, 3) = '002' AS regular,
            CASE
                WHEN points IS NULL AND minutes_played IS NULL AND fg_attempts IS NULL
                    THEN 'no figures'
                WHEN points = 0 AND minutes_played IS NULL AND fg_attempts IS NULL THEN 'no points'
                WHEN points = 0 AND minutes_played = 0 AND fg_attempts = 0 AND turnovers = 0
                    THEN 'noughts'
                ELSE 'another'
            END AS form,
            COUNT(*) AS n, COUNT(usage_rate) AS usages, COUNT(paint_attempts) AS zones,
            COUNT(dnp_reason) AS excused
        FROM (SELECT * FROM ({ROWS}) WHERE is_dnp) AS p
        INNER JOIN (SELECT game_id, team_abbr, nba_game_id FROM {OFFENSE} WHERE {EVER}) AS t
            USING (game_id, team_abbr)
        GROUP BY 1, 2, 3""")
    assert {row["form"] for row in rows} == {"no figures", "no points", "noughts"}
    assert {(row["usages"], row["zones"], row["n"] - row["excused"]) for row in rows} == {(0, 0, 0)}
    for row in rows:
        assert row["whole"] or row["form"] != "no points"
        assert row["form"] != "noughts" or not row["regular"]
    repaired = sum(row["n"] for row in rows if row["form"] == "no points")
    # 981 rows of some 16,000 of a whole season.
    assert repaired == pytest.approx(0.061 * sum(r["n"] for r in rows if r["whole"]), rel=0.15)


def test_whoever_is_out_or_a_reserve_is_listed_as_inactive(
    complete_warehouse: TestWarehouse,
) -> None:
    rows = complete_warehouse.rows(f"""
        SELECT c.player_status = 'out' AS away,
            COUNTIF(p.player_status = 'inactive' AND NOT p.is_active) AS inactive, COUNT(*) AS n
        FROM ({ROWS}) AS p
        INNER JOIN (SELECT game_id, player_lookup, player_status FROM {CONTEXT} WHERE {EVER}) AS c
            USING (game_id, player_lookup)
        GROUP BY away""")
    found = {row["away"]: (row["inactive"], row["n"]) for row in rows}
    assert found[True][0] == found[True][1] > 1_000
    assert found[False][0] < 0.05 * found[False][1]


def test_no_row_says_both_that_a_player_played_and_that_he_did_not(
    complete_warehouse: TestWarehouse,
) -> None:
    found = one(
        complete_warehouse,
        f"""SELECT
            COUNTIF(is_dnp IS NULL) AS unmarked,
            COUNTIF(is_dnp AND (points > 0 OR minutes_played > 0)) AS scored,
            COUNTIF(NOT is_dnp AND points IS NULL) AS pointless,
            COUNTIF(NOT is_dnp AND minutes_played = 0) AS unseen,
            COUNTIF(NOT is_dnp AND minutes_played IS NULL) / COUNTIF(NOT is_dnp) AS untimed
        FROM ({ROWS})""",
    )
    untimed = found.pop("untimed")
    assert set(found.values()) == {0}
    assert untimed == pytest.approx(0.002, abs=0.0005)


def test_nobody_is_reported_out_and_plays(complete_warehouse: TestWarehouse) -> None:
    found = complete_warehouse.rows(f"""
        SELECT game_id, player_lookup FROM ({ON_THE_FLOOR}) AS p
        INNER JOIN (SELECT game_id, player_lookup, player_status FROM {CONTEXT} WHERE {EVER}) AS c
            USING (game_id, player_lookup)
        WHERE c.player_status = 'out'""")
    assert found == []


def test_usage_is_not_written_where_there_was_none_and_is_there_on_95_4_per_cent(
    complete_warehouse: TestWarehouse,
) -> None:
    rows = complete_warehouse.rows(f"""
        SELECT season_year, EXTRACT(MONTH FROM game_date) AS month, COUNT(*) AS n,
            COUNT(usage_rate) AS known, COUNTIF(usage_rate = 0) AS zeros,
            COUNTIF(usage_rate IS NULL AND fg_attempts + ft_attempts + turnovers = 0) AS none
        FROM ({ON_THE_FLOOR}) GROUP BY season_year, month""")
    assert {row["season_year"] for row in rows} == {2021, 2022, 2023, 2024, 2025}
    assert sum(row["zeros"] for row in rows) == 0
    assert sum(row["none"] for row in rows) > 1_000
    for row in rows:
        assert row["known"] / row["n"] == pytest.approx(0.954, abs=0.002 + 1 / row["n"]), row


def test_usage_follows_its_formula_and_passes_100_in_moments_only(
    complete_warehouse: TestWarehouse,
) -> None:
    found = one(
        complete_warehouse,
        f"""SELECT
            COUNTIF(usage_rate > 100) AS high,
            COUNTIF(usage_rate > 100 AND minutes_played > 1) AS wrong,
            MAX(ABS(usage_rate - 100 * (fg_attempts + 0.44 * ft_attempts + turnovers) * 48
                / (minutes_played * team_total))) AS error
        FROM ({JOINED})""",
    )
    assert found["high"] > found["wrong"] == 0
    assert float(found["error"]) <= 0.00501


def test_a_dozen_players_a_season_play_more_than_48_minutes_all_of_them_in_overtime(
    complete_warehouse: TestWarehouse,
) -> None:
    rows = complete_warehouse.rows(f"""
        SELECT season_year, COUNTIF(minutes_played > 48) AS n,
            COUNTIF(minutes_played > 48 AND overtime_periods = 0) AS wrong,
            COUNTIF(minutes_played > 48 + 5 * overtime_periods) AS impossible
        FROM ({JOINED}) GROUP BY season_year""")
    assert {(row["wrong"], row["impossible"]) for row in rows} == {(0, 0)}
    complete = [row["n"] for row in rows if row["season_year"] < WHOLE_ROSTERS]
    assert sum(complete) / len(complete) == pytest.approx(13, abs=5)


def test_points_and_attempts_are_those_of_real_games(complete_warehouse: TestWarehouse) -> None:
    rows = complete_warehouse.rows(f"""
        SELECT season_year, EXTRACT(MONTH FROM game_date) AS month, AVG(points) AS mean
        FROM ({ON_THE_FLOOR}) GROUP BY season_year, month""")
    assert all(9.5 < float(row["mean"]) < 11.5 for row in rows)
    attempts = one(
        complete_warehouse,
        f"""SELECT MIN(fg_attempts) AS least, MAX(fg_attempts) AS most
        FROM {OFFENSE} WHERE {EVER} AND overtime_periods = 0""",
    )
    assert 70 <= attempts["least"] <= attempts["most"] <= 116


def test_half_of_those_who_play_have_shot_zones_in_2025_26(
    complete_warehouse: TestWarehouse,
) -> None:
    rows = complete_warehouse.rows(f"""
        SELECT season_year, COUNT(paint_attempts) / COUNT(*) AS share
        FROM ({ON_THE_FLOOR}) GROUP BY season_year""")
    share = {row["season_year"]: row["share"] for row in rows}
    assert share[2025] == pytest.approx(0.52, abs=0.015)
    assert 0.40 <= share[2024] <= 0.50
    assert all(0.85 <= share[season] <= 0.89 for season in (2021, 2022, 2023))


def test_reconstructed_team_rows_have_85_points_of_quality_and_players_99_9(
    complete_warehouse: TestWarehouse,
) -> None:
    for table in (OFFENSE, DEFENSE):
        rows = complete_warehouse.rows(f"""
            SELECT season_year, quality_score, quality_tier, is_production_ready,
                quality_issues[SAFE_OFFSET(0)] AS issue, COUNT(*) AS n
            FROM {table} WHERE {EVER} AND quality_reconstructed GROUP BY 1, 2, 3, 4, 5""")
        (found,) = rows
        assert found.pop("n") % 2 == 0
        assert list(found.values()) == [2025, 85, "silver", True, "reconstructed_from_players"]
    mean = complete_warehouse.value(f"SELECT AVG(quality_score) FROM ({ROWS})")
    assert mean == pytest.approx(99.9, abs=0.02)


def test_no_player_row_says_that_its_team_won(complete_warehouse: TestWarehouse) -> None:
    assert complete_warehouse.value(f"SELECT COUNTIF(win_flag) FROM ({ROWS})") == 0
    won = f"SELECT COUNTIF(win_flag) / COUNT(*) FROM {OFFENSE} WHERE {EVER}"
    assert complete_warehouse.value(won) == 0.5


def test_names_have_accents_apostrophes_and_suffixes_and_lookups_have_not(
    complete_warehouse: TestWarehouse,
) -> None:
    found = one(
        complete_warehouse,
        f"""SELECT
            COUNTIF(REGEXP_CONTAINS(name, r'[^ -~]')) AS accents,
            COUNTIF(name LIKE "%'%") AS apostrophes,
            COUNTIF(REGEXP_CONTAINS(name, r' (Jr\\.|II|III)$')) AS suffixes,
            COUNTIF(NOT REGEXP_CONTAINS(player_lookup, r'^[a-z]+$')) AS odd,
            COUNTIF(names > 1 OR ids > 1) AS torn,
            COUNT(*) - COUNT(DISTINCT name) AS namesakes
        FROM (
            SELECT player_lookup, ANY_VALUE(player_full_name) AS name,
                COUNT(DISTINCT player_full_name) AS names,
                COUNT(DISTINCT universal_player_id) AS ids
            FROM ({ROWS}) GROUP BY player_lookup
        )""",
    )
    assert min(found["accents"], found["apostrophes"], found["suffixes"]) > 10
    assert (found["odd"], found["torn"], found["namesakes"]) == (0, 0, 0)


def test_a_player_with_a_suffix_is_named_after_another(complete_warehouse: TestWarehouse) -> None:
    lookups = f"SELECT DISTINCT player_lookup AS name FROM ({ROWS})"
    rows = complete_warehouse.rows(f"""
        SELECT young.name FROM ({lookups}) AS young
        INNER JOIN ({lookups}) AS old
            ON young.name IN (CONCAT(old.name, 'jr'), CONCAT(old.name, 'ii'),
                CONCAT(old.name, 'iii'))""")
    assert len(rows) > 10


def test_no_two_players_of_a_season_have_one_name_but_for_a_suffix(
    complete_warehouse: TestWarehouse,
) -> None:
    rows = complete_warehouse.rows(f"""
        SELECT season_year, REGEXP_REPLACE(player_lookup, '(jr|ii|iii)$', '') AS name
        FROM ({ROWS})
        GROUP BY season_year, name
        HAVING COUNT(DISTINCT player_lookup) > 1""")
    assert rows == []


def test_players_are_traded_within_a_season_but_play_for_one_team_a_date(
    complete_warehouse: TestWarehouse,
) -> None:
    rows = complete_warehouse.rows(f"""
        SELECT season_year, COUNT(*) AS n FROM (
            SELECT season_year, player_lookup FROM ({ON_THE_FLOOR})
            GROUP BY season_year, player_lookup HAVING COUNT(DISTINCT team_abbr) > 1)
        GROUP BY season_year""")
    assert {row["season_year"] for row in rows} == {2021, 2022, 2023, 2024, 2025}
    for table in (PLAYERS, CONTEXT):
        found = complete_warehouse.rows(f"""
            SELECT game_date, player_lookup FROM {table} WHERE {EVER}
            GROUP BY game_date, player_lookup HAVING COUNT(*) > 1""")
        assert found == []
