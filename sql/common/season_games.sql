-- Those of the league's games that are over: games before the window count for what is due in it.
SELECT DISTINCT
  game_date,
  away_team_tricode,
  home_team_tricode,
  season,
  CONCAT(
    FORMAT_DATE('%Y%m%d', game_date),
    '_',
    COALESCE(away_team_tricode, 'NULL'),
    '_',
    COALESCE(home_team_tricode, 'NULL')
  ) AS game_id
FROM league_games
WHERE is_over
