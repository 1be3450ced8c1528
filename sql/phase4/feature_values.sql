-- Phase 4: features of ml_feature_store_v2 that follow from the player's games and factors. A model
-- trains on them. Placeholders of bootstrap dates are left out.
WITH stored AS (
  SELECT
    game_date,
    game_id,
    player_lookup,
    features,
    feature_names,
    ARRAY_TO_STRING(feature_names, ' ') AS order_of_names
  FROM nba_predictions.ml_feature_store_v2
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND game_date NOT IN UNNEST(@bootstrap_dates)
),

numbers AS (
  SELECT
    stored.game_date,
    stored.game_id,
    stored.player_lookup,
    -- The pinned emulator takes an OFFSET that is no literal one too low.
    stored.features[SAFE_ORDINAL(feature_places.points_5)] AS points_5,
    stored.features[SAFE_ORDINAL(feature_places.points_10)] AS points_10,
    stored.features[SAFE_ORDINAL(feature_places.points_season)] AS points_season,
    stored.features[SAFE_ORDINAL(feature_places.minutes_10)] AS minutes_10,
    stored.features[SAFE_ORDINAL(feature_places.fatigue)] AS fatigue,
    stored.features[SAFE_ORDINAL(feature_places.mismatch)] AS mismatch,
    stored.features[SAFE_ORDINAL(feature_places.pace)] AS pace
  FROM stored
  LEFT JOIN feature_places ON stored.order_of_names = feature_places.order_of_names
),

vectors AS (
  SELECT
    game_date,
    game_id,
    player_lookup,
    FORMAT_DATE('%Y-%m', game_date) AS period,
    EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season,
    MAX(IF(IS_NAN(points_5) OR IS_INF(points_5), NULL, points_5)) AS points_5,
    MAX(IF(IS_NAN(points_10) OR IS_INF(points_10), NULL, points_10)) AS points_10,
    MAX(IF(IS_NAN(points_season) OR IS_INF(points_season), NULL, points_season)) AS points_season,
    MAX(IF(IS_NAN(minutes_10) OR IS_INF(minutes_10), NULL, minutes_10)) AS minutes_10,
    MAX(IF(IS_NAN(fatigue) OR IS_INF(fatigue), NULL, fatigue)) AS fatigue,
    MAX(IF(IS_NAN(mismatch) OR IS_INF(mismatch), NULL, mismatch)) AS mismatch,
    MAX(IF(IS_NAN(pace) OR IS_INF(pace), NULL, pace)) AS pace
  FROM numbers
  GROUP BY game_date, game_id, player_lookup
),

factors AS (
  SELECT
    game_id AS game,
    player_lookup AS player,
    MAX(fatigue_score) AS fatigue_score,
    MAX(shot_zone_mismatch_score) AS shot_zone_mismatch_score,
    MAX(pace_score) AS pace_score
  FROM nba_precompute.player_composite_factors
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND game_date NOT IN UNNEST(@bootstrap_dates)
  GROUP BY game_id, player_lookup
),

compared AS (
  SELECT
    vectors.period,
    each_value.measure,
    each_value.column_name,
    each_value.tolerance,
    CASE each_value.column_name
      WHEN 'points_avg_last_5' THEN PARSE_NUMERIC(CAST(vectors.points_5 AS STRING))
      WHEN 'points_avg_last_10' THEN PARSE_NUMERIC(CAST(vectors.points_10 AS STRING))
      WHEN 'points_avg_season' THEN PARSE_NUMERIC(CAST(vectors.points_season AS STRING))
      WHEN 'minutes_avg_last_10' THEN PARSE_NUMERIC(CAST(vectors.minutes_10 AS STRING))
      WHEN 'fatigue_score' THEN PARSE_NUMERIC(CAST(vectors.fatigue AS STRING))
      WHEN 'shot_zone_mismatch_score' THEN PARSE_NUMERIC(CAST(vectors.mismatch AS STRING))
      WHEN 'pace_score' THEN PARSE_NUMERIC(CAST(vectors.pace AS STRING))
    END AS held,
    CASE each_value.column_name
      WHEN 'points_avg_last_5' THEN player_form.points_5 / NULLIF(player_form.games_5, 0)
      WHEN 'points_avg_last_10' THEN player_form.points_10 / NULLIF(player_form.games_10, 0)
      WHEN 'points_avg_season' THEN player_form.points_season / NULLIF(player_form.games, 0)
      WHEN 'minutes_avg_last_10' THEN player_form.minutes_10 / NULLIF(player_form.minutes_known, 0)
      WHEN 'fatigue_score' THEN factors.fatigue_score
      WHEN 'shot_zone_mismatch_score' THEN factors.shot_zone_mismatch_score
      WHEN 'pace_score' THEN factors.pace_score
    END AS expected,
    CONCAT(vectors.game_id, ' ', vectors.player_lookup) AS row_key
  FROM vectors
  LEFT JOIN player_form
    ON
      vectors.player_lookup = player_form.player_lookup
      AND vectors.season = player_form.season
      AND vectors.game_date > player_form.since
      AND vectors.game_date <= player_form.valid_to
  LEFT JOIN factors
    ON
      vectors.game_id = factors.game
      AND vectors.player_lookup = factors.player
  CROSS JOIN
    UNNEST([
      STRUCT(
        'player_features' AS measure, 'points_avg_last_5' AS column_name, NUMERIC '0.5' AS tolerance
      ),
      ('player_features', 'points_avg_last_10', 0.5),
      ('player_features', 'points_avg_season', 0.5),
      ('player_features', 'minutes_avg_last_10', 2),
      ('factor_features', 'fatigue_score', 1),
      ('factor_features', 'shot_zone_mismatch_score', 0.2),
      ('factor_features', 'pace_score', 0.2)
    ]) AS each_value
),

findings AS (
  SELECT
    measure,
    found,
    number,
    held,
    expected
  FROM value_findings
  UNION ALL
  SELECT
    NULL AS measure,
    'rows' AS found,
    COUNT(*) AS number,
    NULL AS held,
    NULL AS expected
  FROM vectors
)

SELECT
  COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows,
  ANY_VALUE(judged_values.judged_values) AS judged_values
FROM placed_values
CROSS JOIN judged_values
