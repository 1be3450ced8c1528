-- Eligible dates on which player_composite_factors has implausibly few or many rows per game of the
-- schedule, the last ones first.
WITH scheduled AS (
  SELECT
    game_date,
    COUNT(*) AS games
  FROM nba_raw.nbac_schedule
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND game_date NOT IN UNNEST(@bootstrap_dates)
    AND game_status = @final_status
    AND SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids)
  GROUP BY game_date
),

held AS (
  SELECT
    game_date,
    COUNT(DISTINCT player_lookup) AS unique_players,
    COUNT(*) AS total_records
  FROM nba_precompute.player_composite_factors
  WHERE game_date BETWEEN @window_start AND @window_end
  GROUP BY game_date
)

SELECT
  scheduled.game_date,
  scheduled.games,
  COALESCE(held.unique_players, 0) AS unique_players,
  COALESCE(held.total_records, 0) AS total_records
FROM scheduled
LEFT JOIN held ON scheduled.game_date = held.game_date
WHERE
  COALESCE(held.total_records, 0) NOT BETWEEN
  @rows_per_game[OFFSET(0)] * scheduled.games
  AND @rows_per_game[OFFSET(1)] * scheduled.games
ORDER BY scheduled.game_date DESC
LIMIT @row_limit
