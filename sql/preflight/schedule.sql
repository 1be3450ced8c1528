-- Pre-flight: league games of the window that the schedule does not have as final.
-- Such games are not asked for by the coverage gates, so a stale schedule would hide gaps.
SELECT
  COUNT(*) AS window_rows,
  COUNTIF(game_status IS NULL OR game_status != @final_status) AS unfinished_games
FROM nba_raw.nbac_schedule
WHERE
  game_date BETWEEN @window_start AND @window_end
  AND SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids)
