-- Those who played on each date, and those of them that have factors.
SELECT
  game_date,
  COUNT(*) AS players,
  COUNT(entry) AS players_held
FROM built_factors
WHERE has_played
GROUP BY game_date
