-- League games that the schedule does not have as final.
SELECT
  game_date,
  game_id,
  game_status
FROM nba_raw.nbac_schedule
WHERE
  game_date BETWEEN @window_start AND @window_end
  AND (game_status IS NULL OR game_status != @final_status)
  AND SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids)
ORDER BY game_date, game_id
LIMIT @row_limit
