-- Phase 2: what the players of a team have together in a game, against the team's own row.
WITH sides AS (
  SELECT
    sums.*,
    team_totals.entry,
    team_totals.margin,
    IF(team_totals.margin > 0, sums.played, 0) AS due_winners,
    -- Of the overtimes that the minutes come nearest to, if the team's row has none.
    240
    + 25
    * COALESCE(
      team_totals.overtimes, GREATEST(ROUND((sums.minutes - 240) / 25), 0)
    ) AS due_minutes,
    [
      STRUCT(
        'fg_attempts' AS what,
        sums.fg_attempts AS held,
        team_totals.fg_attempts AS due,
        0 AS of_the_team
      ),
      ('fg_makes', sums.fg_makes, team_totals.fg_makes, 0),
      ('three_pt_attempts', sums.three_pt_attempts, team_totals.three_pt_attempts, 0),
      ('three_pt_makes', sums.three_pt_makes, team_totals.three_pt_makes, 0),
      ('ft_attempts', sums.ft_attempts, team_totals.ft_attempts, 0),
      ('ft_makes', sums.ft_makes, team_totals.ft_makes, 0),
      ('assists', sums.assists, team_totals.assists, 0),
      ('rebounds', sums.rebounds, team_totals.rebounds, @rebounds_of_the_team),
      ('turnovers', sums.turnovers, team_totals.turnovers, @turnovers_of_the_team),
      ('personal_fouls', sums.personal_fouls, team_totals.personal_fouls, @fouls_of_the_team)
    ] AS pairs
  FROM player_team_sums AS sums
  INNER JOIN team_totals
    ON sums.game_id = team_totals.game_id AND sums.team_abbr = team_totals.team_abbr
),

findings AS (
  SELECT
    'team_sums' AS measure,
    CONCAT(sides.entry, ' ', pair.what) AS found,
    1 AS number,
    CAST(pair.held AS STRING) AS held,
    CAST(pair.due AS STRING) AS expected
  FROM sides
  CROSS JOIN UNNEST(sides.pairs) AS pair
  WHERE pair.held NOT BETWEEN pair.due - pair.of_the_team AND pair.due
  UNION ALL
  SELECT
    checked.measure,
    CONCAT(sides.entry, checked.what) AS found,
    1 AS number,
    COALESCE(FORMAT('%.1f', CAST(checked.held AS FLOAT64)), 'NULL') AS held,
    FORMAT('%.1f', CAST(checked.due AS FLOAT64)) AS expected
  FROM sides
  CROSS JOIN
    UNNEST([
      STRUCT(
        'team_minutes' AS measure,
        '' AS what,
        sides.minutes AS held,
        sides.due_minutes AS due,
        sides.minutes NOT BETWEEN
        sides.due_minutes - @minutes_tolerance - 48 * sides.without_minutes
        AND sides.due_minutes + @minutes_tolerance AS is_so
      ),
      (
        'plus_minus',
        '',
        sides.plus_minus,
        5 * sides.margin,
        ABS(COALESCE(sides.plus_minus, -1000) - 5 * sides.margin) > @plus_minus_tolerance
      ),
      ('missing_counts', ' blocks', 0, sides.played, sides.with_blocks = 0),
      ('missing_counts', ' ts_pct', 0, sides.played, sides.with_ts_pct = 0),
      ('missing_counts', ' efg_pct', 0, sides.played, sides.with_efg_pct = 0),
      (
        'missing_counts', ' steals', 0, 1, sides.with_steals = 0 OR sides.steals_of_game = 0
      ),
      (
        'partial_zones',
        '',
        sides.with_zones,
        sides.shooters,
        sides.zones_of_game > 0 AND 100 * sides.with_zones < @zones_within_game * sides.shooters
      ),
      (
        'partial_zones',
        ' shots',
        sides.zone_attempts,
        sides.attempts_with_zones,
        100 * ABS(sides.zone_attempts - sides.attempts_with_zones)
        > (100 - @zones_within_game) * sides.attempts_with_zones
      ),
      (
        'winners',
        '',
        sides.winners,
        sides.due_winners,
        sides.winners_of_game > 0 AND sides.winners != sides.due_winners
      )
    ]) AS checked
  WHERE checked.is_so
  UNION ALL
  SELECT
    NULL AS measure,
    NULL AS found,
    SUM(played) AS number,
    NULL AS held,
    NULL AS expected
  FROM player_team_sums
)

SELECT COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows
FROM placed_values
