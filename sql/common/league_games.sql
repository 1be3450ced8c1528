-- The league's games that the schedule lists, from the season's start, and whether each is over.
SELECT
  game_date,
  game_id,
  game_status,
  away_team_tricode,
  home_team_tricode,
  EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season,
  SUBSTR(game_id, 1, 3) IN UNNEST(@playoff_game_ids) AS is_playoff,
  LEAST(away_team_tricode, home_team_tricode) AS first_team,
  GREATEST(away_team_tricode, home_team_tricode) AS second_team,
  IF(home_team_score > away_team_score, home_team_tricode, away_team_tricode) AS winner,
  COALESCE(home_team_score, 0) = 0 AND COALESCE(away_team_score, 0) = 0 AS is_unscored,
  COALESCE(game_status = @final_status AND home_team_score > 0 AND away_team_score > 0, FALSE)
    AS is_over
FROM nba_raw.nbac_schedule
WHERE
  game_date BETWEEN @season_start AND @window_end
  AND SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids)
