-- The means of a month that are out of their bounds. A month of a few games has none of its own.
SELECT
  CONCAT(
    player_months.month, ' ', mean.mean_of, IF(player_months.is_playoff, ' in the playoffs', '')
  ) AS found
FROM player_months
CROSS JOIN
  UNNEST([
    STRUCT(
      'points' AS mean_of,
      IF(
        player_months.is_playoff,
        player_months.mean_points
        BETWEEN @playoff_points[OFFSET(0)] AND @playoff_points[OFFSET(1)],
        player_months.mean_points
        BETWEEN @player_points[OFFSET(0)] AND @player_points[OFFSET(1)]
      ) AS is_plausible
    ),
    (
      'minutes_played',
      IF(
        player_months.is_playoff,
        player_months.mean_minutes
        BETWEEN @playoff_minutes[OFFSET(0)] AND @playoff_minutes[OFFSET(1)],
        player_months.mean_minutes
        BETWEEN @player_minutes[OFFSET(0)] AND @player_minutes[OFFSET(1)]
      )
    ),
    (
      'usage_rate',
      IF(
        player_months.is_playoff,
        player_months.mean_usage
        BETWEEN @playoff_usage[OFFSET(0)] AND @playoff_usage[OFFSET(1)],
        player_months.mean_usage
        BETWEEN @player_usage[OFFSET(0)] AND @player_usage[OFFSET(1)]
      )
    )
  ]) AS mean
WHERE player_months.games >= @enough_games AND mean.is_plausible IS NOT TRUE
