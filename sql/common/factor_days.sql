-- The dates that should have factors: games of the schedule, rows and players that there are, and
-- whether the rows are about as many as the rosters that they are made from.
SELECT
  scheduled_games.game_date,
  COUNT(*) AS games,
  COALESCE(ANY_VALUE(factor_totals.unique_players), 0) AS unique_players,
  COALESCE(ANY_VALUE(factor_totals.total_records), 0) AS total_records,
  COALESCE(ANY_VALUE(roster_days.rostered), 0) AS rostered,
  100 * COALESCE(ANY_VALUE(roster_days.least_share), 0) < @factors_of_roster[OFFSET(0)]
  OR 100 * COALESCE(ANY_VALUE(factor_totals.total_records), 0)
  > @factors_of_roster[OFFSET(1)] * COALESCE(ANY_VALUE(roster_days.rostered), 0) AS is_implausible
FROM scheduled_games
LEFT JOIN factor_totals ON scheduled_games.game_date = factor_totals.game_date
LEFT JOIN roster_days ON scheduled_games.game_date = roster_days.game_date
WHERE
  scheduled_games.is_due
  AND scheduled_games.game_date NOT IN UNNEST(@bootstrap_dates)
GROUP BY scheduled_games.game_date
