-- Pre-flight: rest, load and form in upcoming_player_game_context follow from the games that the
-- player played before, and the opponent's pace from its games. Bootstrap dates, which Phase 4 does
-- not read, are left out.
WITH contexts AS (
  SELECT
    game_date,
    player_lookup,
    days_rest,
    games_in_last_7_days,
    games_in_last_14_days,
    minutes_in_last_7_days,
    minutes_in_last_14_days,
    points_avg_last_5,
    points_avg_last_10,
    opponent_pace_last_10,
    COALESCE(game_id, 'NULL') AS game_id,
    FORMAT_DATE('%Y-%m', game_date) AS period,
    EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season,
    IF(team_abbr = SUBSTR(game_id, 14, 3), SUBSTR(game_id, 10, 3), SUBSTR(game_id, 14, 3))
      AS other_team
  FROM nba_analytics.upcoming_player_game_context
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND game_date NOT IN UNNEST(@bootstrap_dates)
),

known AS (
  SELECT
    contexts.*,
    DATE_DIFF(contexts.game_date, player_form.since, DAY) AS rest,
    team_form.pace_10 / NULLIF(team_form.pace_known, 0) AS pace_10,
    -- A source that looks back a month has no older games, and writes no mean of 0.
    IF(
      DATE_DIFF(contexts.game_date, player_form.first_of_5, DAY) <= @context_days
      AND player_form.games >= 5
      AND player_form.points_5 > 0,
      player_form.points_5 / player_form.games_5,
      NULL
    ) AS points_5,
    IF(
      DATE_DIFF(contexts.game_date, player_form.first_of_10, DAY) <= @context_days
      AND player_form.games >= 10
      AND player_form.points_10 > 0,
      player_form.points_10 / player_form.games_10,
      NULL
    ) AS points_10,
    (
      SELECT AS STRUCT
        COUNTIF(DATE_DIFF(contexts.game_date, recent.day, DAY) <= 7) AS games_7,
        COUNTIF(DATE_DIFF(contexts.game_date, recent.day, DAY) <= 14) AS games_14,
        IF(
          COUNT(recent.minutes) = COUNT(*),
          SUM(IF(DATE_DIFF(contexts.game_date, recent.day, DAY) <= 7, recent.minutes, 0)),
          NULL
        ) AS minutes_7,
        IF(
          COUNT(recent.minutes) = COUNT(*),
          SUM(IF(DATE_DIFF(contexts.game_date, recent.day, DAY) <= 14, recent.minutes, 0)),
          NULL
        ) AS minutes_14
      FROM UNNEST(player_form.recent) AS recent
    ) AS past
  FROM contexts
  INNER JOIN player_form
    ON
      contexts.player_lookup = player_form.player_lookup
      AND contexts.season = player_form.season
      AND contexts.game_date > player_form.since
      AND contexts.game_date <= player_form.valid_to
  LEFT JOIN team_form
    ON
      contexts.other_team = team_form.team_abbr
      AND contexts.season = team_form.season
      AND contexts.game_date > team_form.since
      AND contexts.game_date <= team_form.valid_to
  WHERE DATE_DIFF(contexts.game_date, player_form.since, DAY) <= @context_days
),

compared AS (
  SELECT
    known.period,
    each_value.measure,
    each_value.column_name,
    each_value.tolerance,
    CASE each_value.column_name
      WHEN 'days_rest' THEN known.days_rest
      WHEN 'games_in_last_7_days' THEN known.games_in_last_7_days
      WHEN 'games_in_last_14_days' THEN known.games_in_last_14_days
      WHEN 'minutes_in_last_7_days' THEN known.minutes_in_last_7_days
      WHEN 'minutes_in_last_14_days' THEN known.minutes_in_last_14_days
      WHEN 'points_avg_last_5' THEN known.points_avg_last_5
      WHEN 'points_avg_last_10' THEN known.points_avg_last_10
      WHEN 'opponent_pace_last_10' THEN known.opponent_pace_last_10
    END AS held,
    CASE each_value.column_name
      WHEN 'days_rest' THEN known.rest
      WHEN 'games_in_last_7_days' THEN known.past.games_7
      WHEN 'games_in_last_14_days' THEN known.past.games_14
      WHEN 'minutes_in_last_7_days' THEN known.past.minutes_7
      WHEN 'minutes_in_last_14_days' THEN known.past.minutes_14
      WHEN 'points_avg_last_5' THEN known.points_5
      WHEN 'points_avg_last_10' THEN known.points_10
      WHEN 'opponent_pace_last_10' THEN known.pace_10
    END AS expected,
    CONCAT(known.game_id, ' ', known.player_lookup) AS row_key
  FROM known
  CROSS JOIN
    UNNEST([
      STRUCT('rest_and_load' AS measure, 'days_rest' AS column_name, NUMERIC '0' AS tolerance),
      ('rest_and_load', 'games_in_last_7_days', 0),
      ('rest_and_load', 'games_in_last_14_days', 0),
      ('rest_and_load', 'minutes_in_last_7_days', @minutes_apart),
      ('rest_and_load', 'minutes_in_last_14_days', 2 * @minutes_apart),
      ('recent_points', 'points_avg_last_5', 0.5),
      ('recent_points', 'points_avg_last_10', 0.5),
      ('opponent_pace', 'opponent_pace_last_10', 3)
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
    NULL AS measure,
    'rows' AS found,
    COUNT(*) AS number,
    NULL AS held,
    NULL AS expected
  FROM contexts
)

SELECT
  COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows,
  ANY_VALUE(judged_values.judged_values) AS judged_values
FROM placed_values
CROSS JOIN judged_values
