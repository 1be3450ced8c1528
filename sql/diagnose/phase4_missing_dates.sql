-- Runbook, troubleshooting: game dates of player_game_summary that player_composite_factors lacks
-- whole (MISSING) or in part (PARTIAL); what the backfill can repair comes first.
WITH scheduled AS (
  SELECT
    game_date,
    COUNT(*) AS games
  FROM scheduled_games
  WHERE is_due
  GROUP BY game_date
),

analytics AS (
  SELECT DISTINCT
    game_date,
    game_id,
    game_date IN UNNEST(@bootstrap_dates) AS is_bootstrap
  FROM nba_analytics.player_game_summary
  WHERE game_date BETWEEN @window_start AND @window_end
),

factors AS (
  SELECT DISTINCT
    game_date,
    game_id
  FROM nba_precompute.player_composite_factors
  WHERE game_date BETWEEN @window_start AND @window_end
)

SELECT
  analytics.game_date,
  analytics.is_bootstrap,
  IF(COUNT(factors.game_id) = 0, 'MISSING', 'PARTIAL') AS status,
  COALESCE(ANY_VALUE(scheduled.games), 0) AS games_scheduled,
  COUNT(factors.game_id) AS found,
  COUNT(*) AS expected,
  STRING_AGG(
    IF(factors.game_id IS NULL, analytics.game_id, NULL), ', ' ORDER BY analytics.game_id
  ) AS missing_games
FROM analytics
LEFT JOIN factors
  ON
    analytics.game_id = factors.game_id
    AND analytics.game_date = factors.game_date
LEFT JOIN scheduled ON analytics.game_date = scheduled.game_date
GROUP BY analytics.game_date, analytics.is_bootstrap
HAVING COUNT(*) > COUNT(factors.game_id)
ORDER BY analytics.is_bootstrap, analytics.game_date
LIMIT @row_limit
