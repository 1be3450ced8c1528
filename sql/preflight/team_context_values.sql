-- Pre-flight: upcoming_team_game_context against its own game_id and date, and against the games
-- that the schedule has of the team before.
WITH contexts AS (
  SELECT
    game_date,
    game_id,
    team_abbr,
    days_since_last_game,
    games_in_last_7_days,
    games_in_last_14_days,
    EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season,
    COALESCE(season_year != EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1, TRUE)
      AS is_other_season,
    COALESCE(
      home_game != (team_abbr = SUBSTR(game_id, 14, 3))
      OR opponent_team_abbr
      != IF(team_abbr = SUBSTR(game_id, 14, 3), SUBSTR(game_id, 10, 3), SUBSTR(game_id, 14, 3)),
      TRUE
    ) AS is_turned_round
  FROM nba_analytics.upcoming_team_game_context
  WHERE game_date BETWEEN @window_start AND @window_end
),

team_dates AS (
  SELECT DISTINCT
    season_games.season,
    season_games.game_date,
    team,
    TRUE AS is_due
  FROM season_games
  CROSS JOIN UNNEST([season_games.away_team_tricode, season_games.home_team_tricode]) AS team
  UNION ALL
  -- The Cup final is a game to some and none to others.
  SELECT
    EXTRACT(YEAR FROM DATE_ADD(scheduled_games.game_date, INTERVAL 3 MONTH)) - 1 AS season,
    scheduled_games.game_date,
    team,
    FALSE AS is_due
  FROM scheduled_games
  CROSS JOIN
    UNNEST([
      SUBSTR(scheduled_games.game_id, 10, 3), SUBSTR(scheduled_games.game_id, 14, 3)
    ]) AS team
  WHERE NOT scheduled_games.is_due
),

known AS (
  SELECT
    contexts.game_id,
    contexts.team_abbr,
    MAX(CAST(contexts.game_date AS STRING)) AS period,
    MAX(contexts.days_since_last_game) AS days_since_last_game,
    MAX(contexts.games_in_last_7_days) AS games_in_last_7_days,
    MAX(contexts.games_in_last_14_days) AS games_in_last_14_days,
    MIN(
      IF(team_dates.is_due, DATE_DIFF(contexts.game_date, team_dates.game_date, DAY), NULL)
    ) AS rest,
    MIN(DATE_DIFF(contexts.game_date, team_dates.game_date, DAY)) AS rest_with_cup,
    COUNTIF(
      team_dates.is_due AND DATE_DIFF(contexts.game_date, team_dates.game_date, DAY) <= 7
    ) AS games_7,
    COUNTIF(
      team_dates.is_due AND DATE_DIFF(contexts.game_date, team_dates.game_date, DAY) <= 14
    ) AS games_14
  FROM contexts
  INNER JOIN team_dates
    ON
      contexts.team_abbr = team_dates.team
      AND contexts.season = team_dates.season
      AND contexts.game_date > team_dates.game_date
  GROUP BY contexts.game_id, contexts.team_abbr
),

compared AS (
  SELECT
    known.period,
    each_value.measure,
    each_value.column_name,
    each_value.tolerance,
    CASE each_value.column_name
      WHEN 'days_since_last_game' THEN known.days_since_last_game
      WHEN 'games_in_last_7_days' THEN known.games_in_last_7_days
      WHEN 'games_in_last_14_days' THEN known.games_in_last_14_days
    END AS held,
    CASE each_value.column_name
      WHEN 'days_since_last_game'
        THEN IF(known.days_since_last_game = known.rest_with_cup, known.rest_with_cup, known.rest)
      WHEN 'games_in_last_7_days' THEN known.games_7
      WHEN 'games_in_last_14_days' THEN known.games_14
    END AS expected,
    CONCAT(known.game_id, ' ', known.team_abbr) AS row_key
  FROM known
  CROSS JOIN
    UNNEST([
      STRUCT(
        'rest_and_load' AS measure, 'days_since_last_game' AS column_name, NUMERIC '0' AS tolerance
      ),
      ('rest_and_load', 'games_in_last_7_days', 1),
      ('rest_and_load', 'games_in_last_14_days', 1)
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
    finding.measure,
    CONCAT(COALESCE(contexts.game_id, 'NULL'), ' ', COALESCE(contexts.team_abbr, 'NULL')) AS found,
    1 AS number,
    NULL AS held,
    NULL AS expected
  FROM contexts
  CROSS JOIN
    UNNEST([
      STRUCT('other_seasons' AS measure, contexts.is_other_season AS is_so),
      ('home_and_opponent', contexts.is_turned_round),
      -- Not a finding: the rows that there are.
      (NULL, TRUE)
    ]) AS finding
  WHERE finding.is_so
)

SELECT
  COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows,
  ANY_VALUE(judged_values.judged_values) AS judged_values
FROM placed_values
CROSS JOIN judged_values
