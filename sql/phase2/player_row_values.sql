-- Phase 2: what a row of the player table says, against its other columns and its team's row.
WITH names AS (
  SELECT
    judged_players.season,
    MIN(judged_players.player_lookup) AS one,
    MAX(judged_players.player_lookup) AS another
  FROM judged_players
  CROSS JOIN
    UNNEST([
      STRUCT(judged_players.universal_player_id AS person, TRUE AS is_sure),
      -- A suffix dropped or a number in front: of a team, and never both in a game.
      (
        CONCAT(
          judged_players.team_abbr,
          REGEXP_REPLACE(judged_players.player_lookup, r'^[0-9]+|(jr|sr|ii|iii|iv)$', '')
        ),
        FALSE
      )
    ]) AS called
  WHERE judged_players.has_played AND called.person IS NOT NULL
  GROUP BY judged_players.season, called.person, called.is_sure
  HAVING
    COUNT(DISTINCT judged_players.player_lookup) > 1
    AND (called.is_sure OR COUNT(*) = COUNT(DISTINCT judged_players.game_id))
),

findings AS (
  SELECT
    checked.measure,
    CONCAT(judged_players.game_id, ' ', judged_players.player_lookup, checked.what) AS found,
    1 AS number,
    COALESCE(checked.held, 'NULL') AS held,
    checked.expected
  FROM judged_players
  CROSS JOIN
    UNNEST([
      STRUCT(
        'usage_from_shots' AS measure,
        '' AS what,
        FORMAT('%.1f', CAST(judged_players.usage_rate AS FLOAT64)) AS held,
        FORMAT('%.1f', judged_players.usage_from_shots) AS expected,
        judged_players.usage_rate NOT BETWEEN
        judged_players.usage_from_shots
        * (1 - @usage_tolerance / 100 - judged_players.rounding)
        - 0.5
        AND judged_players.usage_from_shots
        * judged_players.length_of_game
        * (1 + @usage_tolerance / 100 + judged_players.rounding)
        + 0.5 AS is_so
      ),
      (
        'shooting_rates',
        ' ts_pct',
        FORMAT('%.3f', CAST(judged_players.ts_pct AS FLOAT64)),
        FORMAT('%.3f', judged_players.true_shooting),
        judged_players.has_played
        AND ABS(judged_players.ts_pct - judged_players.true_shooting) > 0.01
      ),
      (
        'shooting_rates',
        ' efg_pct',
        FORMAT('%.3f', CAST(judged_players.efg_pct AS FLOAT64)),
        FORMAT('%.3f', judged_players.effective_goals),
        judged_players.has_played
        AND ABS(judged_players.efg_pct - judged_players.effective_goals) > 0.01
      ),
      (
        'game_columns',
        ' opponent',
        judged_players.opponent_team_abbr,
        judged_players.opponent,
        COALESCE(judged_players.opponent_team_abbr, '') != judged_players.opponent
      ),
      (
        'game_columns',
        ' season_year',
        CAST(judged_players.season_year AS STRING),
        CAST(judged_players.season AS STRING),
        COALESCE(judged_players.season_year, 0) != judged_players.season
      )
    ]) AS checked
  WHERE checked.is_so
  UNION ALL
  SELECT DISTINCT
    'two_names' AS measure,
    CONCAT(CAST(season AS STRING), ' ', one, ' and ', another) AS found,
    1 AS number,
    CAST(NULL AS STRING) AS held,
    CAST(NULL AS STRING) AS expected
  FROM names
  UNION ALL
  SELECT
    NULL AS measure,
    NULL AS found,
    COUNT(*) AS number,
    NULL AS held,
    NULL AS expected
  FROM box_rows
)

SELECT SUM(IF(measure IS NULL, number, 0)) AS window_rows
FROM placed_values
