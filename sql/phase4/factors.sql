-- Phase 4: player_composite_factors by row, game, date and month, against the schedule and the rows
-- of Phase 3 that it is built from. Bootstrap dates are left out: a gate of their own asks for no
-- rows there.
WITH scheduled_games AS (
  SELECT
    game_date,
    first_date,
    game_id,
    is_due AND game_date NOT IN UNNEST(@bootstrap_dates) AS is_due
  FROM scheduled_games
),

table_rows AS (
  SELECT
    game_date,
    fatigue_score,
    shot_zone_mismatch_score,
    pace_score,
    usage_spike_score,
    referee_favorability_score,
    look_ahead_pressure_score,
    travel_impact_score,
    opponent_strength_score,
    total_composite_adjustment,
    calculation_version,
    processed_at,
    COALESCE(game_id, 'NULL') AS game_id,
    COALESCE(player_lookup, 'NULL') AS entry,
    EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season,
    upstream_player_shot_ready AND upstream_team_defense_ready AS has_zones,
    REGEXP_CONTAINS(game_id, r'^[0-9]{8}_[A-Z]{3}_[A-Z]{3}$') IS NOT TRUE
    OR SUBSTR(game_id, 1, 8) != FORMAT_DATE('%Y%m%d', game_date) AS is_malformed
  FROM nba_precompute.player_composite_factors
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND game_date NOT IN UNNEST(@bootstrap_dates)
),

findings AS (
  SELECT * FROM schedule_findings
  UNION ALL
  SELECT
    finding.measure,
    odd_factors.found,
    1 AS number,
    NULL AS day
  FROM odd_factors
  CROSS JOIN
    UNNEST([
      STRUCT('malformed_ids' AS measure, odd_factors.is_malformed AS is_so),
      ('fatigue_band', odd_factors.fatigue_band),
      ('mismatch_band', odd_factors.mismatch_band),
      ('pace_band', odd_factors.pace_band),
      ('deferred_factors', odd_factors.deferred_factors),
      ('adjustment_sum', odd_factors.adjustment_sum)
    ]) AS finding
  WHERE finding.is_so
  UNION ALL
  SELECT
    finding.measure,
    CONCAT(built_factors.game_id, ' ', built_factors.entry) AS found,
    1 AS number,
    NULL AS day
  FROM built_factors
  CROSS JOIN
    UNNEST([
      STRUCT(
        'older_than_context' AS measure,
        built_factors.row_of_player = 1 AND built_factors.is_before_context AS is_so
      ),
      ('older_than_players', built_factors.is_before_player)
    ]) AS finding
  WHERE finding.is_so
  UNION ALL
  SELECT
    'mixed_versions' AS measure,
    CAST(game_date AS STRING) AS found,
    1 AS number,
    NULL AS day
  FROM factor_dates
  WHERE versions > 1
  UNION ALL
  SELECT
    'constant_columns' AS measure,
    CONCAT(column_name, ' in season ', CAST(factor_seasons.season AS STRING)) AS found,
    1 AS number,
    NULL AS day
  FROM factor_seasons
  CROSS JOIN UNNEST(factor_seasons.without_values) AS column_name
  WHERE column_name != '' AND column_name NOT IN UNNEST(@declared_constant)
)

SELECT
  COALESCE(SUM(day.due), 0) AS window_rows,
  ANY_VALUE(worst_player_date.worst_date_players) AS worst_date_players,
  ANY_VALUE(worst_factor_date.fatigue_date_mean) AS fatigue_date_mean,
  ANY_VALUE(worst_factor_months.fatigue_month_mean) AS fatigue_month_mean,
  ANY_VALUE(worst_factor_months.mismatch_month_mean) AS mismatch_month_mean,
  ANY_VALUE(worst_factor_months.pace_month_mean) AS pace_month_mean,
  ANY_VALUE(worst_factor_months.fatigue_default_share) AS fatigue_default_share,
  ANY_VALUE(worst_factor_months.mismatch_default_share) AS mismatch_default_share,
  ANY_VALUE(worst_factor_months.pace_default_share) AS pace_default_share,
  ARRAY_AGG(
    STRUCT(COALESCE(day.gap, 0) AS numerator, IF(day.gap > 0, found, NULL) AS starting)
    ORDER BY day.gap DESC, found ASC LIMIT 1
  )[OFFSET(0)] AS longest_gap
FROM placed_findings
CROSS JOIN worst_player_date
CROSS JOIN worst_factor_date
CROSS JOIN worst_factor_months
