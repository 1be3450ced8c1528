-- Phase 1: what a row of the team table says, against its other columns, the other team's row and
-- the schedule, which gives the scores independently of both.
WITH judged AS (
  SELECT
    team_totals.*,
    scheduled_scores.nba_game_id AS scheduled_id,
    scheduled_scores.winner,
    IF(
      team_totals.is_home, scheduled_scores.home_score, scheduled_scores.away_score
    ) AS score,
    IF(
      team_totals.is_home = (scheduled_scores.home_score > scheduled_scores.away_score),
      team_totals.team_abbr,
      team_totals.opponent
    ) AS scheduled_winner,
    48 + 5 * COALESCE(team_totals.overtimes, 0) AS minutes
  FROM team_totals
  LEFT JOIN scheduled_scores ON team_totals.game_id = scheduled_scores.game_id
),

findings AS (
  SELECT
    checked.measure,
    CONCAT(judged.entry, checked.what) AS found,
    1 AS number,
    COALESCE(checked.held, 'NULL') AS held,
    checked.expected
  FROM judged
  CROSS JOIN
    UNNEST([
      STRUCT(
        'schedule_scores' AS measure,
        '' AS what,
        CAST(points_scored AS STRING) AS held,
        CAST(score AS STRING) AS expected,
        points_scored != score AS is_so
      ),
      ('schedule_scores', ' winner', winner, scheduled_winner, winner != scheduled_winner),
      (
        'results',
        ' win_flag',
        CAST(win_flag AS STRING),
        CAST(margin > 0 AS STRING),
        COALESCE(win_flag, FALSE) != (margin > 0)
      ),
      (
        'results',
        ' margin_of_victory',
        CAST(margin_of_victory AS STRING),
        CAST(margin AS STRING),
        margin_of_victory != margin
      ),
      (
        'results',
        ' overtime_periods',
        CAST(overtime_periods AS STRING),
        CAST(overtimes AS STRING),
        COALESCE(overtime_periods, -1) != overtimes
      ),
      (
        'game_columns',
        ' opponent',
        opponent_team_abbr,
        opponent,
        COALESCE(opponent_team_abbr, '') != opponent
      ),
      (
        'game_columns',
        ' season_year',
        CAST(season_year AS STRING),
        CAST(season AS STRING),
        COALESCE(season_year, 0) != season
      ),
      ('game_columns', ' nba_game_id', nba_game_id, scheduled_id, nba_game_id != scheduled_id),
      (
        'ratings',
        ' possessions',
        CAST(possessions AS STRING),
        FORMAT('%.1f less offensive rebounds', mean_plays),
        possessions NOT BETWEEN
        mean_plays - @offensive_rebounds[OFFSET(1)] AND mean_plays - @offensive_rebounds[OFFSET(0)]
      ),
      (
        'ratings',
        ' pace',
        FORMAT('%.1f', CAST(pace AS FLOAT64)),
        FORMAT('%.1f', possessions * 48 / minutes),
        ABS(pace - possessions * 48 / minutes) > @pace_tolerance
      ),
      (
        'ratings',
        ' offensive_rating',
        FORMAT('%.1f', CAST(offensive_rating AS FLOAT64)),
        FORMAT('%.1f', 100 * points_scored / NULLIF(possessions, 0)),
        ABS(offensive_rating - 100 * points_scored / NULLIF(possessions, 0)) > @rating_tolerance
      ),
      (
        'ratings',
        ' ts_pct',
        FORMAT('%.3f', CAST(ts_pct AS FLOAT64)),
        FORMAT('%.3f', points_scored / NULLIF(2 * (fg_attempts + 0.44 * ft_attempts), 0)),
        ABS(ts_pct - points_scored / NULLIF(2 * (fg_attempts + 0.44 * ft_attempts), 0)) > 0.01
      )
    ]) AS checked
  WHERE checked.is_so
  UNION ALL
  SELECT
    NULL AS measure,
    NULL AS found,
    COUNT(*) AS number,
    NULL AS held,
    NULL AS expected
  FROM team_totals
)

SELECT SUM(IF(measure IS NULL, number, 0)) AS window_rows
FROM placed_values
