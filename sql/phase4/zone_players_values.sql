-- Phase 4: player_shot_zone_analysis follows from where its players shot from in their last ten
-- games, the date's game included. Whoever has fewer is left out: how those count is not zones.
WITH zones AS (
  SELECT
    analysis_date,
    player_lookup,
    paint_rate_last_10,
    mid_range_rate_last_10,
    three_pt_rate_last_10,
    paint_pct_last_10,
    mid_range_pct_last_10,
    three_pt_pct_last_10,
    paint_attempts_per_game,
    three_pt_attempts_per_game,
    CAST(analysis_date AS STRING) AS period,
    EXTRACT(YEAR FROM DATE_ADD(analysis_date, INTERVAL 3 MONTH)) - 1 AS season,
    early_season_flag IS TRUE AS is_early,
    is_production_ready
    AND paint_rate_last_10 IS NULL
    AND mid_range_rate_last_10 IS NULL
    AND three_pt_rate_last_10 IS NULL AS is_empty
  FROM nba_precompute.player_shot_zone_analysis
  WHERE
    analysis_date BETWEEN @window_start AND @window_end
    AND analysis_date NOT IN UNNEST(@bootstrap_dates)
),

compared AS (
  SELECT
    zones.period,
    each_value.measure,
    each_value.column_name,
    each_value.tolerance,
    -- A fraction of whole numbers is not exact in floating point, and the tolerance is.
    PARSE_NUMERIC(CAST(
      CASE each_value.column_name
        WHEN 'paint_rate_last_10' THEN shooters.paint_rate
        WHEN 'mid_range_rate_last_10' THEN shooters.mid_range_rate
        WHEN 'three_pt_rate_last_10' THEN shooters.threes_rate
        WHEN 'paint_pct_last_10' THEN shooters.paint_pct
        WHEN 'mid_range_pct_last_10' THEN shooters.mid_range_pct
        WHEN 'three_pt_pct_last_10' THEN shooters.threes_pct
        WHEN 'paint_attempts_per_game' THEN shooters.paint_attempts
        WHEN 'three_pt_attempts_per_game' THEN shooters.threes_attempts
      END AS STRING
    )) AS expected,
    CASE each_value.column_name
      WHEN 'paint_rate_last_10' THEN zones.paint_rate_last_10
      WHEN 'mid_range_rate_last_10' THEN zones.mid_range_rate_last_10
      WHEN 'three_pt_rate_last_10' THEN zones.three_pt_rate_last_10
      WHEN 'paint_pct_last_10' THEN zones.paint_pct_last_10
      WHEN 'mid_range_pct_last_10' THEN zones.mid_range_pct_last_10
      WHEN 'three_pt_pct_last_10' THEN zones.three_pt_pct_last_10
      WHEN 'paint_attempts_per_game' THEN zones.paint_attempts_per_game
      WHEN 'three_pt_attempts_per_game' THEN zones.three_pt_attempts_per_game
    END AS held,
    CONCAT(zones.period, ' ', zones.player_lookup) AS row_key
  FROM zones
  INNER JOIN shooters
    ON
      zones.player_lookup = shooters.player_lookup
      AND zones.season = shooters.season
      AND zones.analysis_date >= shooters.since
      AND zones.analysis_date < shooters.valid_to
  CROSS JOIN
    UNNEST([
      STRUCT(
        'zone_rates' AS measure,
        'paint_rate_last_10' AS column_name,
        @rate_apart + NUMERIC '0' AS tolerance
      ),
      ('zone_rates', 'mid_range_rate_last_10', @rate_apart),
      ('zone_rates', 'three_pt_rate_last_10', @rate_apart),
      ('zone_success', 'paint_pct_last_10', 0.15),
      ('zone_success', 'mid_range_pct_last_10', 0.15),
      ('zone_success', 'three_pt_pct_last_10', 0.15),
      ('zone_attempts', 'paint_attempts_per_game', 2),
      ('zone_attempts', 'three_pt_attempts_per_game', 2)
    ]) AS each_value
  WHERE shooters.games > @player_games AND NOT zones.is_early
),

empty_dates AS (
  SELECT
    period,
    COUNT(*) AS records,
    COUNTIF(is_empty) AS empty_rows
  FROM zones
  GROUP BY period
),

worst_date AS (
  SELECT
    ARRAY_AGG(
      STRUCT(empty_rows AS numerator, records AS denominator, period AS analysis_date)
      ORDER BY empty_rows / records DESC, period ASC LIMIT 1
    )[OFFSET(0)] AS empty_date,
    SUM(records) AS records
  FROM empty_dates
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
    records AS number,
    NULL AS held,
    NULL AS expected
  FROM worst_date
)

SELECT
  COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows,
  ANY_VALUE(judged_values.judged_values) AS judged_values,
  ANY_VALUE(worst_date.empty_date) AS empty_date
FROM placed_values
CROSS JOIN judged_values
CROSS JOIN worst_date
