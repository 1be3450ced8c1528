-- Phase 4: features of ml_feature_store_v2 that follow from the player's games and factors. A model
-- trains on them. Placeholders of bootstrap dates are left out.
WITH stored AS (
  SELECT
    game_date,
    game_id,
    player_lookup,
    features,
    feature_names
  FROM nba_predictions.ml_feature_store_v2
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND game_date NOT IN UNNEST(@bootstrap_dates)
),

numbered AS (
  SELECT
    stored.game_date,
    stored.game_id,
    stored.player_lookup,
    column_name,
    -- The pinned emulator takes an OFFSET that is no literal one too low.
    stored.features[SAFE_ORDINAL(place + 1)] AS number
  FROM stored
  CROSS JOIN UNNEST(stored.feature_names) AS column_name WITH OFFSET AS place
),

vectors AS (
  SELECT
    game_date,
    game_id,
    player_lookup,
    FORMAT_DATE('%Y-%m', game_date) AS period,
    EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season,
    MAX(IF(column_name = 'points_avg_last_5', number, NULL)) AS points_5,
    MAX(IF(column_name = 'points_avg_last_10', number, NULL)) AS points_10,
    MAX(IF(column_name = 'points_avg_season', number, NULL)) AS points_season,
    MAX(IF(column_name = 'minutes_avg_last_10', number, NULL)) AS minutes_10,
    MAX(IF(column_name = 'fatigue_score', number, NULL)) AS fatigue,
    MAX(IF(column_name = 'shot_zone_mismatch_score', number, NULL)) AS mismatch,
    MAX(IF(column_name = 'pace_score', number, NULL)) AS pace
  FROM numbered
  WHERE NOT IS_NAN(number) AND NOT IS_INF(number)
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
    each_value.held,
    each_value.expected,
    each_value.tolerance,
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
        'player_features' AS measure,
        'points_avg_last_5' AS column_name,
        CAST(vectors.points_5 AS NUMERIC) AS held,
        player_form.points_5 / NULLIF(player_form.games_5, 0) + NUMERIC '0' AS expected,
        NUMERIC '0.5' AS tolerance
      ),
      (
        'player_features',
        'points_avg_last_10',
        CAST(vectors.points_10 AS NUMERIC),
        player_form.points_10 / NULLIF(player_form.games_10, 0),
        0.5
      ),
      (
        'player_features',
        'points_avg_season',
        CAST(vectors.points_season AS NUMERIC),
        player_form.points_season / NULLIF(player_form.games, 0),
        0.5
      ),
      (
        'player_features',
        'minutes_avg_last_10',
        CAST(vectors.minutes_10 AS NUMERIC),
        player_form.minutes_10 / NULLIF(player_form.minutes_known, 0),
        2
      ),
      (
        'factor_features',
        'fatigue_score',
        CAST(vectors.fatigue AS NUMERIC),
        factors.fatigue_score,
        1
      ),
      (
        'factor_features',
        'shot_zone_mismatch_score',
        CAST(vectors.mismatch AS NUMERIC),
        factors.shot_zone_mismatch_score,
        0.2
      ),
      ('factor_features', 'pace_score', CAST(vectors.pace AS NUMERIC), factors.pace_score, 0.2)
    ]) AS each_value
),

findings AS (
  SELECT
    measure,
    found,
    number
  FROM value_findings
  UNION ALL
  SELECT
    NULL AS measure,
    'rows' AS found,
    COUNT(*) AS number
  FROM vectors
)

SELECT
  COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows,
  ANY_VALUE(judged_values.judged_values) AS judged_values
FROM placed_findings
CROSS JOIN judged_values
