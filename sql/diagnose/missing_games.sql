-- Dates of the schedule on which a table lacks games, and which; what can be repaired comes first.
-- Asked for the table that the gate counts, in the place of each_table.
WITH held AS (
  SELECT DISTINCT game_id
  FROM nba_analytics.each_table
  WHERE game_date BETWEEN @window_start AND @window_end
)

SELECT
  scheduled_games.game_date,
  scheduled_games.game_date IN UNNEST(@bootstrap_dates) AS is_bootstrap,
  COUNT(held.game_id) AS found,
  COUNT(*) AS expected,
  STRING_AGG(
    IF(held.game_id IS NULL, scheduled_games.game_id, NULL), ', ' ORDER BY scheduled_games.game_id
  ) AS missing_games
FROM scheduled_games
LEFT JOIN held ON scheduled_games.game_id = held.game_id
WHERE scheduled_games.is_due
GROUP BY scheduled_games.game_date
HAVING COUNT(*) > COUNT(held.game_id)
ORDER BY is_bootstrap, scheduled_games.game_date
LIMIT @row_limit
