-- The regular games of each season of the window, and how many there are at least.
SELECT
  season_days.season,
  COUNT(DISTINCT regular_games.game_id) AS games,
  IF(
    season_days.is_whole,
    @regular_games,
    DIV(@regular_games * season_days.days, @regular_days) - @games_behind
  ) AS least_games
FROM season_days
LEFT JOIN regular_games ON season_days.season = regular_games.season
WHERE season_days.days > 0
GROUP BY season_days.season, season_days.is_whole, season_days.days
