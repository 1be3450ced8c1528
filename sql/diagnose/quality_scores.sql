-- Dates whose average score is under the gate's bound or that have rows without one, worst first.
-- Asked for the table that the gate counts, in the place of each_table.
SELECT
  game_date,
  COUNT(*) AS records,
  COUNTIF(quality_score IS NULL) AS without_score,
  ROUND(MIN(quality_score), 1) AS min_score,
  ROUND(AVG(quality_score), 1) AS avg_score
FROM nba_analytics.each_table
WHERE game_date BETWEEN @window_start AND @window_end
GROUP BY game_date
HAVING AVG(quality_score) < CAST(@bound AS FLOAT64) OR COUNTIF(quality_score IS NULL) > 0
ORDER BY AVG(quality_score), game_date
LIMIT @row_limit
