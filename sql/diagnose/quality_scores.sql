-- Dates whose average score is under the gate's bound or that have rows without one, worst first;
-- NaN and infinity are none. Asked for the table that the gate counts, in the place of each_table.
SELECT
  game_date,
  COUNT(*) AS records,
  ROUND(SUM(score) / NULLIF(COUNT(score), 0), 1) AS found,
  CONCAT('at least ', @bound) AS expected,
  COUNTIF(score IS NULL) AS without_score,
  ROUND(MIN(score), 1) AS min_score
FROM (
  SELECT
    game_date,
    PARSE_NUMERIC(CAST(
      IF(IS_NAN(quality_score) OR IS_INF(quality_score), NULL, quality_score) AS STRING
    )) AS score
  FROM nba_analytics.each_table
  WHERE game_date BETWEEN @window_start AND @window_end
) AS scores
GROUP BY game_date
HAVING SUM(score) < PARSE_NUMERIC(@bound) * COUNT(score) OR COUNTIF(score IS NULL) > 0
ORDER BY AVG(score), game_date
LIMIT @row_limit
