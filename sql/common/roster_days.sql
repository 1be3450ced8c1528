-- The rosters of each date, and of the team with the smallest share of players who have factors.
SELECT
  game_date,
  SUM(rostered) AS rostered,
  MIN(found / rostered) AS least_share
FROM roster_teams
GROUP BY game_date
