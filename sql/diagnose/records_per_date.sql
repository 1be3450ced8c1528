-- Eligible dates on which player_composite_factors has implausibly few or many rows per game of the
-- schedule, the last ones first.
WITH held AS (
  SELECT
    game_date,
    COUNT(DISTINCT player_lookup) AS unique_players,
    COUNT(*) AS total_records
  FROM nba_precompute.player_composite_factors
  WHERE game_date BETWEEN @window_start AND @window_end
  GROUP BY game_date
)

SELECT
  scheduled_games.game_date,
  COUNT(*) AS games,
  COALESCE(ANY_VALUE(held.unique_players), 0) AS unique_players,
  COALESCE(ANY_VALUE(held.total_records), 0) AS total_records
FROM scheduled_games
LEFT JOIN held ON scheduled_games.game_date = held.game_date
WHERE
  scheduled_games.is_due
  AND scheduled_games.game_date NOT IN UNNEST(@bootstrap_dates)
GROUP BY scheduled_games.game_date
HAVING
  COALESCE(ANY_VALUE(held.total_records), 0) NOT BETWEEN
  @rows_per_game[OFFSET(0)] * COUNT(*)
  AND @rows_per_game[OFFSET(1)] * COUNT(*)
ORDER BY scheduled_games.game_date DESC
LIMIT @row_limit
