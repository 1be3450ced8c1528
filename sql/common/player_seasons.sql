-- The seasons of those who played, which the asking query gives as played_rows. A season that has
-- only just begun says nothing of its own, unless it is all there is: it is not full.
SELECT
  season,
  COUNT(DISTINCT game_id) AS games,
  COUNT(*) AS played,
  COUNTIF(minutes_played IS NOT NULL) AS with_minutes,
  COUNTIF(usage_rate IS NOT NULL) AS with_usage,
  COUNTIF(paint_attempts IS NOT NULL) AS with_zones,
  COUNT(DISTINCT game_id) >= LEAST(@enough_games, MAX(COUNT(DISTINCT game_id)) OVER ())
    AS is_full,
  [
    IF(MIN(points) < MAX(points), '', 'points'),
    IF(MIN(minutes_played) < MAX(minutes_played), '', 'minutes_played'),
    IF(MIN(usage_rate) < MAX(usage_rate), '', 'usage_rate'),
    IF(MIN(assists) < MAX(assists), '', 'assists'),
    IF(MIN(offensive_rebounds) < MAX(offensive_rebounds), '', 'offensive_rebounds'),
    IF(MIN(defensive_rebounds) < MAX(defensive_rebounds), '', 'defensive_rebounds'),
    IF(MIN(turnovers) < MAX(turnovers), '', 'turnovers'),
    IF(MIN(plus_minus) < MAX(plus_minus), '', 'plus_minus'),
    IF(MIN(fg_attempts) < MAX(fg_attempts), '', 'fg_attempts'),
    IF(MIN(three_pt_attempts) < MAX(three_pt_attempts), '', 'three_pt_attempts'),
    IF(MIN(ft_attempts) < MAX(ft_attempts), '', 'ft_attempts'),
    IF(MIN(paint_attempts) < MAX(paint_attempts), '', 'paint_attempts'),
    IF(MIN(mid_range_attempts) < MAX(mid_range_attempts), '', 'mid_range_attempts')
  ] AS without_values
FROM played_rows
GROUP BY season
