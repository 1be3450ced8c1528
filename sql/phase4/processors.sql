-- Phase 4, runbook 7.6 and 6: a row per date of the schedule, with what the processors' tables
-- should hold of it and hold. Teams and players are due when their games before it are enough.
WITH factors AS (
  SELECT DISTINCT
    game_date,
    game_id,
    player_lookup
  FROM nba_precompute.player_composite_factors
  WHERE game_date BETWEEN @window_start AND @window_end
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
    season_games.game_date,
    season_games.season,
    COUNT(DISTINCT season_games.game_id) AS games,
    COUNT(DISTINCT factors.game_id) AS games_found
  FROM season_games
  LEFT JOIN factors
    ON
      season_games.game_id = factors.game_id
      AND season_games.game_date = factors.game_date
  WHERE season_games.game_date BETWEEN @window_start AND @window_end
  GROUP BY season_games.game_date, season_games.season
),

players_of_dates AS (
  SELECT
    season_players.game_date,
    COUNT(*) AS players,
    COUNT(factors.player_lookup) AS players_found
  FROM season_players
  LEFT JOIN factors
    ON
      season_players.game_id = factors.game_id
      AND season_players.player_lookup = factors.player_lookup
      AND season_players.game_date = factors.game_date
  GROUP BY season_players.game_date
),

rows_of_factors AS (
  SELECT
    factors.game_date,
    COUNT(*) AS found
  FROM factors
  GROUP BY factors.game_date
),

numbered_team_games AS (
  SELECT
    season_games.season,
    team_abbr,
    season_games.game_date,
    ROW_NUMBER() OVER (
      PARTITION BY season_games.season, team_abbr
      ORDER BY season_games.game_date
    ) AS game_number
  FROM season_games
  CROSS JOIN UNNEST([season_games.away_team_tricode, season_games.home_team_tricode]) AS team_abbr
),

numbered_player_games AS (
  SELECT
    season_players.season,
    season_players.player_lookup,
    season_players.game_date,
    ROW_NUMBER() OVER (
      PARTITION BY season_players.season, season_players.player_lookup
      ORDER BY season_players.game_date
    ) AS game_number
  FROM season_players
),

teams_due AS (
  SELECT
    dates.game_date,
    COUNT(*) AS due,
    COUNT(team_zones.team_abbr) AS found
  FROM dates
  INNER JOIN numbered_team_games
    ON
      dates.season = numbered_team_games.season
      AND numbered_team_games.game_number = @team_games
      AND dates.game_date > numbered_team_games.game_date
  LEFT JOIN team_zones
    ON
      dates.game_date = team_zones.game_date
      AND numbered_team_games.team_abbr = team_zones.team_abbr
  GROUP BY dates.game_date
),

players_due AS (
  SELECT
    dates.game_date,
    COUNT(*) AS due,
    COUNT(player_zones.player_lookup) AS found
  FROM dates
  INNER JOIN numbered_player_games
    ON
      dates.season = numbered_player_games.season
      AND numbered_player_games.game_number = @player_games
      AND dates.game_date > numbered_player_games.game_date
  LEFT JOIN player_zones
    ON
      dates.game_date = player_zones.game_date
      AND numbered_player_games.player_lookup = player_zones.player_lookup
  GROUP BY dates.game_date
)

SELECT
  dates.game_date,
  dates.games,
  dates.games_found,
  dates.game_date IN UNNEST(@bootstrap_dates) AS is_bootstrap,
  COALESCE(players_of_dates.players, 0) AS players,
  COALESCE(players_of_dates.players_found, 0) AS players_found,
  COALESCE(rows_of_factors.found, 0) AS factor_rows,
  COALESCE(cached_players.found, 0) AS cached_players,
  COALESCE(teams_due.due, 0) AS teams_due,
  COALESCE(teams_due.found, 0) AS teams_found,
  COALESCE(players_due.due, 0) AS zones_due,
  COALESCE(players_due.found, 0) AS zones_found
FROM dates
LEFT JOIN players_of_dates ON dates.game_date = players_of_dates.game_date
LEFT JOIN rows_of_factors ON dates.game_date = rows_of_factors.game_date
LEFT JOIN cached_players ON dates.game_date = cached_players.game_date
LEFT JOIN teams_due ON dates.game_date = teams_due.game_date
LEFT JOIN players_due ON dates.game_date = players_due.game_date
ORDER BY dates.game_date
