-- Pre-flight: possessions, pace and rating of team_offense_game_summary follow from each other and
-- from the shots. Rebounds of the own shots, 0 to 30 and mostly 10, come off the attempts.
WITH offense AS (
  SELECT
    offensive_rating,
    possessions,
    CAST(game_date AS STRING) AS period,
    CONCAT(COALESCE(game_id, 'NULL'), ' ', COALESCE(team_abbr, 'NULL')) AS row_key,
    pace * (48 + 5 * COALESCE(overtime_periods, 0)) / 48 AS possessions_by_pace,
    (100 * (fg_attempts + turnovers - 10) + 44 * ft_attempts) / 100 AS possessions_by_shots,
    100 * SAFE_DIVIDE(points_scored, possessions) AS rating_by_points
  FROM nba_analytics.team_offense_game_summary
  WHERE game_date BETWEEN @window_start AND @window_end
),

compared AS (
  SELECT
    offense.period,
    offense.row_key,
    each_value.measure,
    each_value.column_name,
    each_value.tolerance,
    CASE each_value.column_name
      WHEN 'possessions' THEN offense.possessions
      WHEN 'pace' THEN offense.possessions_by_pace
      WHEN 'offensive_rating' THEN offense.offensive_rating
    END AS held,
    CASE each_value.column_name
      WHEN 'possessions' THEN PARSE_NUMERIC(CAST(offense.possessions_by_shots AS STRING))
      WHEN 'pace' THEN offense.possessions
      WHEN 'offensive_rating' THEN PARSE_NUMERIC(CAST(offense.rating_by_points AS STRING))
    END AS expected
  FROM offense
  CROSS JOIN
    UNNEST([
      STRUCT('possessions' AS measure, 'possessions' AS column_name, NUMERIC '20' AS tolerance),
      ('pace_and_rating', 'pace', 2),
      ('pace_and_rating', 'offensive_rating', 2)
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
  FROM offense
)

SELECT
  COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows,
  ANY_VALUE(judged_values.judged_values) AS judged_values
FROM placed_values
CROSS JOIN judged_values
