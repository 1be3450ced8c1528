-- Pre-flight, runbook 5: of the schedule's eligible games, those that a table holds.
-- Asked once for each table that a gate of this file is named for, in the place of each_table.
WITH held AS (
  SELECT DISTINCT game_id
  FROM nba_analytics.each_table
  WHERE game_date BETWEEN @window_start AND @window_end
),

games AS (
  SELECT
    scheduled_games.game_date,
    scheduled_games.game_id,
    scheduled_games.is_due,
    held.game_id IS NOT NULL AS is_held,
    LOGICAL_OR(held.game_id IS NOT NULL) OVER (PARTITION BY scheduled_games.game_date)
      AS date_is_held,
    ROW_NUMBER() OVER (
      PARTITION BY scheduled_games.game_date
      ORDER BY scheduled_games.game_id
    ) AS game_of_date
  FROM scheduled_games
  LEFT JOIN held ON scheduled_games.game_id = held.game_id
  WHERE scheduled_games.is_due AND scheduled_games.game_date NOT IN UNNEST(@bootstrap_dates)
)

SELECT
  COUNTIF(is_due) AS window_rows,
  STRUCT(
    COUNTIF(is_held) AS numerator,
    COUNT(*) AS denominator,
    COALESCE(
      ARRAY_AGG(
        IF(date_is_held OR game_of_date > 1, NULL, game_date) IGNORE NULLS ORDER BY game_date
      ),
      []
    ) AS missing_dates,
    COALESCE(
      ARRAY_AGG(IF(is_held, NULL, game_id) IGNORE NULLS ORDER BY game_date, game_id), []
    ) AS missing_games
  ) AS each_table
FROM games
