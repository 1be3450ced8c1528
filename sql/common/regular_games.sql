-- The regular games that the schedule has as over, each with its season.
SELECT DISTINCT
  game_id,
  EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season
FROM nba_raw.nbac_schedule
WHERE
  game_date BETWEEN @window_start AND @window_end
  AND game_status = @final_status
  AND home_team_score > 0
  AND away_team_score > 0
  AND SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids)
  AND SUBSTR(game_id, 1, 3) IN UNNEST(@regular_game_ids)
