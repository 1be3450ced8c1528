-- Phase 4: players of a season with enough games who are in a table on under half of the dates on
-- which they played, as those are who go by another name there. Bootstrap dates are left out.
WITH played AS (
  SELECT
    player_lookup,
    game_date,
    season,
    minutes,
    ROW_NUMBER() OVER (PARTITION BY player_lookup, season ORDER BY game_date) AS game_number
  FROM played_figures
),

held AS (
  SELECT
    'factors' AS place,
    game_date AS day,
    player_lookup AS player
  FROM nba_precompute.player_composite_factors
  WHERE game_date BETWEEN @window_start AND @window_end
  UNION DISTINCT
  SELECT
    'features' AS place,
    game_date AS day,
    player_lookup AS player
  FROM nba_predictions.ml_feature_store_v2
  WHERE game_date BETWEEN @window_start AND @window_end
  UNION DISTINCT
  SELECT
    'zones' AS place,
    analysis_date AS day,
    player_lookup AS player
  FROM nba_precompute.player_shot_zone_analysis
  WHERE analysis_date BETWEEN @window_start AND @window_end
  UNION DISTINCT
  SELECT
    'cache' AS place,
    cache_date AS day,
    player_lookup AS player
  FROM nba_precompute.player_daily_cache
  WHERE cache_date BETWEEN @window_start AND @window_end
),

-- Shot zones come with enough games, and the cache has those who play.
due AS (
  SELECT
    played.player_lookup,
    played.season,
    played.game_date,
    place
  FROM played
  CROSS JOIN UNNEST(['factors', 'features', 'zones', 'cache']) AS place
  WHERE
    played.game_date BETWEEN @window_start AND @window_end
    AND played.game_date NOT IN UNNEST(@bootstrap_dates)
    AND (place != 'zones' OR played.game_number > @player_games)
    AND (place != 'cache' OR played.minutes >= @few_minutes)
),

seasons AS (
  SELECT
    due.place,
    due.season,
    due.player_lookup,
    COUNT(*) AS games,
    COUNT(held.player) AS games_held
  FROM due
  LEFT JOIN held
    ON
      due.place = held.place
      AND due.game_date = held.day
      AND due.player_lookup = held.player
  GROUP BY due.place, due.season, due.player_lookup
),

findings AS (
  SELECT
    finding.measure,
    CONCAT(
      CAST(seasons.season AS STRING),
      ' ',
      seasons.player_lookup,
      ': ',
      CAST(seasons.games_held AS STRING),
      ' of ',
      CAST(seasons.games AS STRING),
      ' games'
    ) AS found,
    1 AS number
  FROM seasons
  CROSS JOIN
    UNNEST([
      STRUCT('absent_from_factors' AS measure, 'factors' AS place),
      ('absent_from_features', 'features'),
      ('absent_from_zones', 'zones'),
      ('absent_from_cache', 'cache')
    ]) AS finding
  WHERE
    seasons.place = finding.place
    AND seasons.games >= @games_of_a_player
    AND 2 * seasons.games_held < seasons.games
  UNION ALL
  SELECT
    NULL AS measure,
    'games' AS found,
    COUNT(*) AS number
  FROM due
)

SELECT COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows
FROM placed_findings
