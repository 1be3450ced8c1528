-- Phase 4: team_defense_zone_analysis follows from what its teams allowed in their last fifteen
-- games, the date's game included. Whoever has fewer is left out: how those count is not known.
WITH zones AS (
  SELECT
    analysis_date,
    team_abbr,
    paint_pct_allowed_last_15,
    mid_range_pct_allowed_last_15,
    three_pt_pct_allowed_last_15,
    defensive_rating_last_15,
    opponent_points_per_game,
    opponent_pace,
    CAST(analysis_date AS STRING) AS period,
    EXTRACT(YEAR FROM DATE_ADD(analysis_date, INTERVAL 3 MONTH)) - 1 AS season
  FROM nba_precompute.team_defense_zone_analysis
  WHERE
    analysis_date BETWEEN @window_start AND @window_end
    AND analysis_date NOT IN UNNEST(@bootstrap_dates)
),

games AS (
  SELECT
    defending_team_abbr AS team,
    game_date,
    EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season,
    MAX(opp_paint_attempts) AS paint_attempts,
    MAX(opp_paint_makes) AS paint_makes,
    MAX(opp_mid_range_attempts) AS mid_range_attempts,
    MAX(opp_mid_range_makes) AS mid_range_makes,
    MAX(opp_three_pt_attempts) AS three_attempts,
    MAX(opp_three_pt_makes) AS three_makes,
    MAX(defensive_rating) AS rating,
    MAX(points_allowed) AS points,
    MAX(opponent_pace) AS pace
  FROM nba_analytics.team_defense_game_summary
  WHERE game_date BETWEEN @season_start AND @window_end
  GROUP BY defending_team_abbr, game_date
),

allowed AS (
  SELECT
    team,
    season,
    game_date AS since,
    LEAD(game_date, 1, DATE '9999-12-31') OVER so_far AS valid_to,
    COUNT(*) OVER so_far AS games,
    IF(
      SUM(paint_attempts) OVER last_15 >= @shots_of_a_team,
      SUM(paint_makes) OVER last_15 / SUM(paint_attempts) OVER last_15,
      NULL
    ) AS paint_pct,
    IF(
      SUM(mid_range_attempts) OVER last_15 >= @shots_of_a_team,
      SUM(mid_range_makes) OVER last_15 / SUM(mid_range_attempts) OVER last_15,
      NULL
    ) AS mid_range_pct,
    IF(
      SUM(three_attempts) OVER last_15 >= @shots_of_a_team,
      SUM(three_makes) OVER last_15 / SUM(three_attempts) OVER last_15,
      NULL
    ) AS three_pct,
    AVG(rating) OVER last_15 AS rating,
    AVG(points) OVER last_15 AS points,
    AVG(pace) OVER last_15 AS pace
  FROM games
  WINDOW
    so_far AS (PARTITION BY team, season ORDER BY game_date),
    last_15 AS (so_far ROWS BETWEEN 14 PRECEDING AND CURRENT ROW)
),

compared AS (
  SELECT
    zones.period,
    each_value.measure,
    each_value.column_name,
    each_value.tolerance,
    PARSE_NUMERIC(CAST(
      CASE each_value.column_name
        WHEN 'paint_pct_allowed_last_15' THEN allowed.paint_pct
        WHEN 'mid_range_pct_allowed_last_15' THEN allowed.mid_range_pct
        WHEN 'three_pt_pct_allowed_last_15' THEN allowed.three_pct
        WHEN 'defensive_rating_last_15' THEN CAST(allowed.rating AS FLOAT64)
        WHEN 'opponent_points_per_game' THEN CAST(allowed.points AS FLOAT64)
        WHEN 'opponent_pace' THEN CAST(allowed.pace AS FLOAT64)
      END AS STRING
    )) AS expected,
    CASE each_value.column_name
      WHEN 'paint_pct_allowed_last_15' THEN zones.paint_pct_allowed_last_15
      WHEN 'mid_range_pct_allowed_last_15' THEN zones.mid_range_pct_allowed_last_15
      WHEN 'three_pt_pct_allowed_last_15' THEN zones.three_pt_pct_allowed_last_15
      WHEN 'defensive_rating_last_15' THEN zones.defensive_rating_last_15
      WHEN 'opponent_points_per_game' THEN zones.opponent_points_per_game
      WHEN 'opponent_pace' THEN zones.opponent_pace
    END AS held,
    CONCAT(zones.period, ' ', zones.team_abbr) AS row_key
  FROM zones
  INNER JOIN allowed
    ON
      zones.team_abbr = allowed.team
      AND zones.season = allowed.season
      AND zones.analysis_date >= allowed.since
      AND zones.analysis_date < allowed.valid_to
  CROSS JOIN
    UNNEST([
      STRUCT(
        'zone_success' AS measure,
        'paint_pct_allowed_last_15' AS column_name,
        NUMERIC '0.05' AS tolerance
      ),
      ('zone_success', 'mid_range_pct_allowed_last_15', 0.05),
      ('zone_success', 'three_pt_pct_allowed_last_15', 0.05),
      ('team_averages', 'defensive_rating_last_15', 4),
      ('team_averages', 'opponent_points_per_game', 4),
      ('team_averages', 'opponent_pace', 3)
    ]) AS each_value
  WHERE allowed.games > @team_games
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
  FROM zones
)

SELECT
  COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows,
  ANY_VALUE(judged_values.judged_values) AS judged_values
FROM placed_values
CROSS JOIN judged_values
