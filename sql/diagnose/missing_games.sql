-- Dates of the schedule on which a table lacks games, and which; what can be repaired comes first.
-- Asked for the table that the gate counts, in the place of each_table.
WITH scheduled AS (
  SELECT DISTINCT
    game_date,
    game_date IN UNNEST(@bootstrap_dates) AS is_bootstrap,
    CONCAT(
      FORMAT_DATE('%Y%m%d', game_date), '_', away_team_tricode, '_', home_team_tricode
    ) AS game_id
  FROM nba_raw.nbac_schedule
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND game_status = @final_status
    AND SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids)
),

held AS (
  SELECT DISTINCT game_id
  FROM nba_analytics.each_table
  WHERE game_date BETWEEN @window_start AND @window_end
)

SELECT
  scheduled.game_date,
  scheduled.is_bootstrap,
  COUNT(*) AS games_scheduled,
  COUNT(held.game_id) AS games_held,
  STRING_AGG(
    IF(held.game_id IS NULL, scheduled.game_id, NULL), ', ' ORDER BY scheduled.game_id
  ) AS missing_games
FROM scheduled
LEFT JOIN held ON scheduled.game_id = held.game_id
GROUP BY scheduled.game_date, scheduled.is_bootstrap
HAVING COUNT(*) > COUNT(held.game_id)
ORDER BY scheduled.is_bootstrap, scheduled.game_date
LIMIT @row_limit
