-- Pre-flight: league games of the window that the schedule does not have as final, and what else
-- is wrong with it. Such games are not asked for by the coverage gates, so a stale schedule would
-- hide gaps; and it is what every table is held against.
WITH games AS (
  SELECT
    game_date,
    game_id,
    away_team_tricode,
    home_team_tricode,
    game_status
  FROM nba_raw.nbac_schedule
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids)
),

one_each AS (
  SELECT DISTINCT
    game_date,
    game_id,
    away_team_tricode,
    home_team_tricode
  FROM games
),

told_apart AS (
  SELECT game_id AS found
  FROM one_each
  GROUP BY game_id
  HAVING COUNT(*) > 1
),

twice AS (
  SELECT CONCAT(CAST(one_each.game_date AS STRING), ' ', team) AS found
  FROM one_each
  CROSS JOIN UNNEST([one_each.away_team_tricode, one_each.home_team_tricode]) AS team
  GROUP BY one_each.game_date, team
  HAVING COUNT(DISTINCT one_each.game_id) > 1
),

unnamed AS (
  SELECT DISTINCT game_id AS found
  FROM games
  WHERE
    NOT COALESCE(REGEXP_CONTAINS(away_team_tricode, r'^[A-Z]{3}$'), FALSE)
    OR NOT COALESCE(REGEXP_CONTAINS(home_team_tricode, r'^[A-Z]{3}$'), FALSE)
    OR away_team_tricode = home_team_tricode
)

SELECT
  COUNT(*) AS window_rows,
  COUNTIF(game_status IS NULL OR game_status != @final_status) AS unfinished_games,
  COUNT(*) - COUNT(DISTINCT game_id) AS repeated_games,
  STRUCT(
    (SELECT COUNT(*) FROM told_apart) AS numerator,
    ARRAY(
      SELECT told_apart.found FROM told_apart
      ORDER BY told_apart.found LIMIT @keys_shown
    ) AS first
  ) AS conflicting_games,
  STRUCT(
    (SELECT COUNT(*) FROM twice) AS numerator,
    ARRAY(
      SELECT twice.found FROM twice
      ORDER BY twice.found LIMIT @keys_shown
    ) AS first
  ) AS teams_twice_a_date,
  STRUCT(
    (SELECT COUNT(*) FROM unnamed) AS numerator,
    ARRAY(
      SELECT unnamed.found FROM unnamed
      ORDER BY unnamed.found LIMIT @keys_shown
    ) AS first
  ) AS unnamed_teams
FROM games
