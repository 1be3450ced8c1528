-- The scores of the games that the schedule has as over, under the id of every other table.
SELECT
  CONCAT(
    FORMAT_DATE('%Y%m%d', game_date), '_', away_team_tricode, '_', home_team_tricode
  ) AS game_id,
  MAX(game_id) AS nba_game_id,
  MAX(home_team_score) AS home_score,
  MAX(away_team_score) AS away_score,
  MAX(NULLIF(winning_team_tricode, '')) AS winner
FROM nba_raw.nbac_schedule
WHERE
  game_date BETWEEN @window_start AND @window_end
  AND game_status = @final_status
  AND home_team_score > 0
  AND away_team_score > 0
  AND (
    SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids)
    OR SUBSTR(game_id, 1, 3) IN UNNEST(@other_game_ids)
  )
GROUP BY game_date, away_team_tricode, home_team_tricode
