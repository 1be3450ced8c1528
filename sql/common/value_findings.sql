-- Findings: values that are further from what they follow from than they may be. The asking query
-- gives compared: measure, period, row_key, column_name, held, expected, tolerance. Engines differ
-- in whether a zero has a sign, so it is shown without one.
SELECT
  measure,
  1 AS number,
  CONCAT(COALESCE(row_key, 'NULL'), ' ', column_name) AS found,
  FORMAT('%.2f', IF(ABS(held) < 0.005, 0, CAST(held AS FLOAT64))) AS held,
  FORMAT('%.2f', IF(ABS(expected) < 0.005, 0, CAST(expected AS FLOAT64))) AS expected
FROM compared
WHERE ABS(held - expected) > tolerance
