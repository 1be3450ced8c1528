-- Phase 4: keys and shot rates of player_shot_zone_analysis. Rates are per cent of a player's shots
-- and assisted rates of the shots made, to hundredths; shares of success are 0 to 1.
WITH zones AS (
  SELECT
    analysis_date,
    player_lookup,
    ABS(paint_rate_last_10 + mid_range_rate_last_10 + three_pt_rate_last_10 - 100) > 1
    OR ABS(assisted_rate_last_10 + unassisted_rate_last_10 - 100) > 1 AS is_off,
    paint_rate_last_10 NOT BETWEEN 0 AND 100
    OR mid_range_rate_last_10 NOT BETWEEN 0 AND 100
    OR three_pt_rate_last_10 NOT BETWEEN 0 AND 100
    OR paint_pct_last_10 NOT BETWEEN 0 AND 1
    OR mid_range_pct_last_10 NOT BETWEEN 0 AND 1
    OR three_pt_pct_last_10 NOT BETWEEN 0 AND 1 AS is_implausible
  FROM nba_precompute.player_shot_zone_analysis
  WHERE analysis_date BETWEEN @window_start AND @window_end
),

players AS (
  SELECT
    analysis_date,
    player_lookup,
    COUNT(*) AS records
  FROM zones
  GROUP BY analysis_date, player_lookup
)

SELECT
  COUNT(*) AS window_rows,
  STRUCT(
    (SELECT COALESCE(SUM(players.records - 1), 0) FROM players) AS numerator,
    ARRAY(
      SELECT CONCAT(CAST(players.analysis_date AS STRING), ' ', players.player_lookup) AS found
      FROM players
      WHERE players.records > 1
      ORDER BY found
      LIMIT @keys_shown
    ) AS first
  ) AS duplicate_rows,
  STRUCT(
    COUNTIF(is_off) AS numerator,
    ARRAY(
      SELECT CONCAT(CAST(odd.analysis_date AS STRING), ' ', odd.player_lookup) AS found
      FROM zones AS odd
      WHERE odd.is_off
      ORDER BY found
      LIMIT @keys_shown
    ) AS first
  ) AS shot_rates,
  STRUCT(
    COUNTIF(is_implausible) AS numerator,
    ARRAY(
      SELECT CONCAT(CAST(odd.analysis_date AS STRING), ' ', odd.player_lookup) AS found
      FROM zones AS odd
      WHERE odd.is_implausible
      ORDER BY found
      LIMIT @keys_shown
    ) AS first
  ) AS implausible_rows
FROM zones
