-- League games that are to be played and that the schedule does not have as final.
SELECT
  game_date,
  game_id,
  game_status AS found,
  @final_status AS expected
FROM listed_games
WHERE game_date >= @window_start AND fate = 'due'
ORDER BY game_date, game_id
LIMIT @row_limit
