-- Eligible dates on which player_composite_factors has few or many rows for the games' rosters, the
-- last ones first.
SELECT
  game_date,
  games,
  unique_players,
  total_records
FROM factor_days
WHERE is_implausible
ORDER BY game_date DESC
LIMIT @row_limit
