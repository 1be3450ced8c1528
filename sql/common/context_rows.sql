-- The roster of each game: who is in its context, for which team, and when that was last written.
SELECT
  game_id,
  player_lookup,
  MAX(game_date) AS game_date,
  MAX(team_abbr) AS team_abbr,
  MAX(processed_at) AS processed_at
FROM nba_analytics.upcoming_player_game_context
WHERE game_date BETWEEN @window_start AND @window_end
GROUP BY game_id, player_lookup
