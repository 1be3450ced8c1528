-- One row: of the values of compared that follow from others, those that are there; the period and
-- column with the smallest share of them.
SELECT
  ARRAY_AGG(
    STRUCT(held AS numerator, due AS denominator, period AS period, column_name)
    ORDER BY held / due, period, column_name LIMIT 1
  )[OFFSET(0)] AS judged_values,
  SUM(due) AS compared_values
FROM (
  SELECT
    period,
    column_name,
    COUNT(held) AS held,
    COUNT(*) AS due
  FROM compared
  WHERE expected IS NOT NULL
  GROUP BY period, column_name
) AS shares
