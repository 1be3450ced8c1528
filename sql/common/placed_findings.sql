-- The findings of the asking query; those that a sentence shows are the first of their measure.
SELECT
  findings.*,
  IF(
    ROW_NUMBER() OVER (PARTITION BY findings.measure ORDER BY findings.found) <= @keys_shown,
    findings.found,
    NULL
  ) AS shown
FROM findings
