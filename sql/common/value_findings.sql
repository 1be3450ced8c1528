-- Findings: values that are further from what they follow from than they may be. The asking query
-- gives compared: measure, period, row_key, column_name, held, expected, tolerance.
SELECT
  measure,
  1 AS number,
  CONCAT(COALESCE(row_key, 'NULL'), ' ', column_name) AS found,
  FORMAT('%.2f', CAST(held AS FLOAT64)) AS held,
  FORMAT('%.2f', CAST(expected AS FLOAT64)) AS expected
FROM compared
WHERE ABS(held - expected) > tolerance
