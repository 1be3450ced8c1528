-- Findings: a table against the schedule, of the table_rows that the asking query gives. A finding
-- without a measure is none: it has a date's own counts.
SELECT
  finding.measure,
  finding.found,
  finding.number,
  IF(finding.measure IS NULL, dated_games.day, NULL) AS day
FROM dated_games
CROSS JOIN
  UNNEST([
    STRUCT(
      'missing_games' AS measure,
      dated_games.game_id AS found,
      IF(dated_games.is_missing, 1, 0) AS number
    ),
    ('unscheduled_games', dated_games.game_id, IF(dated_games.is_unscheduled, 1, 0)),
    (
      'partial_dates',
      CAST(dated_games.game_date AS STRING),
      IF(dated_games.day.held BETWEEN 1 AND dated_games.day.due - 1, 1, 0)
    ),
    (NULL, CAST(dated_games.game_date AS STRING), dated_games.day.due + dated_games.day.found)
  ]) AS finding
WHERE finding.number > 0
UNION ALL
SELECT
  measure,
  found,
  number,
  NULL AS day
FROM repeated_rows
