-- Both teams of each game, by what they did with the ball.
SELECT
  game_id AS game,
  team_abbr AS attacking_team,
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
  team_paint_attempts,
  team_paint_makes,
  team_mid_range_attempts,
  team_mid_range_makes,
  offensive_rating,
  pace
FROM nba_analytics.team_offense_game_summary
WHERE game_date BETWEEN @window_start AND @window_end
