-- The means of a month that are out of their bounds. A month of a few games has none of its own.
SELECT CONCAT(player_months.month, ' ', mean.mean_of) AS found
FROM player_months
CROSS JOIN
  UNNEST([
    STRUCT(
      'points' AS mean_of,
      player_months.games AS games,
      player_months.points BETWEEN @player_points[OFFSET(0)] AND @player_points[OFFSET(1)]
        AS is_plausible
    ),
    (
      'minutes_played',
      player_months.games,
      player_months.minutes_played
      BETWEEN @player_minutes[OFFSET(0)] AND @player_minutes[OFFSET(1)]
    ),
    (
      'usage_rate',
      player_months.games,
      player_months.usage_rate BETWEEN @player_usage[OFFSET(0)] AND @player_usage[OFFSET(1)]
    ),
    (
      'points in the playoffs',
      player_months.playoff_games,
      player_months.playoff_points
      BETWEEN @playoff_points[OFFSET(0)] AND @playoff_points[OFFSET(1)]
    ),
    (
      'minutes_played in the playoffs',
      player_months.playoff_games,
      player_months.playoff_minutes
      BETWEEN @playoff_minutes[OFFSET(0)] AND @playoff_minutes[OFFSET(1)]
    ),
    (
      'usage_rate in the playoffs',
      player_months.playoff_games,
      player_months.playoff_usage
      BETWEEN @playoff_usage[OFFSET(0)] AND @playoff_usage[OFFSET(1)]
    )
  ]) AS mean
WHERE mean.games >= @enough_games AND mean.is_plausible IS NOT TRUE
