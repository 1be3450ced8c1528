-- Phase 1, runbook 3.3: the games of the team table against the schedule, and its seasons.
-- One row of counts, with the first keys of what they count; a game of the table is a row below.
WITH held AS (
  SELECT
    game_date,
    home_game,
    win_flag,
    points_scored,
    fg_attempts,
    three_pt_attempts,
    ft_attempts,
    rebounds,
    assists,
    turnovers,
    second_chance_points_scored,
    offensive_rating,
    pace,
    possessions,
    COALESCE(game_id, 'NULL') AS game_id,
    COALESCE(team_abbr, 'NULL') AS team_abbr,
    EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season
  FROM nba_analytics.team_offense_game_summary
  WHERE game_date BETWEEN @window_start AND @window_end
),

scheduled AS (
  SELECT DISTINCT
    game_date,
    home_team_tricode AS home_team,
    SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids) AS is_due,
    CONCAT(
      FORMAT_DATE('%Y%m%d', game_date),
      '_',
      COALESCE(away_team_tricode, 'NULL'),
      '_',
      COALESCE(home_team_tricode, 'NULL')
    ) AS game_id,
    CONCAT(
      FORMAT_DATE('%Y%m%d', game_date),
      '_',
      COALESCE(home_team_tricode, 'NULL'),
      '_',
      COALESCE(away_team_tricode, 'NULL')
    ) AS swapped_id
  FROM nba_raw.nbac_schedule
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND game_status = @final_status
    AND (
      SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids)
      OR SUBSTR(game_id, 1, 3) IN UNNEST(@other_game_ids)
    )
),

games AS (
  SELECT
    game_id,
    COUNT(DISTINCT game_date) AS dates,
    COUNT(DISTINCT team_abbr) AS teams,
    COUNT(DISTINCT IF(home_game, team_abbr, NULL)) AS home_teams,
    COUNT(DISTINCT IF(win_flag, team_abbr, NULL)) AS winners,
    MAX(IF(home_game, team_abbr, NULL)) AS home_team,
    MAX(IF(win_flag, points_scored, NULL)) AS winner_points,
    MAX(IF(win_flag, NULL, points_scored)) AS loser_points
  FROM held
  GROUP BY game_id
),

compared AS (
  SELECT
    games.game_id,
    scheduled.game_id IS NULL AS is_unknown,
    reversed.game_id IS NOT NULL
    OR (games.home_teams = 1 AND games.home_team != scheduled.home_team) AS is_swapped,
    games.teams != 2 AS is_thin,
    games.dates != 1
    OR (
      games.teams = 2
      AND (
        games.home_teams != 1
        OR games.winners != 1
        OR games.winner_points <= games.loser_points
      )
    ) AS is_one_sided
  FROM games
  LEFT JOIN scheduled ON games.game_id = scheduled.game_id
  LEFT JOIN scheduled AS reversed ON games.game_id = reversed.swapped_id
),

missing AS (
  SELECT scheduled.game_id
  FROM scheduled
  LEFT JOIN games ON scheduled.game_id = games.game_id
  WHERE scheduled.is_due AND games.game_id IS NULL
),

held_dates AS (
  SELECT
    game_date,
    COUNT(DISTINCT team_abbr) AS teams
  FROM held
  GROUP BY game_date
),

dates AS (
  SELECT
    scheduled.game_date,
    COUNT(*) AS games_due,
    COUNT(games.game_id) AS games_held,
    COALESCE(ANY_VALUE(held_dates.teams), 0) AS teams_held
  FROM scheduled
  LEFT JOIN games ON scheduled.game_id = games.game_id
  LEFT JOIN held_dates ON scheduled.game_date = held_dates.game_date
  WHERE scheduled.is_due
  GROUP BY scheduled.game_date
),

partial AS (
  SELECT CAST(dates.game_date AS STRING) AS game_date
  FROM dates
  WHERE
    dates.teams_held > 0
    AND (dates.games_held < dates.games_due OR dates.teams_held < 2 * dates.games_due)
),

numbered AS (
  -- Dates without rows that follow each other share the number of dates with rows before them.
  SELECT
    dates.game_date,
    dates.teams_held,
    SUM(IF(dates.teams_held > 0, 1, 0)) OVER (ORDER BY dates.game_date) AS dates_before
  FROM dates
),

gaps AS (
  SELECT
    MIN(numbered.game_date) AS first_date,
    COUNT(*) AS dates
  FROM numbered
  WHERE numbered.teams_held = 0
  GROUP BY numbered.dates_before
),

repeated AS (
  SELECT CONCAT(game_id, ' ', team_abbr) AS key_of_rows
  FROM held
  GROUP BY game_id, team_abbr
  HAVING COUNT(*) > 1
),

busy AS (
  SELECT CONCAT(CAST(game_date AS STRING), ' ', team_abbr) AS key_of_rows
  FROM held
  GROUP BY game_date, team_abbr
  HAVING COUNT(DISTINCT game_id) > 1
),

seasons AS (
  SELECT
    season,
    [
      IF(MIN(points_scored) < MAX(points_scored), '', 'points_scored'),
      IF(MIN(fg_attempts) < MAX(fg_attempts), '', 'fg_attempts'),
      IF(MIN(three_pt_attempts) < MAX(three_pt_attempts), '', 'three_pt_attempts'),
      IF(MIN(ft_attempts) < MAX(ft_attempts), '', 'ft_attempts'),
      IF(MIN(rebounds) < MAX(rebounds), '', 'rebounds'),
      IF(MIN(assists) < MAX(assists), '', 'assists'),
      IF(MIN(turnovers) < MAX(turnovers), '', 'turnovers'),
      IF(
        MIN(second_chance_points_scored) < MAX(second_chance_points_scored),
        '',
        'second_chance_points_scored'
      ),
      IF(MIN(offensive_rating) < MAX(offensive_rating), '', 'offensive_rating'),
      IF(MIN(pace) < MAX(pace), '', 'pace'),
      IF(MIN(possessions) < MAX(possessions), '', 'possessions')
    ] AS without_values
  FROM held
  GROUP BY season
  HAVING COUNT(DISTINCT game_id) >= @enough_games
),

dead AS (
  SELECT CONCAT(CAST(seasons.season AS STRING), ' ', column_name) AS season_and_column
  FROM seasons
  CROSS JOIN UNNEST(seasons.without_values) AS column_name
  WHERE column_name != '' AND column_name NOT IN UNNEST(@declared_constant)
),

months AS (
  SELECT
    FORMAT_DATE('%Y-%m', game_date) AS month,
    [
      IF(
        AVG(points_scored) BETWEEN @team_points[OFFSET(0)] AND @team_points[OFFSET(1)],
        '',
        'points_scored'
      ),
      IF(AVG(pace) BETWEEN @team_pace[OFFSET(0)] AND @team_pace[OFFSET(1)], '', 'pace')
    ] AS odd_means
  FROM held
  GROUP BY month
  HAVING COUNT(DISTINCT game_id) >= @enough_games
),

odd AS (
  SELECT CONCAT(months.month, ' ', column_name) AS month_and_column
  FROM months
  CROSS JOIN UNNEST(months.odd_means) AS column_name
  WHERE column_name != ''
)

SELECT
  COUNT(*) AS window_rows,
  STRUCT(
    (SELECT COUNT(*) FROM missing) AS numerator,
    ARRAY(
      SELECT missing.game_id FROM missing
      ORDER BY missing.game_id LIMIT @keys_shown
    ) AS first
  ) AS missing_games,
  STRUCT(
    (SELECT COUNTIF(compared.is_unknown) FROM compared) AS numerator,
    ARRAY(
      SELECT compared.game_id FROM compared
      WHERE compared.is_unknown
      ORDER BY compared.game_id LIMIT @keys_shown
    ) AS first
  ) AS unknown_games,
  STRUCT(
    (SELECT COUNT(*) FROM partial) AS numerator,
    ARRAY(
      SELECT partial.game_date FROM partial
      ORDER BY partial.game_date LIMIT @keys_shown
    ) AS first
  ) AS partial_dates,
  STRUCT(
    (SELECT COUNTIF(compared.is_thin) FROM compared) AS numerator,
    ARRAY(
      SELECT compared.game_id FROM compared
      WHERE compared.is_thin
      ORDER BY compared.game_id LIMIT @keys_shown
    ) AS first
  ) AS thin_games,
  STRUCT(
    (SELECT COALESCE(MAX(gaps.dates), 0) FROM gaps) AS numerator,
    (
      SELECT CAST(gaps.first_date AS STRING) FROM gaps
      ORDER BY gaps.dates DESC, gaps.first_date ASC LIMIT 1
    ) AS starting
  ) AS longest_gap,
  STRUCT(
    (SELECT COUNT(*) FROM repeated) AS numerator,
    ARRAY(
      SELECT repeated.key_of_rows FROM repeated
      ORDER BY repeated.key_of_rows LIMIT @keys_shown
    ) AS first
  ) AS duplicate_rows,
  STRUCT(
    (SELECT COUNT(*) FROM busy) AS numerator,
    ARRAY(
      SELECT busy.key_of_rows FROM busy
      ORDER BY busy.key_of_rows LIMIT @keys_shown
    ) AS first
  ) AS duplicate_dates,
  STRUCT(
    (SELECT COUNTIF(compared.is_one_sided) FROM compared) AS numerator,
    ARRAY(
      SELECT compared.game_id FROM compared
      WHERE compared.is_one_sided
      ORDER BY compared.game_id LIMIT @keys_shown
    ) AS first
  ) AS one_sided_games,
  STRUCT(
    (SELECT COUNTIF(compared.is_swapped) FROM compared) AS numerator,
    ARRAY(
      SELECT compared.game_id FROM compared
      WHERE compared.is_swapped
      ORDER BY compared.game_id LIMIT @keys_shown
    ) AS first
  ) AS swapped_games,
  STRUCT(
    (SELECT COUNT(*) FROM dead) AS numerator,
    ARRAY(
      SELECT dead.season_and_column FROM dead
      ORDER BY dead.season_and_column LIMIT @keys_shown
    ) AS first
  ) AS dead_columns,
  STRUCT(
    (SELECT COUNT(*) FROM odd) AS numerator,
    ARRAY(
      SELECT odd.month_and_column FROM odd
      ORDER BY odd.month_and_column LIMIT @keys_shown
    ) AS first
  ) AS odd_months,
  ARRAY(
    SELECT AS STRUCT
      dates.game_date,
      dates.games_held AS held,
      dates.games_due AS due
    FROM dates
    ORDER BY dates.game_date
  ) AS series_dates
FROM games
