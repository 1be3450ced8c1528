-- The schedule itself, in every stage that trusts it: a table that stops where the schedule stops
-- lacks nothing. Held against the league's known shape, by the day of the season, opening night
-- being day 0: no table under test is read here.
WITH listed AS (
  -- It lists games ahead, so a month more than the window is looked at.
  SELECT
    game_date,
    game_id,
    processed_at,
    COALESCE(game_status = @final_status, FALSE) AS is_final
  FROM nba_raw.nbac_schedule
  WHERE
    game_date BETWEEN @window_start AND DATE_ADD(@window_end, INTERVAL 31 DAY)
    AND SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids)
),

marks AS (
  SELECT
    game_date,
    LOGICAL_OR(is_final) OR game_date > @window_end AS has_games
  FROM listed
  GROUP BY game_date
  UNION ALL
  -- So that games that begin late leave a gap behind the day before the window.
  SELECT
    DATE_SUB(@window_start, INTERVAL 1 DAY) AS game_date,
    TRUE AS has_games
),

days AS (
  SELECT
    marks.game_date,
    marks.has_games,
    MAX(IF(opening <= marks.game_date, opening, NULL)) AS season_start,
    MIN(IF(opening > marks.game_date, opening, NULL)) AS next_start
  FROM marks
  CROSS JOIN UNNEST(@season_starts) AS opening
  GROUP BY marks.game_date, marks.has_games
),

bounded AS (
  SELECT
    game_date,
    has_games,
    CASE
      WHEN
        COALESCE(DATE_DIFF(game_date, season_start, DAY) >= @over_from_day, TRUE)
        THEN COALESCE(DATE_DIFF(next_start, game_date, DAY), @summer_days)
      WHEN
        DATE_DIFF(game_date, season_start, DAY)
        BETWEEN @all_star_from[OFFSET(0)] AND @all_star_from[OFFSET(1)]
        OR DATE_DIFF(game_date, season_start, DAY)
        BETWEEN @finals_from[OFFSET(0)] AND @finals_from[OFFSET(1)]
        THEN @longest_break
      ELSE @usual_break
    END AS most_days
  FROM days
),

steps AS (
  SELECT
    game_date,
    most_days,
    LEAD(game_date) OVER (ORDER BY game_date) AS next_date
  FROM bounded
  WHERE has_games
),

gaps AS (
  SELECT CONCAT(CAST(game_date AS STRING), ' to ', CAST(next_date AS STRING)) AS found
  FROM steps
  WHERE game_date <= @window_end AND DATE_DIFF(next_date, game_date, DAY) > most_days
),

ends AS (
  SELECT
    (
      SELECT DATE_DIFF(@window_end, MAX(opening), DAY)
      FROM UNNEST(@season_starts) AS opening
      WHERE opening <= @window_end
    ) AS day_of_season,
    MAX(game_date) AS last_listed,
    MAX(IF(game_date <= @window_end, game_date, NULL)) AS last_due,
    MAX_BY(most_days, game_date) AS most_days
  FROM bounded
),

reached AS (
  SELECT
    last_listed,
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
  FROM ends
),

loaded AS (
  -- A day in New York is over at 5:00 UTC at the latest.
  SELECT DATE(TIMESTAMP_SUB(MAX(processed_at), INTERVAL 5 HOUR)) AS day
  FROM listed
),

regular AS (
  SELECT
    EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season,
    COUNT(DISTINCT game_id) AS games
  FROM listed
  WHERE
    game_date <= @window_end
    AND is_final
    AND SUBSTR(game_id, 1, 3) IN UNNEST(@regular_game_ids)
  GROUP BY season
),

due AS (
  SELECT
    EXTRACT(YEAR FROM opening) AS season,
    opening >= @window_start
    AND DATE_ADD(opening, INTERVAL @regular_days DAY) <= DATE_ADD(@window_end, INTERVAL 1 DAY)
      AS is_whole,
    DATE_DIFF(
      LEAST(DATE_ADD(opening, INTERVAL @regular_days DAY), DATE_ADD(@window_end, INTERVAL 1 DAY)),
      GREATEST(opening, @window_start),
      DAY
    ) AS days
  FROM UNNEST(@season_starts) AS opening
),

seasons AS (
  SELECT
    due.season,
    COALESCE(regular.games, 0) AS games,
    IF(
      due.is_whole,
      @regular_games,
      DIV(@regular_games * due.days, @regular_days) - @games_behind
    ) AS least_games
  FROM due
  LEFT JOIN regular ON due.season = regular.season
  WHERE due.days > 0
),

short AS (
  SELECT
    CONCAT(
      CAST(season AS STRING),
      ': ',
      CAST(games AS STRING),
      ' of at least ',
      CAST(least_games AS STRING)
    ) AS found
  FROM seasons
  WHERE games < least_games
)

SELECT
  COUNTIF(game_date <= @window_end) AS window_rows,
  STRUCT(
    (SELECT reached.days_short FROM reached) AS numerator,
    (SELECT CAST(reached.last_listed AS STRING) FROM reached) AS last_game
  ) AS days_short,
  STRUCT(
    (SELECT COUNT(*) FROM gaps) AS numerator,
    ARRAY(
      SELECT gaps.found FROM gaps
      ORDER BY gaps.found LIMIT @keys_shown
    ) AS first
  ) AS long_gaps,
  STRUCT(
    (SELECT COUNT(*) FROM short) AS numerator,
    ARRAY(
      SELECT short.found FROM short
      ORDER BY short.found LIMIT @keys_shown
    ) AS first
  ) AS short_seasons,
  STRUCT(
    (
      -- Where no row says when it was loaded, the note does.
      SELECT COALESCE(GREATEST(DATE_DIFF(reached.loaded_after, loaded.day, DAY) + 1, 0), 0)
      FROM reached
      CROSS JOIN loaded
    ) AS numerator,
    (
      SELECT COALESCE(CAST(loaded.day AS STRING), 'unknown, no row has a time') FROM loaded
    ) AS last_loaded
  ) AS days_stale
FROM listed
