-- Phase 1, runbook 3.3: the games of the team table against the schedule, and its seasons.
WITH table_rows AS (
  SELECT
    game_date,
    home_game,
    win_flag,
    points_scored,
    fg_attempts,
    three_pt_attempts,
    ft_attempts,
    rebounds,
    assists,
    turnovers,
    second_chance_points_scored,
    offensive_rating,
    pace,
    possessions,
    -- team_offense_game_summary.sql counts them.
    FALSE AS is_malformed,
    COALESCE(game_id, 'NULL') AS game_id,
    COALESCE(team_abbr, 'NULL') AS entry,
    EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season
  FROM nba_analytics.team_offense_game_summary
  WHERE game_date BETWEEN @window_start AND @window_end
),

seasons AS (
  SELECT
    season,
    [
      IF(MIN(points_scored) < MAX(points_scored), '', 'points_scored'),
      IF(MIN(fg_attempts) < MAX(fg_attempts), '', 'fg_attempts'),
      IF(MIN(three_pt_attempts) < MAX(three_pt_attempts), '', 'three_pt_attempts'),
      IF(MIN(ft_attempts) < MAX(ft_attempts), '', 'ft_attempts'),
      IF(MIN(rebounds) < MAX(rebounds), '', 'rebounds'),
      IF(MIN(assists) < MAX(assists), '', 'assists'),
      IF(MIN(turnovers) < MAX(turnovers), '', 'turnovers'),
      IF(
        MIN(second_chance_points_scored) < MAX(second_chance_points_scored),
        '',
        'second_chance_points_scored'
      ),
      IF(MIN(offensive_rating) < MAX(offensive_rating), '', 'offensive_rating'),
      IF(MIN(pace) < MAX(pace), '', 'pace'),
      IF(MIN(possessions) < MAX(possessions), '', 'possessions')
    ] AS without_values
  FROM table_rows
  GROUP BY season
  HAVING COUNT(DISTINCT game_id) >= @enough_games
),

months AS (
  SELECT
    FORMAT_DATE('%Y-%m', game_date) AS month,
    [
      IF(
        AVG(points_scored) BETWEEN @team_points[OFFSET(0)] AND @team_points[OFFSET(1)],
        '',
        'points_scored'
      ),
      IF(AVG(pace) BETWEEN @team_pace[OFFSET(0)] AND @team_pace[OFFSET(1)], '', 'pace')
    ] AS implausible_means
  FROM table_rows
  GROUP BY month
  HAVING COUNT(DISTINCT game_id) >= @enough_games
),

findings AS (
  SELECT * FROM schedule_findings
  UNION ALL
  SELECT
    finding.measure,
    team_games.game_id AS found,
    1 AS number,
    NULL AS day
  FROM team_games
  CROSS JOIN
    UNNEST([
      STRUCT('incomplete_games' AS measure, team_games.is_incomplete AS is_so),
      ('one_sided_games', team_games.is_one_sided),
      ('swapped_games', team_games.is_swapped)
    ]) AS finding
  WHERE finding.is_so
  UNION ALL
  SELECT
    'constant_columns' AS measure,
    CONCAT(CAST(seasons.season AS STRING), ' ', column_name) AS found,
    1 AS number,
    NULL AS day
  FROM seasons
  CROSS JOIN UNNEST(seasons.without_values) AS column_name
  WHERE column_name != '' AND column_name NOT IN UNNEST(@declared_constant)
  UNION ALL
  SELECT
    'implausible_months' AS measure,
    CONCAT(months.month, ' ', column_name) AS found,
    1 AS number,
    NULL AS day
  FROM months
  CROSS JOIN UNNEST(months.implausible_means) AS column_name
  WHERE column_name != ''
)

SELECT
  COALESCE(SUM(day.found), 0) AS window_rows,
  ARRAY_AGG(
    STRUCT(COALESCE(day.gap, 0) AS numerator, IF(day.gap > 0, found, NULL) AS starting)
    ORDER BY day.gap DESC, found ASC LIMIT 1
  )[OFFSET(0)] AS longest_gap,
  COALESCE(ARRAY_AGG(day.period IGNORE NULLS ORDER BY day.period.game_date), []) AS series_dates
FROM placed_findings
