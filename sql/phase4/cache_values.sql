-- Phase 4: player_daily_cache follows from the games that its players played before the date and
-- from their teams'. Bootstrap dates are left out: nothing is asked of them.
WITH cached AS (
  SELECT
    cache_date,
    player_lookup,
    points_avg_last_5,
    points_avg_last_10,
    points_avg_season,
    minutes_avg_last_10,
    usage_rate_last_10,
    games_played_season,
    games_in_last_7_days,
    games_in_last_14_days,
    team_pace_last_10,
    team_off_rating_last_10,
    CAST(cache_date AS STRING) AS key_date,
    FORMAT_DATE('%Y-%m', cache_date) AS period,
    EXTRACT(YEAR FROM DATE_ADD(cache_date, INTERVAL 3 MONTH)) - 1 AS season
  FROM nba_precompute.player_daily_cache
  WHERE
    cache_date BETWEEN @window_start AND @window_end
    AND cache_date NOT IN UNNEST(@bootstrap_dates)
),

known AS (
  SELECT
    cached.*,
    player_form.games,
    player_form.points_5 / player_form.games_5 AS points_5,
    player_form.points_10 / player_form.games_10 AS points_10,
    player_form.points_season / player_form.games AS points_season,
    player_form.minutes_10 / NULLIF(player_form.minutes_known, 0) AS minutes_10,
    -- A game without usage_rate is left out, or counts as none.
    player_form.usage_10 / NULLIF(player_form.usage_known, 0) AS usage_10,
    player_form.usage_10 / NULLIF(player_form.usage_known, 0)
    - player_form.usage_10 / player_form.games_10 AS usage_apart,
    (
      SELECT AS STRUCT
        COUNTIF(DATE_DIFF(cached.cache_date, recent.day, DAY) <= 7) AS games_7,
        COUNTIF(DATE_DIFF(cached.cache_date, recent.day, DAY) <= 14) AS games_14
      FROM UNNEST(player_form.recent) AS recent
    ) AS recent_load
  FROM cached
  INNER JOIN player_form
    ON
      cached.player_lookup = player_form.player_lookup
      AND cached.season = player_form.season
      AND cached.cache_date > player_form.since
      AND cached.cache_date <= player_form.valid_to
),

compared AS (
  SELECT
    known.period,
    each_value.measure,
    each_value.column_name,
    CASE each_value.column_name
      WHEN 'points_avg_last_5' THEN known.points_avg_last_5
      WHEN 'points_avg_last_10' THEN known.points_avg_last_10
      WHEN 'points_avg_season' THEN known.points_avg_season
      WHEN 'minutes_avg_last_10' THEN known.minutes_avg_last_10
      WHEN 'usage_rate_last_10' THEN known.usage_rate_last_10
      WHEN 'games_played_season' THEN known.games_played_season
      WHEN 'games_in_last_7_days' THEN known.games_in_last_7_days
      WHEN 'games_in_last_14_days' THEN known.games_in_last_14_days
    END AS held,
    CASE each_value.column_name
      WHEN 'points_avg_last_5' THEN known.points_5
      WHEN 'points_avg_last_10' THEN known.points_10
      WHEN 'points_avg_season' THEN known.points_season
      WHEN 'minutes_avg_last_10' THEN known.minutes_10
      WHEN 'usage_rate_last_10' THEN known.usage_10
      WHEN 'games_played_season' THEN known.games
      WHEN 'games_in_last_7_days' THEN known.recent_load.games_7
      WHEN 'games_in_last_14_days' THEN known.recent_load.games_14
    END AS expected,
    each_value.tolerance
    + IF(each_value.column_name = 'usage_rate_last_10', known.usage_apart, 0) AS tolerance,
    CONCAT(known.key_date, ' ', known.player_lookup) AS row_key
  FROM known
  CROSS JOIN
    UNNEST([
      STRUCT(
        'points_averages' AS measure, 'points_avg_last_5' AS column_name, NUMERIC '0.5' AS tolerance
      ),
      ('points_averages', 'points_avg_last_10', 0.5),
      ('points_averages', 'points_avg_season', 0.5),
      ('other_averages', 'minutes_avg_last_10', 2),
      ('other_averages', 'usage_rate_last_10', 1),
      ('games_played', 'games_played_season', 0),
      ('games_played', 'games_in_last_7_days', 0),
      ('games_played', 'games_in_last_14_days', 0)
    ]) AS each_value
),

findings AS (
  SELECT
    measure,
    found,
    number,
    held,
    expected
  FROM value_findings
  UNION ALL
  SELECT
    NULL AS measure,
    'rows' AS found,
    COUNT(*) AS number,
    NULL AS held,
    NULL AS expected
  FROM cached
)

SELECT
  COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows,
  ANY_VALUE(judged_values.judged_values) AS judged_values
FROM placed_values
CROSS JOIN judged_values
