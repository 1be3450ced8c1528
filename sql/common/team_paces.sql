-- Pace and rating of each team's games, from the season's start, one on a date.
SELECT
  team_abbr,
  game_date,
  MAX(pace) AS pace,
  MAX(offensive_rating) AS offensive_rating
FROM nba_analytics.team_offense_game_summary
WHERE game_date BETWEEN @season_start AND @window_end
GROUP BY team_abbr, game_date
