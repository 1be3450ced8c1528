-- Pre-flight, runbook 5: of the schedule's eligible games, those that a table holds.
-- Asked once for each table that a gate of this file is named for, in the place of each_table.
WITH scheduled AS (
  SELECT DISTINCT
    game_date,
    CONCAT(
      FORMAT_DATE('%Y%m%d', game_date),
      '_',
      COALESCE(away_team_tricode, 'NULL'),
      '_',
      COALESCE(home_team_tricode, 'NULL')
    ) AS game_id
  FROM nba_raw.nbac_schedule
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND game_date NOT IN UNNEST(@bootstrap_dates)
    AND game_status = @final_status
    AND SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids)
),

held AS (
  SELECT DISTINCT game_id
  FROM nba_analytics.each_table
  WHERE game_date BETWEEN @window_start AND @window_end
),

games AS (
  SELECT
    scheduled.game_date,
    scheduled.game_id,
    held.game_id IS NOT NULL AS is_held,
    LOGICAL_OR(held.game_id IS NOT NULL) OVER (PARTITION BY scheduled.game_date) AS date_is_held
  FROM scheduled
  LEFT JOIN held ON scheduled.game_id = held.game_id
)

SELECT
  COUNT(*) AS window_rows,
  STRUCT(
    COUNTIF(is_held) AS numerator,
    COUNT(*) AS denominator,
    ARRAY(
      SELECT DISTINCT gap.game_date
      FROM games AS gap
      WHERE NOT gap.date_is_held
    ) AS missing_dates,
    ARRAY(
      SELECT gap.game_id
      FROM games AS gap
      WHERE NOT gap.is_held
    ) AS missing_games
  ) AS each_table
FROM games
