-- What the players of a team have together in a game. A sum without any value is 0, so that it is
-- not right either.
SELECT
  game_id,
  team_abbr,
  COUNT(*) AS played,
  COALESCE(SUM(minutes_played), 0) AS minutes,
  COUNTIF(minutes_played IS NULL) AS without_minutes,
  COALESCE(SUM(fg_attempts), 0) AS fg_attempts,
  COALESCE(SUM(fg_makes), 0) AS fg_makes,
  COALESCE(SUM(three_pt_attempts), 0) AS three_pt_attempts,
  COALESCE(SUM(three_pt_makes), 0) AS three_pt_makes,
  COALESCE(SUM(ft_attempts), 0) AS ft_attempts,
  COALESCE(SUM(ft_makes), 0) AS ft_makes,
  COALESCE(SUM(offensive_rebounds), 0) + COALESCE(SUM(defensive_rebounds), 0) AS rebounds,
  COALESCE(SUM(assists), 0) AS assists,
  COALESCE(SUM(turnovers), 0) AS turnovers,
  COALESCE(SUM(personal_fouls), 0) AS personal_fouls,
  SUM(plus_minus) AS plus_minus,
  COUNT(blocks) AS with_blocks,
  COUNT(steals) AS with_steals,
  COUNT(ts_pct) AS with_ts_pct,
  COUNT(efg_pct) AS with_efg_pct,
  SUM(SUM(steals)) OVER (PARTITION BY game_id) AS steals_of_game,
  COUNTIF(fg_attempts > 0) AS shooters,
  COUNTIF(fg_attempts > 0 AND paint_attempts IS NOT NULL) AS with_zones,
  COALESCE(SUM(zone_attempts), 0) AS zone_attempts,
  COALESCE(SUM(IF(zone_attempts IS NULL, NULL, fg_attempts)), 0) AS attempts_with_zones,
  SUM(COUNT(paint_attempts)) OVER (PARTITION BY game_id) AS zones_of_game,
  COUNTIF(win_flag) AS winners,
  SUM(COUNTIF(win_flag)) OVER (PARTITION BY game_id) AS winners_of_game
FROM box_rows
WHERE has_played
GROUP BY game_id, team_abbr
