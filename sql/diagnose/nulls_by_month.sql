-- Runbook, troubleshooting: NULLs by month outside bootstrap, for the columns of the gate.
SELECT
  FORMAT_DATE('%Y-%m', game_date) AS month,
  COUNT(*) AS total,
  COUNTIF(each_column IS NULL) AS null_rows,
  ROUND(100 * COUNTIF(each_column IS NULL) / COUNT(*), 1) AS found,
  CONCAT('less than ', @bound, '%') AS expected
FROM nba_precompute.player_composite_factors
WHERE
  game_date BETWEEN @window_start AND @window_end
  AND game_date NOT IN UNNEST(@bootstrap_dates)
GROUP BY month
ORDER BY month
LIMIT @row_limit
