-- Phase 4, runbook 7.2 to 7.6: player_composite_factors over the window, one row of counts.
-- The schedule says which games could be reached and which dates are the last ten.
WITH analytics AS (
  SELECT COUNT(DISTINCT game_id) AS games
  FROM nba_analytics.player_game_summary
  WHERE game_date BETWEEN @window_start AND @window_end
),

early_dates AS (
  SELECT
    game_date,
    CONCAT(
      'season ', CAST(EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS STRING)
    ) AS period
  FROM UNNEST(@bootstrap_dates) AS game_date
  UNION ALL
  SELECT
    game_date,
    'runbook 7.4' AS period
  FROM UNNEST(
    GENERATE_DATE_ARRAY(@runbook_bootstrap[OFFSET(0)], @runbook_bootstrap[OFFSET(1)])
  ) AS game_date
),

early AS (
  SELECT
    early_dates.period,
    MIN(early_dates.game_date) AS first_date,
    MAX(early_dates.game_date) AS last_date,
    COALESCE(SUM(factor_totals.total_records), 0) AS records
  FROM early_dates
  LEFT JOIN factor_totals ON early_dates.game_date = factor_totals.game_date
  WHERE early_dates.game_date BETWEEN @window_start AND @window_end
  GROUP BY early_dates.period
),

last_dates AS (
  SELECT *
  FROM factor_days
  ORDER BY game_date DESC
  LIMIT 10
)

SELECT
  COUNT(*) AS window_rows,
  STRUCT(
    COUNT(DISTINCT game_id) AS numerator,
    (SELECT analytics.games FROM analytics) AS denominator,
    (
      SELECT AS STRUCT
        COUNTIF(scheduled_games.game_date NOT IN UNNEST(@bootstrap_dates)) AS numerator,
        COUNT(*) AS denominator
      FROM scheduled_games
      WHERE scheduled_games.is_due
    ) AS could_be_reached_at_all
  ) AS coverage,
  STRUCT(
    COUNTIF(
      game_date IN UNNEST(@bootstrap_dates)
      OR game_date BETWEEN @runbook_bootstrap[OFFSET(0)] AND @runbook_bootstrap[OFFSET(1)]
    ) AS numerator,
    ARRAY(
      SELECT AS STRUCT
        early.period,
        early.first_date,
        early.last_date,
        early.records
      FROM early
      ORDER BY early.first_date, early.period
    ) AS periods
  ) AS bootstrap_rows,
  STRUCT(
    COUNTIF(each_column IS NULL AND game_date NOT IN UNNEST(@bootstrap_dates)) AS numerator,
    COUNTIF(game_date NOT IN UNNEST(@bootstrap_dates)) AS denominator
  ) AS null_rate,
  (
    SELECT AS STRUCT
      COUNTIF(last_dates.is_implausible) AS numerator,
      COALESCE(
        ARRAY_AGG(
          STRUCT(
            last_dates.game_date AS game_date,
            last_dates.unique_players AS unique_players,
            last_dates.total_records AS total_records,
            last_dates.games AS games,
            last_dates.total_records / NULLIF(last_dates.games, 0) AS records_per_game
          ) ORDER BY last_dates.game_date DESC
        ),
        []
      ) AS last_dates
    FROM last_dates
  ) AS records_per_date
FROM nba_precompute.player_composite_factors
WHERE game_date BETWEEN @window_start AND @window_end
