-- Findings of keys, which the asking query gives as counted_keys: found, counts, a measure and a
-- number each.
SELECT
  finding.measure,
  counted_keys.found,
  finding.number
FROM counted_keys
CROSS JOIN UNNEST(counted_keys.counts) AS finding
WHERE finding.number > 0
