-- Where a player shot from in his last ten games of a season, the date's own game included, as
-- player_form has it: per cent of his shots, success and attempts a game. Few shots have no rate.
SELECT
  player_lookup,
  season,
  since,
  valid_to,
  games,
  100 * paint / shots AS paint_rate,
  100 * mid_range / shots AS mid_range_rate,
  100 * threes / shots AS threes_rate,
  IF(paint >= @shots_of_a_rate, paint_made / paint, NULL) AS paint_pct,
  IF(mid_range >= @shots_of_a_rate, mid_range_made / mid_range, NULL) AS mid_range_pct,
  IF(threes >= @shots_of_a_rate, threes_made / threes, NULL) AS threes_pct,
  paint / games_known AS paint_attempts,
  threes / games_known AS threes_attempts
FROM shooting_sums
WHERE shots >= @shots_of_a_rate
