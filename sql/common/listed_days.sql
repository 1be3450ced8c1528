-- The dates that the schedule lists, and the edges of the window. It lists games ahead, so it is
-- looked at beyond the window's end.
SELECT
  game_date,
  TRUE AS is_listed,
  LOGICAL_OR(
    COALESCE(
      game_status = @final_status AND home_team_score > 0 AND away_team_score > 0, FALSE
    )
  )
  AND game_date <= @window_end AS is_played,
  COUNTIF(game_date <= @window_end) AS games,
  -- Those that are over, each once.
  COUNT(
    DISTINCT IF(
      game_date <= @window_end
      AND game_status = @final_status
      AND home_team_score > 0
      AND away_team_score > 0,
      CONCAT(COALESCE(away_team_tricode, 'NULL'), ' ', COALESCE(home_team_tricode, 'NULL')),
      NULL
    )
  ) AS due,
  MAX(processed_at) AS processed_at
FROM nba_raw.nbac_schedule
WHERE
  game_date BETWEEN @window_start AND @schedule_end
  AND SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids)
GROUP BY game_date
UNION ALL
SELECT
  edge AS game_date,
  FALSE AS is_listed,
  TRUE AS is_played,
  0 AS games,
  0 AS due,
  NULL AS processed_at
FROM
  UNNEST(
    [DATE_SUB(@window_start, INTERVAL 1 DAY), DATE_ADD(@window_end, INTERVAL 1 DAY)]
  ) AS edge
