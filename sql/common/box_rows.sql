-- The rows of the player table whose id is of their date and team, each player of a game once, with
-- the season and the month that they belong to.
SELECT
  game_date,
  game_id,
  team_abbr,
  opponent_team_abbr,
  season_year,
  universal_player_id,
  win_flag,
  points,
  minutes_played,
  usage_rate,
  assists,
  offensive_rebounds,
  defensive_rebounds,
  steals,
  blocks,
  turnovers,
  fg_attempts,
  fg_makes,
  three_pt_attempts,
  three_pt_makes,
  ft_attempts,
  ft_makes,
  plus_minus,
  personal_fouls,
  paint_attempts,
  ts_pct,
  efg_pct,
  COALESCE(player_lookup, 'NULL') AS player_lookup,
  points IS NOT NULL AND is_dnp IS NOT TRUE AS has_played,
  paint_attempts + mid_range_attempts + three_attempts_pbp AS zone_attempts,
  fg_attempts + 0.44 * ft_attempts + turnovers AS plays,
  EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season,
  FORMAT_DATE('%Y-%m', game_date) AS month,
  IF(team_abbr = SUBSTR(game_id, 14, 3), SUBSTR(game_id, 10, 3), SUBSTR(game_id, 14, 3))
    AS opponent
FROM nba_analytics.player_game_summary
WHERE
  game_date BETWEEN @window_start AND @window_end
  AND SUBSTR(game_id, 1, 8) = FORMAT_DATE('%Y%m%d', game_date)
  AND team_abbr IN (SUBSTR(game_id, 10, 3), SUBSTR(game_id, 14, 3))
QUALIFY
  ROW_NUMBER() OVER (
    PARTITION BY game_id, team_abbr, player_lookup ORDER BY processed_at DESC
  ) = 1
