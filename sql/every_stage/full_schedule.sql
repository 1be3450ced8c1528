-- The schedule itself, in every stage that trusts it: a table that stops where the schedule stops
-- lacks nothing. Held against the league's known shape, by the day of the season, opening night
-- being day 0: no table under test is read here.
WITH listed AS (
  -- It lists games ahead, so it is looked at beyond the window's end.
  SELECT
    game_date,
    game_id,
    processed_at,
    COALESCE(game_status = @final_status, FALSE) AS is_final
  FROM nba_raw.nbac_schedule
  WHERE
    game_date BETWEEN @window_start AND @schedule_end
    AND SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids)
),

marks AS (
  SELECT
    game_date,
    TRUE AS is_listed,
    LOGICAL_OR(is_final) AND game_date <= @window_end AS is_played
  FROM listed
  GROUP BY game_date
  UNION ALL
  -- So that games which begin late or end early leave a gap at the window's edge.
  SELECT
    edge AS game_date,
    FALSE AS is_listed,
    TRUE AS is_played
  FROM
    UNNEST(
      [DATE_SUB(@window_start, INTERVAL 1 DAY), DATE_ADD(@window_end, INTERVAL 1 DAY)]
    ) AS edge
),

days AS (
  SELECT
    marks.game_date,
    marks.is_listed,
    marks.is_played,
    MAX(IF(opening <= marks.game_date, opening, NULL)) AS season_start,
    MIN(IF(opening > marks.game_date, opening, NULL)) AS next_start
  FROM marks
  CROSS JOIN UNNEST(@season_starts) AS opening
  GROUP BY marks.game_date, marks.is_listed, marks.is_played
),

bounded AS (
  SELECT
    game_date,
    is_listed,
    is_played,
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
  WHERE is_played
),

gaps AS (
  SELECT CONCAT(CAST(game_date AS STRING), ' to ', CAST(next_date AS STRING)) AS found
  FROM steps
  WHERE DATE_DIFF(next_date, game_date, DAY) > most_days
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
    ANY_VALUE(most_days HAVING MAX game_date) AS most_days
  FROM bounded
  WHERE is_listed
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
