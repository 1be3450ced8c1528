-- The same with what is wrong with a game, and on one row of each date the date's own counts: games
-- due, held on their date and found at all, and the dates in a row without games from here on. That
-- of the first due date of a period has the counts of the period as well.
SELECT
  game_date,
  game_id,
  records,
  is_due,
  IF(row_of_game = 1, COALESCE(malformed_rows, 0), 0) AS malformed_rows,
  is_due AND records IS NULL AS is_missing,
  is_due AND COALESCE(is_incomplete, FALSE) AS is_incomplete,
  NOT is_scheduled AND row_of_game = 1 AS is_unscheduled,
  IF(
    row_of_date = 1,
    STRUCT(
      COUNT(IF(is_due, 1, NULL)) OVER (PARTITION BY game_date) AS due,
      COUNT(IF(is_due AND is_held, 1, NULL)) OVER (PARTITION BY game_date) AS held,
      COUNT(IF(is_held, 1, NULL)) OVER (PARTITION BY game_date) AS found,
      IF(
        is_due,
        COALESCE(
          MIN(IF(is_held, date_number, NULL)) OVER (
            PARTITION BY is_due
            ORDER BY date_number
            RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
          ),
          MAX(date_number) OVER (PARTITION BY is_due) + 1
        ) - date_number,
        0
      ) AS gap,
      IF(
        is_due AND game_date = MIN(game_date) OVER of_period,
        STRUCT(
          period_start AS game_date,
          COUNT(IF(is_held, 1, NULL)) OVER of_period AS held,
          COUNT(*) OVER of_period AS due
        ),
        NULL
      ) AS period
    ),
    NULL
  ) AS day
FROM compared_games
WINDOW of_period AS (PARTITION BY is_due, period_start)
