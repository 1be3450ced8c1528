-- The same where the findings are values that follow from others, so that the asking query gives
-- them with two columns more: what is held and what is expected. Of a finding that is no value both
-- are NULL.
SELECT
  findings.measure,
  findings.number,
  STRUCT(findings.found AS key, findings.held AS found, findings.expected) AS shown,
  ROW_NUMBER() OVER (
    PARTITION BY findings.measure ORDER BY findings.found, findings.held, findings.expected
  ) AS row_of_measure
FROM findings
