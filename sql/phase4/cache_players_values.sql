-- Phase 4: who played and is in player_daily_cache, outside bootstrap, and their teams' figures.
WITH cached AS (
  SELECT
    cache_date,
    player_lookup,
    CAST(cache_date AS STRING) AS key_date,
    MAX(team_pace_last_10) AS team_pace_last_10,
    MAX(team_off_rating_last_10) AS team_off_rating_last_10
  FROM nba_precompute.player_daily_cache
  WHERE
    cache_date BETWEEN @window_start AND @window_end
    AND cache_date NOT IN UNNEST(@bootstrap_dates)
  GROUP BY cache_date, player_lookup
),

-- Those who played, with what they had done before: regulars in order of their points.
histories AS (
  SELECT
    game_date,
    player_lookup,
    team_abbr,
    season,
    COUNT(*) OVER before_it AS games,
    SUM(points) OVER before_it / NULLIF(COUNT(*) OVER before_it, 0) AS mean_points,
    SUM(minutes) OVER before_it / NULLIF(COUNT(minutes) OVER before_it, 0) AS mean_minutes,
    LAG(game_date, 3) OVER (PARTITION BY player_lookup, season ORDER BY game_date) AS third_last
  FROM played_figures
  WINDOW
    before_it AS (
      PARTITION BY player_lookup, season
      ORDER BY game_date
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
),

regulars AS (
  SELECT
    histories.game_date,
    histories.team_abbr,
    cached.player_lookup IS NOT NULL AS is_held,
    ROW_NUMBER() OVER (
      PARTITION BY histories.game_date, histories.team_abbr
      ORDER BY histories.mean_points DESC, histories.player_lookup ASC
    ) AS place
  FROM histories
  LEFT JOIN cached
    ON
      histories.game_date = cached.cache_date
      AND histories.player_lookup = cached.player_lookup
  WHERE
    histories.game_date BETWEEN @window_start AND @window_end
    AND histories.game_date NOT IN UNNEST(@bootstrap_dates)
    AND histories.games >= @games_of_a_player
    AND histories.mean_minutes >= @few_minutes
    AND DATE_DIFF(histories.game_date, histories.third_last, DAY) <= 14
),

sides AS (
  SELECT
    game_date,
    team_abbr,
    COUNT(*) AS players,
    COUNTIF(is_held) AS players_held,
    SUM(COUNTIF(place <= 3)) OVER (PARTITION BY game_date) AS first_players,
    SUM(COUNTIF(place <= 3 AND is_held)) OVER (PARTITION BY game_date) AS first_held
  FROM regulars
  WHERE place <= 5
  GROUP BY game_date, team_abbr
),

worst_sides AS (
  SELECT
    ARRAY_AGG(
      STRUCT(first_held AS numerator, first_players AS denominator, game_date AS cache_date)
      ORDER BY first_held / first_players, game_date LIMIT 1
    )[OFFSET(0)] AS first_scorers,
    ARRAY_AGG(
      STRUCT(
        players_held AS numerator,
        players AS denominator,
        CONCAT(CAST(game_date AS STRING), ' ', team_abbr) AS team
      )
      ORDER BY IF(players >= 3, players_held / players, 1), game_date, team_abbr LIMIT 1
    )[OFFSET(0)] AS first_of_team
  FROM sides
  -- Of a date with no row at all other gates tell.
  WHERE first_held > 0
),

compared AS (
  SELECT
    each_value.measure,
    each_value.column_name,
    each_value.tolerance,
    CASE each_value.column_name
      WHEN 'team_pace_last_10' THEN cached.team_pace_last_10
      WHEN 'team_off_rating_last_10' THEN cached.team_off_rating_last_10
    END AS held,
    CASE each_value.column_name
      WHEN 'team_pace_last_10' THEN team_form.pace_10 / NULLIF(team_form.pace_known, 0)
      WHEN 'team_off_rating_last_10' THEN team_form.rating_10 / NULLIF(team_form.rating_known, 0)
    END AS expected,
    FORMAT_DATE('%Y-%m', histories.game_date) AS period,
    CONCAT(cached.key_date, ' ', histories.player_lookup) AS row_key
  FROM histories
  INNER JOIN cached
    ON
      histories.game_date = cached.cache_date
      AND histories.player_lookup = cached.player_lookup
  INNER JOIN team_form
    ON
      histories.team_abbr = team_form.team_abbr
      AND histories.season = team_form.season
      AND histories.game_date > team_form.since
      AND histories.game_date <= team_form.valid_to
  CROSS JOIN
    UNNEST([
      STRUCT(
        'team_averages' AS measure, 'team_pace_last_10' AS column_name, NUMERIC '3' AS tolerance
      ),
      ('team_averages', 'team_off_rating_last_10', 4)
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
  FROM cached
)

SELECT
  COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows,
  ANY_VALUE(judged_values.judged_values) AS judged_values,
  ANY_VALUE(worst_sides.first_scorers) AS first_scorers,
  ANY_VALUE(worst_sides.first_of_team) AS first_of_team
FROM placed_values
CROSS JOIN worst_sides
CROSS JOIN judged_values
