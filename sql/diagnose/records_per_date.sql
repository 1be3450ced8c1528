-- Eligible dates on which player_composite_factors has few or many rows for the games' rosters, the
-- last ones first.
SELECT
  game_date,
  games,
  total_records AS found,
  unique_players,
  FORMAT(
    '%d%% to %d%% of %d on the rosters',
    @factors_of_roster[OFFSET(0)], @factors_of_roster[OFFSET(1)], rostered
  ) AS expected
FROM factor_days
WHERE is_implausible
ORDER BY game_date DESC
LIMIT @row_limit
