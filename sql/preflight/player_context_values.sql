-- Pre-flight: upcoming_player_game_context against its own game_id, and what Phase 4 reads of it by
-- date and by team. Bootstrap dates, which Phase 4 does not read, are left out.
WITH contexts AS (
  SELECT
    CAST(game_date AS STRING) AS period,
    COALESCE(game_id, 'NULL') AS game_id,
    COALESCE(team_abbr, 'NULL') AS team_abbr,
    COALESCE(player_lookup, 'NULL') AS entry,
    home_game != (team_abbr = SUBSTR(game_id, 14, 3))
    OR opponent_team_abbr
    != IF(team_abbr = SUBSTR(game_id, 14, 3), SUBSTR(game_id, 10, 3), SUBSTR(game_id, 14, 3))
      AS is_turned_round,
    -- By either way to count, a game on the day before is 0 or 1 days of rest.
    back_to_back AND days_rest > 1
    OR player_age NOT BETWEEN 17 AND 50
    OR days_rest NOT BETWEEN 0 AND 400
    OR travel_miles NOT BETWEEN 0 AND 12000
    OR opponent_pace_last_10 NOT BETWEEN @team_ratings[OFFSET(0)] AND @team_ratings[OFFSET(1)]
    OR opponent_def_rating_last_10 NOT BETWEEN @team_ratings[OFFSET(0)] AND @team_ratings[OFFSET(1)]
    OR ABS(pace_differential) > 40
      AS is_implausible,
    home_game IS NULL AS home_game,
    opponent_team_abbr IS NULL AS opponent_team_abbr,
    back_to_back IS NULL AS back_to_back,
    season_phase IS NULL AS season_phase,
    player_age IS NULL AS player_age,
    travel_miles IS NULL AS travel_miles,
    games_in_last_7_days IS NULL AS games_in_last_7_days,
    games_in_last_14_days IS NULL AS games_in_last_14_days,
    minutes_in_last_7_days IS NULL AS minutes_in_last_7_days,
    minutes_in_last_14_days IS NULL AS minutes_in_last_14_days,
    opponent_days_rest IS NULL AS opponent_days_rest,
    pace_differential IS NULL AS pace_differential,
    opponent_pace_last_10 IS NULL AS opponent_pace_last_10,
    opponent_def_rating_last_10 IS NULL AS opponent_def_rating_last_10,
    -- Those with minutes in two weeks have rest and form; a mean of 0 may be NULL.
    minutes_in_last_14_days > @minutes_of_form AND days_rest IS NULL AS days_rest,
    minutes_in_last_14_days > @minutes_of_form AND points_avg_last_5 IS NULL AS points_avg_last_5,
    minutes_in_last_14_days > @minutes_of_form AND points_avg_last_10 IS NULL AS points_avg_last_10
  FROM nba_analytics.upcoming_player_game_context
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND game_date NOT IN UNNEST(@bootstrap_dates)
),

teams AS (
  SELECT
    period,
    game_id,
    team_abbr,
    COUNT(*) AS records,
    [
      STRUCT('home_game' AS column_name, COUNTIF(home_game) AS unread),
      ('opponent_team_abbr', COUNTIF(opponent_team_abbr)),
      ('back_to_back', COUNTIF(back_to_back)),
      ('season_phase', COUNTIF(season_phase)),
      ('player_age', COUNTIF(player_age)),
      ('travel_miles', COUNTIF(travel_miles)),
      ('games_in_last_7_days', COUNTIF(games_in_last_7_days)),
      ('games_in_last_14_days', COUNTIF(games_in_last_14_days)),
      ('minutes_in_last_7_days', COUNTIF(minutes_in_last_7_days)),
      ('minutes_in_last_14_days', COUNTIF(minutes_in_last_14_days)),
      ('opponent_days_rest', COUNTIF(opponent_days_rest)),
      ('pace_differential', COUNTIF(pace_differential)),
      ('opponent_pace_last_10', COUNTIF(opponent_pace_last_10)),
      ('opponent_def_rating_last_10', COUNTIF(opponent_def_rating_last_10)),
      ('days_rest', COUNTIF(days_rest)),
      ('points_avg_last_5', COUNTIF(points_avg_last_5)),
      ('points_avg_last_10', COUNTIF(points_avg_last_10))
    ] AS read_columns
  FROM contexts
  GROUP BY period, game_id, team_abbr
),

shares AS (
  SELECT
    teams.period,
    each_read.column_name,
    teams.records,
    each_read.unread,
    CONCAT(teams.game_id, ' ', teams.team_abbr) AS side,
    SUM(teams.records) OVER (PARTITION BY teams.period, each_read.column_name) AS records_of_date,
    SUM(each_read.unread) OVER (PARTITION BY teams.period, each_read.column_name) AS unread_of_date
  FROM teams
  CROSS JOIN UNNEST(teams.read_columns) AS each_read
),

worst AS (
  SELECT
    ARRAY_AGG(
      STRUCT(
        unread_of_date AS numerator,
        records_of_date AS denominator,
        period AS game_date,
        column_name
      )
      ORDER BY unread_of_date / records_of_date DESC, period ASC, column_name ASC LIMIT 1
    )[OFFSET(0)] AS null_date,
    ARRAY_AGG(
      STRUCT(unread AS numerator, records AS denominator, side AS team, column_name)
      ORDER BY unread / records DESC, side ASC, column_name ASC LIMIT 1
    )[OFFSET(0)] AS null_team
  FROM shares
),

findings AS (
  SELECT
    finding.measure,
    1 AS number,
    CONCAT(contexts.game_id, ' ', contexts.entry) AS found
  FROM contexts
  CROSS JOIN
    UNNEST([
      STRUCT('home_and_opponent' AS measure, contexts.is_turned_round AS is_so),
      ('implausible_rows', contexts.is_implausible),
      -- Not a finding: the rows that there are.
      (NULL, TRUE)
    ]) AS finding
  WHERE finding.is_so
)

SELECT
  COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows,
  ANY_VALUE(worst.null_date) AS null_date,
  ANY_VALUE(worst.null_team) AS null_team
FROM placed_findings
CROSS JOIN worst
