-- A table against the schedule, a row for each date and game of either. The asking query gives
-- held_games: game_date, game_id, records, malformed_rows, is_incomplete. Sets are compared, for a
-- count that is right can hide a hole behind an extra.
SELECT
  COALESCE(scheduled_games.game_date, held_games.game_date) AS game_date,
  COALESCE(scheduled_games.game_id, held_games.game_id) AS game_id,
  COALESCE(scheduled_games.is_due, FALSE) AS is_due,
  -- The first of the days that a series counts together; each is its own where that is one.
  DATE_ADD(
    scheduled_games.first_date,
    INTERVAL DIV(
      DATE_DIFF(scheduled_games.game_date, scheduled_games.first_date, DAY), @series_days
    ) * @series_days DAY
  ) AS period_start,
  held_games.game_id IS NOT NULL AS is_held,
  -- Of the game on any date; NULL where there are none.
  SUM(held_games.malformed_rows) OVER of_game AS malformed_rows,
  LOGICAL_OR(held_games.is_incomplete) OVER of_game AS is_incomplete,
  SUM(held_games.records) OVER of_game AS records,
  COUNT(scheduled_games.game_id) OVER of_game > 0 AS is_scheduled,
  ROW_NUMBER() OVER (of_game ORDER BY held_games.game_date) AS row_of_game,
  ROW_NUMBER() OVER (
    PARTITION BY COALESCE(scheduled_games.game_date, held_games.game_date)
    ORDER BY COALESCE(scheduled_games.is_due, FALSE) DESC, held_games.game_id ASC
  ) AS row_of_date,
  DENSE_RANK() OVER (
    PARTITION BY COALESCE(scheduled_games.is_due, FALSE)
    ORDER BY scheduled_games.game_date
  ) AS date_number
FROM scheduled_games
FULL OUTER JOIN held_games
  ON
    scheduled_games.game_id = held_games.game_id
    AND scheduled_games.game_date = held_games.game_date
WINDOW of_game AS (PARTITION BY COALESCE(scheduled_games.game_id, held_games.game_id))
