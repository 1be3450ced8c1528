-- The schedule itself, in every stage that trusts it: a table that stops where the schedule stops
-- lacks nothing. Held against the league's known shape, by the day of the season, opening night
-- being day 0: no table under test is read here.
WITH totals AS (
  SELECT
    COALESCE(SUM(games), 0) AS window_rows,
    COALESCE(SUM(due), 0) AS scheduled_games,
    MAX(IF(is_listed, game_date, NULL)) AS last_listed,
    MAX(IF(is_listed AND game_date <= @window_end, game_date, NULL)) AS last_due,
    -- Of the last date that is listed.
    ARRAY_AGG(most_days ORDER BY is_listed DESC, game_date DESC LIMIT 1)[OFFSET(0)] AS most_days,
    COALESCE(
      ARRAY_AGG(
        IF(
          is_played AND DATE_DIFF(next_date, game_date, DAY) > most_days,
          CONCAT(CAST(game_date AS STRING), ' to ', CAST(next_date AS STRING)),
          NULL
        ) IGNORE NULLS
        ORDER BY game_date
      ),
      []
    ) AS long_gaps,
    -- A day in New York is over at 5:00 UTC at the latest.
    DATE(TIMESTAMP_SUB(MAX(processed_at), INTERVAL 5 HOUR)) AS loaded_on,
    (
      SELECT DATE_DIFF(@window_end, MAX(opening), DAY)
      FROM UNNEST(@season_starts) AS opening
      WHERE opening <= @window_end
    ) AS day_of_season
  FROM schedule_days
),

reached AS (
  SELECT
    totals.*,
    -- Until the regular season is over there are games ahead on any day.
    CASE
      WHEN last_listed >= @window_end THEN 0
      WHEN day_of_season < @regular_days THEN DATE_DIFF(@window_end, last_listed, DAY)
      WHEN DATE_DIFF(@window_end, last_listed, DAY) <= most_days THEN 0
      ELSE DATE_DIFF(@window_end, last_listed, DAY)
    END AS days_short,
    -- In the summer the last game is all that had to be loaded.
    IF(
      COALESCE(day_of_season >= @over_from_day, TRUE), last_due, @window_end
    ) AS loaded_after
  FROM totals
),

short AS (
  SELECT
    COUNT(*) AS number,
    ARRAY_AGG(FORMAT('%d: %d of at least %d', season, games, least_games) ORDER BY season)
      AS seasons
  FROM regular_seasons
  WHERE games < least_games
)

SELECT
  reached.window_rows,
  reached.scheduled_games,
  STRUCT(
    reached.days_short AS numerator, CAST(reached.last_listed AS STRING) AS last_game
  ) AS days_short,
  STRUCT(
    ARRAY_LENGTH(reached.long_gaps) AS numerator,
    ARRAY(
      SELECT found FROM UNNEST(reached.long_gaps) AS found
      ORDER BY found LIMIT @keys_shown
    ) AS first
  ) AS long_gaps,
  STRUCT(
    short.number AS numerator,
    ARRAY(
      SELECT found FROM UNNEST(short.seasons) AS found
      ORDER BY found LIMIT @keys_shown
    ) AS first
  ) AS short_seasons,
  STRUCT(
    -- Where no row says when it was loaded, the note does.
    COALESCE(
      GREATEST(DATE_DIFF(reached.loaded_after, reached.loaded_on, DAY) + 1, 0), 0
    ) AS numerator,
    COALESCE(CAST(reached.loaded_on AS STRING), 'unknown, no row has a time') AS last_loaded
  ) AS days_stale
FROM reached
CROSS JOIN short
