-- Findings of keys, which the asking query gives as counted_keys: found, counts, a measure and a
-- number each. What has no measure is no finding and becomes one row: findings are sorted by
-- measure to find the first, and a row for each key would have one worker sort a whole table's.
SELECT
  finding.measure,
  IF(finding.measure IS NULL, NULL, counted_keys.found) AS found,
  SUM(finding.number) AS number
FROM counted_keys
CROSS JOIN UNNEST(counted_keys.counts) AS finding
WHERE finding.number > 0
GROUP BY finding.measure, IF(finding.measure IS NULL, NULL, counted_keys.found)
