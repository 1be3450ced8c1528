-- The league's games that the schedule has as over, from the season's start: games before the
-- window count for what is due in it.
SELECT DISTINCT
  game_date,
  away_team_tricode,
  home_team_tricode,
  CONCAT(
    FORMAT_DATE('%Y%m%d', game_date),
    '_',
    COALESCE(away_team_tricode, 'NULL'),
    '_',
    COALESCE(home_team_tricode, 'NULL')
  ) AS game_id,
  EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season
FROM nba_raw.nbac_schedule
WHERE
  game_date BETWEEN @season_start AND @window_end
  AND game_status = @final_status
  AND home_team_score > 0
  AND away_team_score > 0
  AND SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids)
