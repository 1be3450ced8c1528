-- Dates on which Phase 4 should have written nothing, and how many rows it wrote.
SELECT
  game_date,
  0 AS expected,
  game_date IN UNNEST(@bootstrap_dates) AS is_bootstrap,
  COUNT(DISTINCT game_id) AS games,
  COUNT(*) AS found
FROM nba_precompute.player_composite_factors
WHERE
  game_date BETWEEN @window_start AND @window_end
  AND (
    game_date IN UNNEST(@bootstrap_dates)
    OR game_date IN UNNEST(
      GENERATE_DATE_ARRAY(@runbook_bootstrap[OFFSET(0)], @runbook_bootstrap[OFFSET(1)])
    )
  )
GROUP BY game_date
ORDER BY game_date
LIMIT @row_limit
