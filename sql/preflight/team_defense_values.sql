-- Pre-flight: what a team allowed is what its opponent did, by team_offense_game_summary. Games
-- without a row in either table are told elsewhere.
WITH own AS (
  SELECT
    game_id,
    defending_team_abbr,
    opponent_team_abbr,
    points_allowed,
    opp_fg_attempts,
    opp_fg_makes,
    opp_three_pt_attempts,
    opp_three_pt_makes,
    opp_ft_attempts,
    opp_ft_makes,
    opp_rebounds,
    opp_assists,
    turnovers_forced,
    three_pt_points_allowed,
    opp_paint_attempts,
    opp_paint_makes,
    opp_mid_range_attempts,
    opp_mid_range_makes,
    defensive_rating,
    opponent_pace,
    CAST(game_date AS STRING) AS period,
    COALESCE(season_year, 0) != EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1
      AS is_other_season,
    COALESCE(home_game != (defending_team_abbr = SUBSTR(game_id, 14, 3)), TRUE) AS is_turned_round,
    CASE defending_team_abbr
      WHEN SUBSTR(game_id, 10, 3) THEN SUBSTR(game_id, 14, 3)
      WHEN SUBSTR(game_id, 14, 3) THEN SUBSTR(game_id, 10, 3)
    END AS other_team
  FROM nba_analytics.team_defense_game_summary
  WHERE game_date BETWEEN @window_start AND @window_end
),

compared AS (
  SELECT
    each_value.measure,
    each_value.column_name,
    each_value.tolerance,
    own.period,
    CASE each_value.column_name
      WHEN 'points_allowed' THEN own.points_allowed
      WHEN 'opp_fg_attempts' THEN own.opp_fg_attempts
      WHEN 'opp_fg_makes' THEN own.opp_fg_makes
      WHEN 'opp_three_pt_attempts' THEN own.opp_three_pt_attempts
      WHEN 'opp_three_pt_makes' THEN own.opp_three_pt_makes
      WHEN 'opp_ft_attempts' THEN own.opp_ft_attempts
      WHEN 'opp_ft_makes' THEN own.opp_ft_makes
      WHEN 'opp_rebounds' THEN own.opp_rebounds
      WHEN 'opp_assists' THEN own.opp_assists
      WHEN 'turnovers_forced' THEN own.turnovers_forced
      WHEN 'three_pt_points_allowed' THEN own.three_pt_points_allowed
      WHEN 'opp_paint_attempts' THEN own.opp_paint_attempts
      WHEN 'opp_paint_makes' THEN own.opp_paint_makes
      WHEN 'defensive_rating' THEN own.defensive_rating
      WHEN 'opponent_pace' THEN own.opponent_pace
    END AS held,
    CASE each_value.column_name
      WHEN 'points_allowed' THEN them.points_scored
      WHEN 'opp_fg_attempts' THEN them.fg_attempts
      WHEN 'opp_fg_makes' THEN them.fg_makes
      WHEN 'opp_three_pt_attempts' THEN them.three_pt_attempts
      WHEN 'opp_three_pt_makes' THEN them.three_pt_makes
      WHEN 'opp_ft_attempts' THEN them.ft_attempts
      WHEN 'opp_ft_makes' THEN them.ft_makes
      WHEN 'opp_rebounds' THEN them.rebounds
      WHEN 'opp_assists' THEN them.assists
      WHEN 'turnovers_forced' THEN them.turnovers
      WHEN 'three_pt_points_allowed' THEN 3 * them.three_pt_makes
      WHEN 'opp_paint_attempts' THEN them.team_paint_attempts
      WHEN 'opp_paint_makes' THEN them.team_paint_makes
      WHEN 'defensive_rating' THEN them.offensive_rating
      WHEN 'opponent_pace' THEN them.pace
    END AS expected,
    CONCAT(own.game_id, ' ', own.defending_team_abbr) AS row_key
  FROM own
  INNER JOIN attacking_teams AS them
    ON
      own.game_id = them.game
      AND own.other_team = them.attacking_team
  CROSS JOIN
    UNNEST([
      STRUCT(
        'points_allowed' AS measure, 'points_allowed' AS column_name, NUMERIC '0' AS tolerance
      ),
      ('opponent_counts', 'opp_fg_attempts', 0),
      ('opponent_counts', 'opp_fg_makes', 0),
      ('opponent_counts', 'opp_three_pt_attempts', 0),
      ('opponent_counts', 'opp_three_pt_makes', 0),
      ('opponent_counts', 'opp_ft_attempts', 0),
      ('opponent_counts', 'opp_ft_makes', 0),
      ('opponent_counts', 'opp_rebounds', 0),
      ('opponent_counts', 'opp_assists', 0),
      ('opponent_counts', 'turnovers_forced', 0),
      ('opponent_counts', 'three_pt_points_allowed', 0),
      ('opponent_zones', 'opp_paint_attempts', 0),
      ('opponent_zones', 'opp_paint_makes', 0),
      -- Possessions are one team's or the mean of both, whole or not; rebounds of the own shots, 0
      -- to 30 and mostly 10, come off the attempts.
      ('opponent_ratings', 'defensive_rating', @team_rating_apart),
      ('opponent_ratings', 'opponent_pace', @team_pace_apart)
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
    CONCAT(own.game_id, ' ', own.defending_team_abbr) AS found,
    1 AS number,
    NULL AS held,
    NULL AS expected
  FROM own
  CROSS JOIN
    UNNEST([
      STRUCT('other_seasons' AS measure, own.is_other_season AS is_so),
      ('home_and_opponent', own.is_turned_round OR own.other_team != own.opponent_team_abbr),
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
