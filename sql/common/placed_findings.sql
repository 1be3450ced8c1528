-- The findings of the asking query, with the place of each among those of its measure: a sentence
-- shows the first.
SELECT
  findings.*,
  findings.found AS shown,
  ROW_NUMBER() OVER (PARTITION BY findings.measure ORDER BY findings.found) AS row_of_measure
FROM findings
