-- Phase 2, runbook 3.3: the games of the player table against the schedule and the team table, and
-- its seasons. One row of counts, with the first keys of what they count.
-- A row with points is a player who played.
WITH held AS (
  SELECT
    game_date,
    points,
    minutes_played,
    usage_rate,
    assists,
    offensive_rebounds,
    defensive_rebounds,
    turnovers,
    plus_minus,
    fg_attempts,
    three_pt_attempts,
    ft_attempts,
    paint_attempts,
    mid_range_attempts,
    processed_at,
    COALESCE(game_id, 'NULL') AS game_id,
    COALESCE(team_abbr, 'NULL') AS team_abbr,
    COALESCE(player_lookup, 'NULL') AS player_lookup,
    EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season
  FROM nba_analytics.player_game_summary
  WHERE game_date BETWEEN @window_start AND @window_end
),

scheduled AS (
  SELECT DISTINCT
    game_date,
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

team_rows AS (
  SELECT
    game_id,
    team_abbr,
    MAX(points_scored) AS points_scored,
    MAX(processed_at) AS processed_at
  FROM nba_analytics.team_offense_game_summary
  WHERE game_date BETWEEN @window_start AND @window_end
  GROUP BY game_id, team_abbr
),

player_rows AS (
  -- A player of a game once, however often he stands there.
  SELECT
    game_id,
    team_abbr,
    player_lookup,
    MAX(points) AS points,
    MAX(usage_rate) AS usage_rate,
    MIN(IF(usage_rate IS NULL, NULL, processed_at)) AS usage_processed_at,
    COUNT(*) AS records
  FROM held
  GROUP BY game_id, team_abbr, player_lookup
),

sides AS (
  -- A team of a game, with its row of the team table.
  SELECT
    player_rows.game_id,
    player_rows.team_abbr,
    COUNT(player_rows.points) AS played,
    COUNTIF(player_rows.points IS NOT NULL AND player_rows.usage_rate IS NOT NULL) AS with_usage,
    SUM(player_rows.points) != ANY_VALUE(team_rows.points_scored) AS has_other_points,
    ANY_VALUE(team_rows.game_id) IS NOT NULL AS has_team_row,
    MIN(player_rows.usage_processed_at) < ANY_VALUE(team_rows.processed_at) AS is_stale
  FROM player_rows
  LEFT JOIN team_rows
    ON
      player_rows.game_id = team_rows.game_id
      AND player_rows.team_abbr = team_rows.team_abbr
  GROUP BY player_rows.game_id, player_rows.team_abbr
),

games AS (
  SELECT
    sides.game_id,
    COUNT(*) != 2 OR MIN(sides.played) < @least_players AS is_thin
  FROM sides
  GROUP BY sides.game_id
),

compared AS (
  SELECT
    games.game_id,
    games.is_thin,
    scheduled.game_id IS NULL AS is_unknown,
    reversed.game_id IS NOT NULL AS is_swapped
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
  SELECT DISTINCT game_date
  FROM held
),

dates AS (
  SELECT
    scheduled.game_date,
    COUNT(*) AS games_due,
    COUNT(games.game_id) AS games_held,
    COUNT(held_dates.game_date) > 0 AS is_held
  FROM scheduled
  LEFT JOIN games ON scheduled.game_id = games.game_id
  LEFT JOIN held_dates ON scheduled.game_date = held_dates.game_date
  WHERE scheduled.is_due
  GROUP BY scheduled.game_date
),

partial AS (
  SELECT CAST(dates.game_date AS STRING) AS game_date
  FROM dates
  WHERE dates.is_held AND dates.games_held < dates.games_due
),

numbered AS (
  -- Dates without rows that follow each other share the number of dates with rows before them.
  SELECT
    dates.game_date,
    dates.is_held,
    SUM(IF(dates.is_held, 1, 0)) OVER (ORDER BY dates.game_date) AS dates_before
  FROM dates
),

gaps AS (
  SELECT
    MIN(numbered.game_date) AS first_date,
    COUNT(*) AS dates
  FROM numbered
  WHERE NOT numbered.is_held
  GROUP BY numbered.dates_before
),

repeated AS (
  SELECT CONCAT(game_id, ' ', player_lookup) AS key_of_rows
  FROM held
  GROUP BY game_id, player_lookup
  HAVING COUNT(*) > 1
),

busy AS (
  SELECT CONCAT(CAST(game_date AS STRING), ' ', player_lookup) AS key_of_rows
  FROM held
  GROUP BY game_date, player_lookup
  HAVING COUNT(DISTINCT game_id) > 1
),

seasons AS (
  SELECT
    season,
    COUNT(DISTINCT game_id) AS games,
    COUNT(points) AS played,
    COUNTIF(points IS NOT NULL AND minutes_played IS NOT NULL) AS with_minutes,
    COUNTIF(points IS NOT NULL AND usage_rate IS NOT NULL) AS with_usage,
    COUNTIF(points IS NOT NULL AND paint_attempts IS NOT NULL) AS with_zones,
    [
      IF(MIN(points) < MAX(points), '', 'points'),
      IF(MIN(minutes_played) < MAX(minutes_played), '', 'minutes_played'),
      IF(MIN(usage_rate) < MAX(usage_rate), '', 'usage_rate'),
      IF(MIN(assists) < MAX(assists), '', 'assists'),
      IF(MIN(offensive_rebounds) < MAX(offensive_rebounds), '', 'offensive_rebounds'),
      IF(MIN(defensive_rebounds) < MAX(defensive_rebounds), '', 'defensive_rebounds'),
      IF(MIN(turnovers) < MAX(turnovers), '', 'turnovers'),
      IF(MIN(plus_minus) < MAX(plus_minus), '', 'plus_minus'),
      IF(MIN(fg_attempts) < MAX(fg_attempts), '', 'fg_attempts'),
      IF(MIN(three_pt_attempts) < MAX(three_pt_attempts), '', 'three_pt_attempts'),
      IF(MIN(ft_attempts) < MAX(ft_attempts), '', 'ft_attempts'),
      IF(MIN(paint_attempts) < MAX(paint_attempts), '', 'paint_attempts'),
      IF(MIN(mid_range_attempts) < MAX(mid_range_attempts), '', 'mid_range_attempts')
    ] AS without_values
  FROM held
  GROUP BY season
),

full_seasons AS (
  -- What is asked of each season, and of each season against the one before it. Shot zones have no
  -- drop: that from 86% to 45% in mid-2024 is a change of the play-by-play format.
  -- A season that has only just begun says nothing of its own, unless it is all there is.
  SELECT
    seasons.*,
    100 * seasons.with_minutes / seasons.played AS minutes_pct,
    100 * seasons.with_usage / seasons.played AS usage_pct,
    100 * seasons.with_zones / seasons.played AS zones_pct,
    CONCAT(CAST(seasons.season AS STRING), '-', SUBSTR(CAST(seasons.season + 1 AS STRING), 3))
      AS season_name
  FROM seasons
  WHERE
    seasons.played > 0
    AND seasons.games >= LEAST(@enough_games, (SELECT MAX(sizes.games) FROM seasons AS sizes))
),

dead AS (
  SELECT CONCAT(CAST(seasons.season AS STRING), ' ', column_name) AS season_and_column
  FROM seasons
  CROSS JOIN UNNEST(seasons.without_values) AS column_name
  WHERE
    seasons.games >= @enough_games
    AND column_name != ''
    AND column_name NOT IN UNNEST(@declared_constant)
),

drops AS (
  SELECT
    LAG(full_seasons.minutes_pct) OVER (ORDER BY full_seasons.season)
    - full_seasons.minutes_pct AS minutes_drop,
    LAG(full_seasons.usage_pct) OVER (ORDER BY full_seasons.season)
    - full_seasons.usage_pct AS usage_drop
  FROM full_seasons
),

months AS (
  SELECT
    FORMAT_DATE('%Y-%m', game_date) AS month,
    COUNT(DISTINCT game_id) AS games,
    COUNT(points) AS played,
    COUNTIF(points IS NOT NULL AND minutes_played IS NULL) AS without_minutes,
    COUNTIF(points IS NOT NULL AND usage_rate IS NULL) AS without_usage,
    COUNTIF(points IS NOT NULL AND paint_attempts IS NULL) AS without_zones,
    [
      IF(AVG(points) BETWEEN @player_points[OFFSET(0)] AND @player_points[OFFSET(1)], '', 'points'),
      IF(
        AVG(minutes_played) BETWEEN @player_minutes[OFFSET(0)] AND @player_minutes[OFFSET(1)],
        '',
        'minutes_played'
      ),
      IF(
        AVG(usage_rate) BETWEEN @player_usage[OFFSET(0)] AND @player_usage[OFFSET(1)],
        '',
        'usage_rate'
      )
    ] AS odd_means
  FROM held
  GROUP BY month
),

odd AS (
  SELECT CONCAT(months.month, ' ', column_name) AS month_and_column
  FROM months
  CROSS JOIN UNNEST(months.odd_means) AS column_name
  WHERE months.games >= @enough_games AND column_name != ''
),

minutes_values AS (
  SELECT
    minutes_played AS common_value,
    COUNT(*) AS records,
    SUM(COUNT(*)) OVER () AS all_records
  FROM held
  WHERE minutes_played IS NOT NULL
  GROUP BY minutes_played
),

usage_values AS (
  SELECT
    usage_rate AS common_value,
    COUNT(*) AS records,
    SUM(COUNT(*)) OVER () AS all_records
  FROM held
  WHERE usage_rate IS NOT NULL
  GROUP BY usage_rate
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
    (SELECT COUNTIF(compared.is_swapped) FROM compared) AS numerator,
    ARRAY(
      SELECT compared.game_id FROM compared
      WHERE compared.is_swapped
      ORDER BY compared.game_id LIMIT @keys_shown
    ) AS first
  ) AS swapped_games,
  STRUCT(
    (SELECT COUNTIF(sides.has_team_row) FROM sides) AS numerator,
    (SELECT COUNT(*) FROM sides) AS denominator,
    ARRAY(
      SELECT DISTINCT sides.game_id FROM sides
      WHERE NOT sides.has_team_row
      ORDER BY sides.game_id LIMIT @keys_shown
    ) AS no_team_row
  ) AS joinable_games,
  (
    SELECT AS STRUCT
      SUM(sides.with_usage) AS numerator,
      SUM(sides.played) AS denominator
    FROM sides
    WHERE sides.has_team_row
  ) AS usage_given_team,
  (
    SELECT AS STRUCT
      full_seasons.with_minutes AS numerator,
      full_seasons.played AS denominator,
      full_seasons.season_name AS season
    FROM full_seasons
    ORDER BY full_seasons.minutes_pct, full_seasons.season
    LIMIT 1
  ) AS worst_season_minutes,
  (
    SELECT AS STRUCT
      full_seasons.with_usage AS numerator,
      full_seasons.played AS denominator,
      full_seasons.season_name AS season
    FROM full_seasons
    ORDER BY full_seasons.usage_pct, full_seasons.season
    LIMIT 1
  ) AS worst_season_usage,
  (
    SELECT AS STRUCT
      full_seasons.with_zones AS numerator,
      full_seasons.played AS denominator,
      full_seasons.season_name AS season
    FROM full_seasons
    ORDER BY full_seasons.zones_pct, full_seasons.season
    LIMIT 1
  ) AS worst_season_shot_zones,
  (SELECT COALESCE(MAX(drops.minutes_drop), 0) FROM drops) AS season_drop_minutes,
  (SELECT COALESCE(MAX(drops.usage_drop), 0) FROM drops) AS season_drop_usage,
  STRUCT(
    (SELECT COUNT(*) FROM dead) AS numerator,
    ARRAY(
      SELECT dead.season_and_column FROM dead
      ORDER BY dead.season_and_column LIMIT @keys_shown
    ) AS first
  ) AS dead_columns,
  STRUCT(
    (SELECT COUNTIF(sides.has_other_points) FROM sides) AS numerator,
    ARRAY(
      SELECT CONCAT(sides.game_id, ' ', sides.team_abbr) FROM sides
      WHERE sides.has_other_points
      ORDER BY sides.game_id, sides.team_abbr LIMIT @keys_shown
    ) AS first
  ) AS team_points,
  STRUCT(
    (SELECT COUNT(*) FROM odd) AS numerator,
    ARRAY(
      SELECT odd.month_and_column FROM odd
      ORDER BY odd.month_and_column LIMIT @keys_shown
    ) AS first
  ) AS odd_months,
  (
    SELECT AS STRUCT
      minutes_values.records AS numerator,
      minutes_values.all_records AS denominator,
      CAST(minutes_values.common_value AS STRING) AS commonest
    FROM minutes_values
    ORDER BY minutes_values.records DESC, minutes_values.common_value ASC
    LIMIT 1
  ) AS commonest_minutes,
  (
    SELECT AS STRUCT
      usage_values.records AS numerator,
      usage_values.all_records AS denominator,
      CAST(usage_values.common_value AS STRING) AS commonest
    FROM usage_values
    ORDER BY usage_values.records DESC, usage_values.common_value ASC
    LIMIT 1
  ) AS commonest_usage,
  STRUCT(
    (SELECT COUNTIF(sides.is_stale) FROM sides) AS numerator,
    ARRAY(
      SELECT CONCAT(sides.game_id, ' ', sides.team_abbr) FROM sides
      WHERE sides.is_stale
      ORDER BY sides.game_id, sides.team_abbr LIMIT @keys_shown
    ) AS first
  ) AS stale_rows,
  ARRAY(
    SELECT AS STRUCT
      dates.game_date,
      dates.games_held AS held,
      dates.games_due AS due
    FROM dates
    ORDER BY dates.game_date
  ) AS series_dates,
  ARRAY(
    SELECT AS STRUCT
      seasons.season,
      seasons.played AS `rows`,
      seasons.with_minutes AS minutes_played,
      seasons.with_usage AS usage_rate,
      seasons.with_zones AS paint_attempts
    FROM seasons
    ORDER BY seasons.season
  ) AS series_seasons,
  ARRAY(
    SELECT AS STRUCT
      months.month,
      months.played AS `rows`,
      months.without_minutes AS minutes_played,
      months.without_usage AS usage_rate,
      months.without_zones AS paint_attempts
    FROM months
    ORDER BY months.month
  ) AS series_months
FROM games
