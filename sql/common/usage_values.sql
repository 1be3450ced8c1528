-- How many rows of those who played, which the asking query gives as played_rows, have each value
-- of usage_rate.
SELECT
  usage_rate AS common_value,
  COUNT(*) AS records,
  SUM(COUNT(*)) OVER () AS all_records
FROM played_rows
WHERE usage_rate IS NOT NULL
GROUP BY usage_rate
