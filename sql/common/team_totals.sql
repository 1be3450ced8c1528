-- The rows of the team table whose id is of their date and team, each team of a game once, with
-- what both rows of a game say together.
SELECT
  *,
  IF(
    COUNT(*) OVER (PARTITION BY game_id) = 2,
    2 * points_scored - SUM(points_scored) OVER (PARTITION BY game_id),
    NULL
  ) AS margin,
  MAX(overtime_periods) OVER (PARTITION BY game_id) AS overtimes,
  AVG(plays) OVER (PARTITION BY game_id) AS mean_plays
FROM (
  SELECT
    game_date,
    game_id,
    team_abbr,
    opponent_team_abbr,
    season_year,
    nba_game_id,
    win_flag,
    margin_of_victory,
    overtime_periods,
    points_scored,
    fg_attempts,
    fg_makes,
    three_pt_attempts,
    three_pt_makes,
    ft_attempts,
    ft_makes,
    rebounds,
    assists,
    turnovers,
    personal_fouls,
    second_chance_points_scored,
    possessions,
    pace,
    offensive_rating,
    ts_pct,
    home_game,
    fg_attempts + 0.44 * ft_attempts + turnovers AS plays,
    EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season,
    FORMAT_DATE('%Y-%m', game_date) AS month,
    CONCAT(game_id, ' ', team_abbr) AS entry,
    team_abbr = SUBSTR(game_id, 14, 3) AS is_home,
    IF(team_abbr = SUBSTR(game_id, 14, 3), SUBSTR(game_id, 10, 3), SUBSTR(game_id, 14, 3))
      AS opponent
  FROM nba_analytics.team_offense_game_summary
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND SUBSTR(game_id, 1, 8) = FORMAT_DATE('%Y%m%d', game_date)
    AND team_abbr IN (SUBSTR(game_id, 10, 3), SUBSTR(game_id, 14, 3))
  QUALIFY ROW_NUMBER() OVER (PARTITION BY game_id, team_abbr ORDER BY processed_at DESC) = 1
) AS rows_once
