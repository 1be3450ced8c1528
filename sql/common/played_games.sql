-- Those who played in each game of the window outside bootstrap, each once.
SELECT
  game_date,
  game_id,
  player_lookup,
  MAX(processed_at) AS processed_at
FROM played_rows
WHERE game_date >= @window_start AND game_date NOT IN UNNEST(@bootstrap_dates)
GROUP BY game_date, game_id, player_lookup
