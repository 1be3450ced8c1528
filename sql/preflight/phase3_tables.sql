-- Pre-flight: the games and rows of a table of Phase 3, against the schedule and each other.
-- Asked once for each table that a gate of this file is named for, in the place of each_table;
-- each_key is what tells its rows of a game apart, each_team its column with the team, each_played
-- says whether a row is of somebody who played, where the table has it.
WITH table_rows AS (
  SELECT
    game_date,
    COALESCE(game_id, 'NULL') AS game_id,
    COALESCE(each_key, 'NULL') AS entry,
    IF(each_played, each_key, NULL) AS player,
    each_team = SUBSTR(game_id, 10, 3) AS is_away,
    REGEXP_CONTAINS(game_id, r'^[0-9]{8}_[A-Z]{3}_[A-Z]{3}$') IS NOT TRUE
    OR SUBSTR(game_id, 1, 8) != FORMAT_DATE('%Y%m%d', game_date)
    OR each_team NOT IN (SUBSTR(game_id, 10, 3), SUBSTR(game_id, 14, 3)) AS is_malformed
  FROM nba_analytics.each_table
  WHERE game_date BETWEEN @window_start AND @window_end
),

held_games AS (
  SELECT
    game_date,
    game_id,
    COUNT(*) AS records,
    COUNTIF(is_malformed) AS malformed_rows,
    -- All rows of the game, on whatever date they stand.
    SUM(COUNT(*)) OVER (PARTITION BY game_id) > @most_rows_of_each_table
    OR SUM(COUNT(DISTINCT player)) OVER (PARTITION BY game_id)
    NOT BETWEEN @rows_of_each_table[OFFSET(0)] AND @rows_of_each_table[OFFSET(1)]
    OR SUM(COUNT(DISTINCT IF(is_away, player, NULL))) OVER (PARTITION BY game_id)
    NOT BETWEEN @team_rows_of_each_table[OFFSET(0)] AND @team_rows_of_each_table[OFFSET(1)]
    OR SUM(COUNT(DISTINCT IF(is_away, NULL, player))) OVER (PARTITION BY game_id)
    NOT BETWEEN @team_rows_of_each_table[OFFSET(0)] AND @team_rows_of_each_table[OFFSET(1)]
      AS is_incomplete
  FROM table_rows
  GROUP BY game_date, game_id
),

findings AS (
  SELECT
    finding.measure,
    finding.found,
    finding.number,
    IF(finding.measure IS NULL, dated_games.day, NULL) AS day
  FROM dated_games
  CROSS JOIN
    UNNEST([
      STRUCT(
        'missing_games' AS measure,
        dated_games.game_id AS found,
        IF(dated_games.is_missing, 1, 0) AS number
      ),
      ('unscheduled_games', dated_games.game_id, IF(dated_games.is_unscheduled, 1, 0)),
      (
        'partial_dates',
        CAST(dated_games.game_date AS STRING),
        IF(dated_games.day.held BETWEEN 1 AND dated_games.day.due - 1, 1, 0)
      ),
      (
        'incomplete_games',
        dated_games.game_id,
        IF(dated_games.is_incomplete, 1, 0)
      ),
      ('malformed_ids', dated_games.game_id, dated_games.malformed_rows),
      (NULL, CAST(dated_games.game_date AS STRING), dated_games.day.due + dated_games.day.found)
    ]) AS finding
  WHERE finding.number > 0
  UNION ALL
  SELECT
    measure,
    found,
    number,
    NULL AS day
  FROM repeated_rows
)

SELECT
  COALESCE(SUM(day.due), 0) AS window_rows,
  ARRAY_AGG(
    STRUCT(COALESCE(day.gap, 0) AS numerator, IF(day.gap > 0, found, NULL) AS starting)
    ORDER BY day.gap DESC, found ASC LIMIT 1
  )[OFFSET(0)] AS longest_gap,
  COALESCE(ARRAY_AGG(day.period IGNORE NULLS ORDER BY day.period.game_date), []) AS series_dates
FROM placed_findings
