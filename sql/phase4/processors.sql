-- Phase 4, runbook 7.6 and 6: a row per date of the schedule, with what the processors' tables
-- should hold of it and hold. Teams and players are due when their games before it are enough.
WITH scheduled AS (
  SELECT DISTINCT
    game_date,
    away_team_tricode,
    home_team_tricode,
    CONCAT(
      FORMAT_DATE('%Y%m%d', game_date),
      '_',
      COALESCE(away_team_tricode, 'NULL'),
      '_',
      COALESCE(home_team_tricode, 'NULL')
    ) AS game_id,
    EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season
  FROM nba_raw.nbac_schedule
  WHERE
    game_date BETWEEN @season_start AND @window_end
    AND game_status = @final_status
    AND SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids)
),

played AS (
  SELECT DISTINCT
    game_date,
    game_id,
    player_lookup,
    EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season
  FROM nba_analytics.player_game_summary
  WHERE
    game_date BETWEEN @season_start AND @window_end
    AND points IS NOT NULL
),

factors AS (
  SELECT DISTINCT
    game_date,
    game_id,
    player_lookup
  FROM nba_precompute.player_composite_factors
  WHERE game_date BETWEEN @window_start AND @window_end
),

cached AS (
  SELECT
    cache_date AS game_date,
    COUNT(DISTINCT player_lookup) AS found
  FROM nba_precompute.player_daily_cache
  WHERE cache_date BETWEEN @window_start AND @window_end
  GROUP BY cache_date
),

team_zones AS (
  SELECT DISTINCT
    analysis_date AS game_date,
    team_abbr
  FROM nba_precompute.team_defense_zone_analysis
  WHERE analysis_date BETWEEN @window_start AND @window_end
),

player_zones AS (
  SELECT DISTINCT
    analysis_date AS game_date,
    player_lookup
  FROM nba_precompute.player_shot_zone_analysis
  WHERE analysis_date BETWEEN @window_start AND @window_end
),

dates AS (
  SELECT
    scheduled.game_date,
    scheduled.season,
    COUNT(DISTINCT scheduled.game_id) AS games,
    COUNT(DISTINCT factors.game_id) AS games_found
  FROM scheduled
  LEFT JOIN factors
    ON
      scheduled.game_id = factors.game_id
      AND scheduled.game_date = factors.game_date
  WHERE scheduled.game_date BETWEEN @window_start AND @window_end
  GROUP BY scheduled.game_date, scheduled.season
),

player_dates AS (
  SELECT
    played.game_date,
    COUNT(*) AS players,
    COUNT(factors.player_lookup) AS players_found
  FROM played
  LEFT JOIN factors
    ON
      played.game_id = factors.game_id
      AND played.player_lookup = factors.player_lookup
      AND played.game_date = factors.game_date
  GROUP BY played.game_date
),

rows_of_factors AS (
  SELECT
    factors.game_date,
    COUNT(*) AS found
  FROM factors
  GROUP BY factors.game_date
),

team_games AS (
  SELECT
    scheduled.season,
    team_abbr,
    scheduled.game_date,
    ROW_NUMBER() OVER (
      PARTITION BY scheduled.season, team_abbr
      ORDER BY scheduled.game_date
    ) AS game_number
  FROM scheduled
  CROSS JOIN UNNEST([scheduled.away_team_tricode, scheduled.home_team_tricode]) AS team_abbr
),

player_games AS (
  SELECT
    played.season,
    played.player_lookup,
    played.game_date,
    ROW_NUMBER() OVER (
      PARTITION BY played.season, played.player_lookup
      ORDER BY played.game_date
    ) AS game_number
  FROM played
),

teams_due AS (
  SELECT
    dates.game_date,
    COUNT(*) AS due,
    COUNT(team_zones.team_abbr) AS found
  FROM dates
  INNER JOIN team_games
    ON
      dates.season = team_games.season
      AND team_games.game_number = @team_games
      AND dates.game_date > team_games.game_date
  LEFT JOIN team_zones
    ON
      dates.game_date = team_zones.game_date
      AND team_games.team_abbr = team_zones.team_abbr
  GROUP BY dates.game_date
),

players_due AS (
  SELECT
    dates.game_date,
    COUNT(*) AS due,
    COUNT(player_zones.player_lookup) AS found
  FROM dates
  INNER JOIN player_games
    ON
      dates.season = player_games.season
      AND player_games.game_number = @player_games
      AND dates.game_date > player_games.game_date
  LEFT JOIN player_zones
    ON
      dates.game_date = player_zones.game_date
      AND player_games.player_lookup = player_zones.player_lookup
  GROUP BY dates.game_date
)

SELECT
  dates.game_date,
  dates.games,
  dates.games_found,
  dates.game_date IN UNNEST(@bootstrap_dates) AS is_bootstrap,
  COALESCE(player_dates.players, 0) AS players,
  COALESCE(player_dates.players_found, 0) AS players_found,
  COALESCE(rows_of_factors.found, 0) AS factor_rows,
  COALESCE(cached.found, 0) AS cached_players,
  COALESCE(teams_due.due, 0) AS teams_due,
  COALESCE(teams_due.found, 0) AS teams_found,
  COALESCE(players_due.due, 0) AS zones_due,
  COALESCE(players_due.found, 0) AS zones_found
FROM dates
LEFT JOIN player_dates ON dates.game_date = player_dates.game_date
LEFT JOIN rows_of_factors ON dates.game_date = rows_of_factors.game_date
LEFT JOIN cached ON dates.game_date = cached.game_date
LEFT JOIN teams_due ON dates.game_date = teams_due.game_date
LEFT JOIN players_due ON dates.game_date = players_due.game_date
ORDER BY dates.game_date
