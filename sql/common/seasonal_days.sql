-- The same with the first date of the season before them, and that of the season after.
SELECT
  listed_days.game_date,
  listed_days.is_listed,
  LOGICAL_OR(listed_days.is_played) AS is_played,
  MAX(listed_days.games) AS games,
  MAX(listed_days.due) AS due,
  MAX(listed_days.processed_at) AS processed_at,
  MAX(IF(opening <= listed_days.game_date, opening, NULL)) AS season_start,
  MIN(IF(opening > listed_days.game_date, opening, NULL)) AS next_start
FROM listed_days
CROSS JOIN UNNEST(@season_starts) AS opening
GROUP BY listed_days.game_date, listed_days.is_listed
