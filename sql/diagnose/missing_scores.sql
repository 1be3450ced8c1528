-- Dates with rows without a quality_score, or with NaN or infinity in its place, the most of them
-- first. Asked for the table that the gate counts, in the place of each_table.
SELECT
  game_date,
  COUNTIF(NOT IS_NAN(quality_score) AND NOT IS_INF(quality_score)) AS found,
  COUNT(*) AS expected,
  COUNTIF(quality_score IS NULL) AS without_score,
  COUNTIF(IS_NAN(quality_score) OR IS_INF(quality_score)) AS not_a_number
FROM nba_analytics.each_table
WHERE game_date BETWEEN @window_start AND @window_end
GROUP BY game_date
HAVING found < expected
ORDER BY expected - found DESC, game_date ASC
LIMIT @row_limit
