-- Findings: values that are further from what they follow from than they may be. The asking query
-- gives compared: measure, period, row_key, column_name, held, expected, tolerance.
SELECT
  measure,
  1 AS number,
  FORMAT(
    '%s %s: %.2f instead of %.2f',
    row_key,
    column_name,
    CAST(held AS FLOAT64),
    CAST(expected AS FLOAT64)
  ) AS found
FROM compared
WHERE ABS(held - expected) > tolerance
