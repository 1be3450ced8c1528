-- Rows whose usage_rate is more than 2% from what the player's and the team's shots make.
SELECT
  game_date,
  game_id,
  player_lookup,
  usage_rate AS found,
  ROUND(usage_from_shots, 2) AS expected
FROM judged_players
WHERE
  minutes_played >= 5
  AND usage_from_shots > 0
  AND usage_rate
  NOT BETWEEN usage_from_shots * (0.98 - rounding) - 0.1
  AND usage_from_shots * length_of_game * (1.02 + rounding) + 0.1
ORDER BY game_date, game_id, player_lookup
LIMIT @row_limit
