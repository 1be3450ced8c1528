-- The first regular game of each season from October on, as the schedule has it: where gates.toml
-- does not say when a season began.
SELECT
  EXTRACT(YEAR FROM game_date) AS opened_in,
  MIN(game_date) AS first_date
FROM nba_raw.nbac_schedule
WHERE
  game_date BETWEEN @window_start AND @window_end
  AND EXTRACT(MONTH FROM game_date) = 10
  AND SUBSTR(game_id, 1, 3) IN UNNEST(@regular_game_ids)
GROUP BY opened_in
ORDER BY opened_in
