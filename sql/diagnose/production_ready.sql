-- Dates with rows that are not production-ready, the most of them first.
-- Asked for the table that the gate counts, in the place of each_table.
SELECT
  game_date,
  COUNTIF(is_production_ready) AS found,
  COUNT(*) AS expected,
  COUNTIF(is_production_ready IS NOT TRUE) AS not_ready
FROM nba_analytics.each_table
WHERE game_date BETWEEN @window_start AND @window_end
GROUP BY game_date
HAVING COUNTIF(is_production_ready IS NOT TRUE) > 0
ORDER BY not_ready DESC, game_date ASC
LIMIT @row_limit
