-- Phase 1: what of the team table can be judged at all, by season and month and by row, and counts
-- that no game has.
WITH worst_filled AS (
  SELECT
    ARRAY_AGG(
      STRUCT(
        checked.filled AS numerator,
        team_groups.records AS denominator,
        checked.what AS column_name,
        team_groups.part AS period
      )
      ORDER BY checked.filled / team_groups.records, checked.what, team_groups.part LIMIT 1
    )[OFFSET(0)] AS worst_filled
  FROM team_groups
  CROSS JOIN UNNEST(team_groups.filled_columns) AS checked
  WHERE team_groups.is_full AND NOT team_groups.is_date
),

findings AS (
  SELECT
    'missing_values' AS measure,
    CONCAT(team_totals.entry, ' ', column_name) AS found,
    1 AS number,
    NULL AS held,
    NULL AS expected
  FROM team_totals
  CROSS JOIN
    UNNEST([
      IF(team_totals.points_scored IS NULL, 'points_scored', ''),
      IF(team_totals.fg_attempts IS NULL, 'fg_attempts', ''),
      IF(team_totals.fg_makes IS NULL, 'fg_makes', ''),
      IF(team_totals.three_pt_attempts IS NULL, 'three_pt_attempts', ''),
      IF(team_totals.three_pt_makes IS NULL, 'three_pt_makes', ''),
      IF(team_totals.ft_attempts IS NULL, 'ft_attempts', ''),
      IF(team_totals.ft_makes IS NULL, 'ft_makes', ''),
      IF(team_totals.turnovers IS NULL, 'turnovers', ''),
      IF(team_totals.rebounds IS NULL, 'rebounds', ''),
      IF(team_totals.assists IS NULL, 'assists', ''),
      IF(team_totals.possessions IS NULL, 'possessions', ''),
      IF(team_totals.pace IS NULL, 'pace', ''),
      IF(team_totals.offensive_rating IS NULL, 'offensive_rating', ''),
      IF(team_totals.home_game IS NULL, 'home_game', ''),
      IF(team_totals.win_flag IS NULL, 'win_flag', ''),
      IF(team_totals.ts_pct IS NULL, 'ts_pct', ''),
      IF(team_totals.personal_fouls IS NULL, 'personal_fouls', ''),
      IF(team_totals.overtime_periods IS NULL, 'overtime_periods', ''),
      IF(team_totals.margin_of_victory IS NULL, 'margin_of_victory', '')
    ]) AS column_name
  WHERE column_name != ''
  UNION ALL
  SELECT
    'implausible_counts' AS measure,
    CONCAT(team_totals.entry, ' ', checked.what) AS found,
    1 AS number,
    CAST(checked.held AS STRING) AS held,
    CONCAT(CAST(checked.least AS STRING), ' to ', CAST(checked.most AS STRING)) AS expected
  FROM team_totals
  CROSS JOIN
    UNNEST([
      STRUCT(
        'rebounds' AS what,
        team_totals.rebounds AS held,
        @team_rebounds[OFFSET(0)] AS least,
        @team_rebounds[OFFSET(1)] AS most
      ),
      ('assists', team_totals.assists, 1, team_totals.fg_makes),
      (
        'turnovers', team_totals.turnovers, @team_turnovers[OFFSET(0)], @team_turnovers[OFFSET(1)]
      ),
      (
        'three_pt_attempts',
        team_totals.three_pt_attempts,
        @team_threes[OFFSET(0)],
        @team_threes[OFFSET(1)]
      ),
      (
        'ft_attempts',
        team_totals.ft_attempts,
        @team_free_throws[OFFSET(0)],
        @team_free_throws[OFFSET(1)]
      ),
      (
        'personal_fouls',
        team_totals.personal_fouls,
        @team_fouls[OFFSET(0)],
        @team_fouls[OFFSET(1)]
      )
    ]) AS checked
  WHERE checked.held NOT BETWEEN checked.least AND checked.most
  UNION ALL
  SELECT
    NULL AS measure,
    NULL AS found,
    COUNT(*) AS number,
    NULL AS held,
    NULL AS expected
  FROM team_totals
)

SELECT
  SUM(IF(measure IS NULL, number, 0)) AS window_rows,
  ANY_VALUE(worst_filled.worst_filled) AS worst_filled
FROM placed_values
CROSS JOIN worst_filled
