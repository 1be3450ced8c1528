-- Phase 4: what training reads of player_daily_cache, by date. Bootstrap dates are left out.
WITH cached AS (
  SELECT
    cache_date,
    player_lookup,
    CAST(cache_date AS STRING) AS key_date,
    COUNT(*) AS records,
    COUNTIF(points_avg_last_5 IS NULL) AS points_avg_last_5,
    COUNTIF(points_avg_last_10 IS NULL) AS points_avg_last_10,
    COUNTIF(points_avg_season IS NULL) AS points_avg_season,
    COUNTIF(points_std_last_10 IS NULL) AS points_std_last_10,
    COUNTIF(minutes_avg_last_10 IS NULL) AS minutes_avg_last_10,
    COUNTIF(usage_rate_last_10 IS NULL) AS usage_rate_last_10,
    COUNTIF(ts_pct_last_10 IS NULL) AS ts_pct_last_10,
    COUNTIF(team_pace_last_10 IS NULL) AS team_pace_last_10,
    COUNTIF(team_off_rating_last_10 IS NULL) AS team_off_rating_last_10,
    COUNTIF(games_in_last_7_days IS NULL) AS games_in_last_7_days,
    COUNTIF(
      points_std_last_10 NOT BETWEEN 0 AND 40
      OR minutes_avg_last_10 NOT BETWEEN 0 AND 53
      OR usage_rate_last_10 NOT BETWEEN 0 AND 100
      OR ts_pct_last_10 NOT BETWEEN 0 AND 2
      OR paint_rate_last_10 NOT BETWEEN 0 AND 100
      OR three_pt_rate_last_10 NOT BETWEEN 0 AND 100
      OR assisted_rate_last_10 NOT BETWEEN 0 AND 100
      OR player_age NOT BETWEEN 17 AND 50
    ) AS implausible
  FROM nba_precompute.player_daily_cache
  WHERE
    cache_date BETWEEN @window_start AND @window_end
    AND cache_date NOT IN UNNEST(@bootstrap_dates)
  GROUP BY cache_date, player_lookup
),

read_columns AS (
  SELECT
    cached.cache_date,
    each_read.column_name,
    SUM(each_read.unread) AS unread,
    SUM(cached.records) AS records
  FROM cached
  CROSS JOIN
    UNNEST([
      STRUCT('points_avg_last_5' AS column_name, cached.points_avg_last_5 AS unread),
      ('points_avg_last_10', cached.points_avg_last_10),
      ('points_avg_season', cached.points_avg_season),
      ('points_std_last_10', cached.points_std_last_10),
      ('minutes_avg_last_10', cached.minutes_avg_last_10),
      ('usage_rate_last_10', cached.usage_rate_last_10),
      ('ts_pct_last_10', cached.ts_pct_last_10),
      ('team_pace_last_10', cached.team_pace_last_10),
      ('team_off_rating_last_10', cached.team_off_rating_last_10),
      ('games_in_last_7_days', cached.games_in_last_7_days)
    ]) AS each_read
  GROUP BY cached.cache_date, each_read.column_name
),

worst AS (
  SELECT
    ARRAY_AGG(
      STRUCT(
        unread AS numerator, records AS denominator, cache_date AS cache_date, column_name
      )
      ORDER BY unread / records DESC, cache_date ASC, column_name ASC LIMIT 1
    )[OFFSET(0)] AS null_date
  FROM read_columns
),

findings AS (
  SELECT
    finding.measure,
    finding.number,
    CONCAT(cached.key_date, ' ', COALESCE(cached.player_lookup, 'NULL')) AS found
  FROM cached
  CROSS JOIN
    UNNEST([
      STRUCT('implausible_rows' AS measure, cached.implausible AS number),
      -- Not a finding: the rows that there are.
      (NULL, cached.records)
    ]) AS finding
  WHERE finding.number > 0
)

SELECT
  COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows,
  ANY_VALUE(worst.null_date) AS null_date
FROM placed_findings
CROSS JOIN worst
