-- How many rows of those who played, which the asking query gives as played_rows, have each value
-- of minutes_played.
SELECT
  minutes_played AS common_value,
  COUNT(*) AS records,
  SUM(COUNT(*)) OVER () AS all_records
FROM played_rows
WHERE minutes_played IS NOT NULL
GROUP BY minutes_played
