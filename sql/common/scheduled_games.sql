-- The games of the window that the schedule has as over, score and all, each once, under the id
-- that it has in every other table. The Cup final's rows are right, but nobody asks for them: it is
-- not due. The first date is the earliest of the season among them.
SELECT
  game_date,
  home_team_tricode AS home_team,
  MIN(game_date) OVER (
    PARTITION BY EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH))
  ) AS first_date,
  CONCAT(
    FORMAT_DATE('%Y%m%d', game_date),
    '_',
    COALESCE(away_team_tricode, 'NULL'),
    '_',
    COALESCE(home_team_tricode, 'NULL')
  ) AS game_id,
  CONCAT(
    FORMAT_DATE('%Y%m%d', game_date),
    '_',
    COALESCE(home_team_tricode, 'NULL'),
    '_',
    COALESCE(away_team_tricode, 'NULL')
  ) AS swapped_id,
  LOGICAL_OR(SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids)) AS is_due
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
