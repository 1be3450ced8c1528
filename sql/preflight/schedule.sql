-- Pre-flight: league games of the window that are to be played and that the schedule does not have
-- as final, score and all, and what else is wrong with it. Such games are not asked for by the
-- coverage gates, so a stale schedule would hide gaps; and it is what every table is held against.
WITH games AS (
  SELECT
    game_date,
    game_id,
    COALESCE(away_team_tricode, 'NULL') AS away_team,
    COALESCE(home_team_tricode, 'NULL') AS home_team,
    fate = 'due' AS is_unfinished,
    ROW_NUMBER() OVER (PARTITION BY game_id ORDER BY game_date) AS row_of_game,
    COUNT(*) OVER (PARTITION BY game_id) AS records,
    COUNT(
      DISTINCT CONCAT(
        CAST(game_date AS STRING),
        COALESCE(away_team_tricode, 'NULL'),
        COALESCE(home_team_tricode, 'NULL')
      )
    ) OVER (PARTITION BY game_id) > 1 AS is_conflicting,
    LOGICAL_OR(
      REGEXP_CONTAINS(away_team_tricode, r'^[A-Z]{3}$') IS NOT TRUE
      OR REGEXP_CONTAINS(home_team_tricode, r'^[A-Z]{3}$') IS NOT TRUE
      OR away_team_tricode = home_team_tricode
    ) OVER (PARTITION BY game_id) AS is_unnamed
  FROM listed_games
  WHERE game_date >= @window_start AND fate IN ('over', 'due')
),

-- A game is a row for each of its teams here; what is said of the game stands on the first.
sides AS (
  SELECT
    games.*,
    side.team,
    side.is_away,
    ROW_NUMBER() OVER (PARTITION BY games.game_date, side.team ORDER BY games.game_id)
      AS row_of_team,
    MAX(games.game_id) OVER (PARTITION BY games.game_date, side.team) AS last_game
  FROM games
  CROSS JOIN
    UNNEST([STRUCT(games.away_team AS team, TRUE AS is_away), (games.home_team, FALSE)]) AS side
),

findings AS (
  SELECT
    finding.measure,
    finding.found,
    finding.number
  FROM sides
  CROSS JOIN
    UNNEST([
      STRUCT(
        'unfinished_games' AS measure,
        sides.game_id AS found,
        IF(sides.is_away AND sides.is_unfinished, 1, 0) AS number
      ),
      (
        'repeated_games',
        sides.game_id,
        IF(sides.is_away AND sides.row_of_game = 1, sides.records - 1, 0)
      ),
      (
        'conflicting_games',
        sides.game_id,
        IF(sides.is_away AND sides.row_of_game = 1 AND sides.is_conflicting, 1, 0)
      ),
      (
        'teams_twice_a_date',
        CONCAT(CAST(sides.game_date AS STRING), ' ', sides.team),
        IF(sides.row_of_team = 1 AND sides.game_id != sides.last_game, 1, 0)
      ),
      (
        'unnamed_teams',
        sides.game_id,
        IF(sides.is_away AND sides.row_of_game = 1 AND sides.is_unnamed, 1, 0)
      ),
      -- Not a finding: the rows that there are.
      (NULL, sides.game_id, IF(sides.is_away, 1, 0))
    ]) AS finding
  WHERE finding.number > 0
  UNION ALL
  SELECT
    'moved_games' AS measure,
    CONCAT(CAST(game_date AS STRING), ' ', game_id) AS found,
    1 AS number
  FROM listed_games
  WHERE game_date >= @window_start AND fate = 'moved'
)

SELECT COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows
FROM placed_findings
