-- Findings of keys, which the asking query gives as counted_keys: found, counts, a measure and a
-- number each. What has no measure is no finding and becomes one row: to find the first, each
-- measure's rows are sorted as one partition, which a row for each key would make a whole table.
SELECT
  finding.measure,
  IF(finding.measure IS NULL, NULL, counted_keys.found) AS found,
  SUM(finding.number) AS number
FROM counted_keys
CROSS JOIN UNNEST(counted_keys.counts) AS finding
WHERE finding.number > 0
GROUP BY finding.measure, IF(finding.measure IS NULL, NULL, counted_keys.found)
