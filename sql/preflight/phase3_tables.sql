-- Pre-flight: the games and rows of a table of Phase 3, against the schedule and each other.
-- Asked once for each table that a gate of this file is named for, in the place of each_table;
-- each_key is what tells its rows of a game apart, each_team its column with the team.
-- Sets are compared, because a count that is right can hide a hole behind an extra.
WITH scheduled AS (
  SELECT DISTINCT
    game_date,
    CONCAT(
      FORMAT_DATE('%Y%m%d', game_date),
      '_',
      COALESCE(away_team_tricode, 'NULL'),
      '_',
      COALESCE(home_team_tricode, 'NULL')
    ) AS game_id,
    SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids) AS is_asked_for
  FROM nba_raw.nbac_schedule
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND game_status = @final_status
    AND (
      SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids)
      OR SUBSTR(game_id, 1, 3) IN UNNEST(@other_game_ids)
    )
),

entries AS (
  SELECT
    game_date,
    each_key AS entry,
    each_team AS team,
    COALESCE(game_id, 'NULL') AS game_id
  FROM nba_analytics.each_table
  WHERE game_date BETWEEN @window_start AND @window_end
),

held AS (
  SELECT
    game_date,
    game_id,
    COUNT(*) AS records,
    LOGICAL_OR(
      NOT REGEXP_CONTAINS(game_id, r'^[0-9]{8}_[A-Z]{3}_[A-Z]{3}$')
      OR SUBSTR(game_id, 1, 8) != FORMAT_DATE('%Y%m%d', game_date)
      OR team NOT IN (SUBSTR(game_id, 10, 3), SUBSTR(game_id, 14, 3))
    ) AS is_malformed
  FROM entries
  GROUP BY game_date, game_id
),

games AS (
  SELECT
    game_id,
    SUM(records) AS records,
    LOGICAL_OR(is_malformed) AS is_malformed
  FROM held
  GROUP BY game_id
),

asked AS (
  SELECT
    scheduled.game_date,
    scheduled.game_id,
    COALESCE(games.records, 0) AS records,
    held.game_id IS NOT NULL AS is_held_on_its_date
  FROM scheduled
  LEFT JOIN games ON scheduled.game_id = games.game_id
  LEFT JOIN held
    ON
      scheduled.game_id = held.game_id
      AND scheduled.game_date = held.game_date
  WHERE scheduled.is_asked_for
),

odd AS (
  SELECT
    games.game_id,
    games.is_malformed,
    scheduled.game_id IS NULL AS is_unknown
  FROM games
  LEFT JOIN scheduled ON games.game_id = scheduled.game_id
),

dates AS (
  SELECT
    game_date,
    COUNT(*) AS games,
    COUNTIF(is_held_on_its_date) AS games_held
  FROM asked
  GROUP BY game_date
),

numbered AS (
  SELECT
    game_date,
    games_held > 0 AS is_held,
    SUM(IF(games_held > 0, 1, 0)) OVER (ORDER BY game_date) AS held_so_far
  FROM dates
),

gaps AS (
  SELECT
    MIN(game_date) AS starts,
    COUNT(*) AS missing_dates
  FROM numbered
  WHERE NOT is_held
  GROUP BY held_so_far
),

repeated AS (
  SELECT
    CONCAT(game_id, ' ', COALESCE(entry, 'NULL')) AS found,
    COUNT(*) - 1 AS extra
  FROM entries
  GROUP BY game_id, entry
  HAVING COUNT(*) > 1
),

in_two_games AS (
  SELECT CONCAT(CAST(game_date AS STRING), ' ', COALESCE(entry, 'NULL')) AS found
  FROM entries
  GROUP BY game_date, entry
  HAVING COUNT(DISTINCT game_id) > 1
)

SELECT
  COUNT(*) AS window_rows,
  STRUCT(
    COUNTIF(records = 0) AS numerator,
    ARRAY(
      SELECT gap.game_id
      FROM asked AS gap
      WHERE gap.records = 0
      ORDER BY gap.game_id
      LIMIT @keys_shown
    ) AS first
  ) AS missing_games,
  STRUCT(
    (SELECT COUNTIF(odd.is_unknown) FROM odd) AS numerator,
    ARRAY(
      SELECT odd.game_id
      FROM odd
      WHERE odd.is_unknown
      ORDER BY odd.game_id
      LIMIT @keys_shown
    ) AS first
  ) AS unknown_games,
  STRUCT(
    (
      SELECT COUNTIF(dates.games_held BETWEEN 1 AND dates.games - 1)
      FROM dates
    ) AS numerator,
    ARRAY(
      SELECT CAST(dates.game_date AS STRING)
      FROM dates
      WHERE dates.games_held BETWEEN 1 AND dates.games - 1
      ORDER BY dates.game_date
      LIMIT @keys_shown
    ) AS first
  ) AS partial_dates,
  STRUCT(
    COUNTIF(
      records > 0
      AND records NOT BETWEEN @rows_of_each_table[OFFSET(0)] AND @rows_of_each_table[OFFSET(1)]
    ) AS numerator,
    ARRAY(
      SELECT thin.game_id
      FROM asked AS thin
      WHERE
        thin.records > 0
        AND thin.records NOT BETWEEN
        @rows_of_each_table[OFFSET(0)]
        AND @rows_of_each_table[OFFSET(1)]
      ORDER BY thin.game_id
      LIMIT @keys_shown
    ) AS first
  ) AS thin_games,
  STRUCT(
    (SELECT COALESCE(SUM(repeated.extra), 0) FROM repeated) AS numerator,
    ARRAY(
      SELECT repeated.found FROM repeated
      ORDER BY repeated.found LIMIT @keys_shown
    ) AS first
  ) AS duplicate_rows,
  STRUCT(
    (SELECT COUNT(*) FROM in_two_games) AS numerator,
    ARRAY(
      SELECT in_two_games.found
      FROM in_two_games
      ORDER BY in_two_games.found
      LIMIT @keys_shown
    ) AS first
  ) AS duplicate_dates,
  STRUCT(
    (SELECT COUNTIF(odd.is_malformed) FROM odd) AS numerator,
    ARRAY(
      SELECT odd.game_id
      FROM odd
      WHERE odd.is_malformed
      ORDER BY odd.game_id
      LIMIT @keys_shown
    ) AS first
  ) AS malformed_ids,
  STRUCT(
    (SELECT COALESCE(MAX(gaps.missing_dates), 0) FROM gaps) AS numerator,
    (
      SELECT gaps.starts
      FROM gaps
      ORDER BY gaps.missing_dates DESC, gaps.starts ASC
      LIMIT 1
    ) AS starts
  ) AS longest_gap,
  ARRAY(
    SELECT AS STRUCT
      dates.game_date,
      dates.games_held AS held,
      dates.games AS due
    FROM dates
    ORDER BY dates.game_date
  ) AS series_dates
FROM asked
