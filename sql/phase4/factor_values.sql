-- Phase 4: player_composite_factors by game and date against the context that they are built from:
-- factors without a value, that all stand at their defaults, or that do not follow pace and load.
WITH factors AS (
  SELECT
    game_date,
    player_lookup,
    fatigue_score,
    shot_zone_mismatch_score,
    pace_score,
    total_composite_adjustment,
    COALESCE(game_id, 'NULL') AS game_id,
    fatigue_score = 100 AND shot_zone_mismatch_score = 0 AND pace_score = 0 AS is_default,
    upstream_player_shot_ready AND upstream_team_defense_ready AS has_zones
  FROM nba_precompute.player_composite_factors
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND game_date NOT IN UNNEST(@bootstrap_dates)
),

contexts AS (
  SELECT
    game_id AS game,
    player_lookup AS player,
    MAX(pace_differential) AS pace_differential,
    MAX(games_in_last_7_days) AS games
  FROM nba_analytics.upcoming_player_game_context
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND game_date NOT IN UNNEST(@bootstrap_dates)
  GROUP BY game_id, player_lookup
),

games AS (
  SELECT
    factors.game_date,
    factors.game_id,
    COUNT(*) AS records,
    GREATEST(
      COUNTIF(factors.fatigue_score IS NULL),
      COUNTIF(factors.shot_zone_mismatch_score IS NULL),
      COUNTIF(factors.pace_score IS NULL),
      COUNTIF(factors.total_composite_adjustment IS NULL)
    ) AS unread,
    COUNTIF(factors.is_default) AS defaults,
    COUNTIF(factors.has_zones AND factors.shot_zone_mismatch_score = 0) AS without_mismatch,
    COUNTIF(factors.has_zones) AS with_zones,
    COUNTIF(ABS(contexts.pace_differential) >= 1 AND factors.pace_score = 0) AS without_pace,
    COUNTIF(ABS(contexts.pace_differential) >= 1 AND factors.pace_score IS NOT NULL) AS with_pace,
    COUNTIF(factors.pace_score * contexts.pace_differential > 0) AS along,
    COUNTIF(factors.pace_score * contexts.pace_differential < 0) AS against,
    COUNTIF(contexts.games >= 4 AND factors.fatigue_score IS NOT NULL) AS loaded,
    COUNTIF(contexts.games <= 1 AND factors.fatigue_score IS NOT NULL) AS rested,
    SUM(IF(contexts.games >= 4, factors.fatigue_score, 0)) AS loaded_sum,
    SUM(IF(contexts.games <= 1, factors.fatigue_score, 0)) AS rested_sum
  FROM factors
  LEFT JOIN contexts
    ON
      factors.game_id = contexts.game
      AND factors.player_lookup = contexts.player
  GROUP BY factors.game_date, factors.game_id
),

dates AS (
  SELECT
    game_date,
    SUM(records) AS records,
    SUM(defaults) AS defaults,
    -- The first teams of a season with shot zones are all that the league is.
    IF(SUM(with_zones) >= @rows_of_a_date, SUM(without_mismatch), 0) AS without_mismatch,
    GREATEST(SUM(with_zones), 1) AS with_zones,
    LEAST(SUM(along), SUM(against)) AS astray,
    GREATEST(SUM(along) + SUM(against), 1) AS with_direction,
    SUM(loaded) >= 10
    AND SUM(rested) >= 10
    AND SUM(loaded_sum) * SUM(rested) >= SUM(rested_sum) * SUM(loaded) AS is_unmoved
  FROM games
  GROUP BY game_date
),

worst_game AS (
  SELECT
    ARRAY_AGG(
      STRUCT(unread AS numerator, records AS denominator, game_id AS game)
      ORDER BY unread / records DESC, game_id ASC LIMIT 1
    )[OFFSET(0)] AS null_game,
    ARRAY_AGG(
      STRUCT(defaults AS numerator, records AS denominator, game_id AS game)
      ORDER BY defaults / records DESC, game_id ASC LIMIT 1
    )[OFFSET(0)] AS default_game,
    ARRAY_AGG(
      STRUCT(without_pace AS numerator, GREATEST(with_pace, 1) AS denominator, game_id AS game)
      ORDER BY without_pace / GREATEST(with_pace, 1) DESC, game_id ASC LIMIT 1
    )[OFFSET(0)] AS pace_default_game
  FROM games
),

worst_date AS (
  SELECT
    ARRAY_AGG(
      STRUCT(defaults AS numerator, records AS denominator, game_date AS game_date)
      ORDER BY defaults / records DESC, game_date ASC LIMIT 1
    )[OFFSET(0)] AS default_date,
    ARRAY_AGG(
      STRUCT(without_mismatch AS numerator, with_zones AS denominator, game_date AS game_date)
      ORDER BY without_mismatch / with_zones DESC, game_date ASC LIMIT 1
    )[OFFSET(0)] AS mismatch_default_date,
    ARRAY_AGG(
      STRUCT(astray AS numerator, with_direction AS denominator, game_date AS game_date)
      ORDER BY astray / with_direction DESC, game_date ASC LIMIT 1
    )[OFFSET(0)] AS pace_direction
  FROM dates
),

findings AS (
  SELECT
    'fatigue_by_load' AS measure,
    CAST(game_date AS STRING) AS found,
    1 AS number
  FROM dates
  WHERE is_unmoved
  UNION ALL
  SELECT
    NULL AS measure,
    'rows' AS found,
    SUM(records) AS number
  FROM games
)

SELECT
  COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows,
  ANY_VALUE(worst_game.null_game) AS null_game,
  ANY_VALUE(worst_game.default_game) AS default_game,
  ANY_VALUE(worst_game.pace_default_game) AS pace_default_game,
  ANY_VALUE(worst_date.default_date) AS default_date,
  ANY_VALUE(worst_date.mismatch_default_date) AS mismatch_default_date,
  ANY_VALUE(worst_date.pace_direction) AS pace_direction
FROM placed_findings
CROSS JOIN worst_game
CROSS JOIN worst_date
