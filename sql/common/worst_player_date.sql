-- One row: the date of which the smallest share of its players has factors.
SELECT
  ARRAY_AGG(
    STRUCT(players_held AS numerator, players AS denominator, game_date AS game_date)
    ORDER BY players_held / players, game_date LIMIT 1
  )[OFFSET(0)] AS worst_date_players
FROM player_dates
