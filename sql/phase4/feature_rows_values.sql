-- Phase 4: rows of ml_feature_store_v2, which a model trains on: vectors without length, name or
-- finite number, and the players with factors who have none. Bootstrap dates hold placeholders.
WITH stored AS (
  SELECT
    game_date,
    player_lookup,
    ANY_VALUE(game_id) AS game_id,
    COUNT(*) AS records,
    COUNTIF(
      COALESCE(ARRAY_LENGTH(features), 0) = 0
      AND (is_production_ready OR is_training_ready OR is_quality_ready)
    ) AS empty_rows,
    COUNTIF(
      COALESCE(ARRAY_LENGTH(features), 0) != COALESCE(feature_count, -1)
      OR COALESCE(ARRAY_LENGTH(features), 0) != COALESCE(ARRAY_LENGTH(feature_names), 0)
    ) AS odd_rows,
    COUNTIF(
      EXISTS (
        SELECT 1 FROM UNNEST(features) AS number
        WHERE IS_NAN(number) OR IS_INF(number)
      )
    )
      AS endless_rows,
    COUNTIF(feature_quality_score NOT BETWEEN 0 AND 100) AS off_scale,
    COUNTIF(feature_quality_score IS NULL OR is_training_ready IS NULL) AS unrated,
    COUNTIF(is_training_ready) AS ready
  FROM nba_predictions.ml_feature_store_v2
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND game_date NOT IN UNNEST(@bootstrap_dates)
  GROUP BY game_date, player_lookup
),

-- Features are due of those with factors who played: a roster may have had others since.
factors AS (
  SELECT DISTINCT
    held_factors.game_date AS day,
    held_factors.player_lookup AS player
  FROM held_factors
  INNER JOIN played_games
    ON
      held_factors.game_date = played_games.game_date
      AND held_factors.player_lookup = played_games.player_lookup
),

dates AS (
  SELECT
    factors.day,
    COUNT(*) AS players,
    COUNT(stored.player_lookup) AS players_held,
    GREATEST(COUNT(stored.player_lookup), 1) AS held,
    COALESCE(SUM(stored.unrated), 0) AS unrated,
    -- Of a date without any, worst_date_players tells: nothing of nothing is all of it.
    COALESCE(SUM(stored.ready), 1) AS ready
  FROM factors
  LEFT JOIN stored
    ON
      factors.day = stored.game_date
      AND factors.player = stored.player_lookup
  GROUP BY factors.day
),

worst_date AS (
  SELECT
    ARRAY_AGG(
      STRUCT(players_held AS numerator, players AS denominator, day AS game_date)
      ORDER BY players_held / players, day LIMIT 1
    )[OFFSET(0)] AS worst_date_players,
    ARRAY_AGG(
      STRUCT(unrated AS numerator, held AS denominator, day AS game_date)
      ORDER BY unrated / held DESC, day ASC LIMIT 1
    )[OFFSET(0)] AS unrated_date,
    ARRAY_AGG(
      STRUCT(ready AS numerator, held AS denominator, day AS game_date)
      ORDER BY ready / held, day LIMIT 1
    )[OFFSET(0)] AS ready_date
  FROM dates
),

counted_keys AS (
  SELECT
    CONCAT(COALESCE(game_id, 'NULL'), ' ', COALESCE(player_lookup, 'NULL')) AS found,
    [
      STRUCT('duplicate_rows' AS measure, records - 1 AS number),
      ('empty_rows', empty_rows),
      ('vector_lengths', odd_rows),
      ('endless_features', endless_rows),
      ('implausible_rows', off_scale),
      -- Not a finding: the rows that there are.
      (NULL, records)
    ] AS counts
  FROM stored
)

SELECT
  COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows,
  ANY_VALUE(worst_date.worst_date_players) AS worst_date_players,
  ANY_VALUE(worst_date.unrated_date) AS unrated_date,
  ANY_VALUE(worst_date.ready_date) AS ready_date
FROM placed_findings
CROSS JOIN worst_date
