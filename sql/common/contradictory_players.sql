-- Rows of the player table, which the asking query gives as table_rows, that say both that a player
-- played and that he did not. The playoffs list benches with 0 minutes and 0 points; at other times
-- a few of a team come in for a second.
SELECT CONCAT(game_id, ' ', entry) AS found
FROM table_rows
WHERE
  (is_dnp AND (points != 0 OR minutes_played > 0))
  OR (points IS NULL AND minutes_played > 0)
  OR (
    is_dnp IS NOT TRUE
    AND points = 0
    AND (
      minutes_played IS NULL
      OR (minutes_played = 0 AND noughts_of_team > @most_noughts AND NOT is_playoff)
    )
  )
