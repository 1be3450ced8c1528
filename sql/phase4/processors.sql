-- Phase 4, runbook 7.6 and 6: a row per date of the schedule, with what the processors' tables
-- should hold of it and hold. Teams and players are due when their games before it are enough.
WITH dates AS (
  SELECT
    season_games.game_date,
    season_games.season,
    COUNT(DISTINCT season_games.game_id) AS games,
    COUNT(DISTINCT held_factors.game_id) AS games_found
  FROM season_games
  LEFT JOIN held_factors
    ON
      season_games.game_id = held_factors.game_id
      AND season_games.game_date = held_factors.game_date
  WHERE season_games.game_date BETWEEN @window_start AND @window_end
  GROUP BY season_games.game_date, season_games.season
),

players_of_dates AS (
  SELECT
    season_players.game_date,
    COUNT(*) AS players,
    COUNT(held_factors.player_lookup) AS players_found
  FROM season_players
  LEFT JOIN held_factors
    ON
      season_players.game_id = held_factors.game_id
      AND season_players.player_lookup = held_factors.player_lookup
      AND season_players.game_date = held_factors.game_date
  GROUP BY season_players.game_date
),

rows_of_factors AS (
  SELECT
    game_date,
    COUNT(*) AS found
  FROM held_factors
  GROUP BY game_date
),

-- The zones of a table are found under the team or the player that they are of.
zones AS (
  SELECT DISTINCT
    'team' AS kind,
    analysis_date,
    team_abbr AS owner
  FROM nba_precompute.team_defense_zone_analysis
  WHERE analysis_date BETWEEN @window_start AND @window_end
  UNION ALL
  SELECT DISTINCT
    'player' AS kind,
    analysis_date,
    player_lookup AS owner
  FROM nba_precompute.player_shot_zone_analysis
  WHERE analysis_date BETWEEN @window_start AND @window_end
),

played AS (
  SELECT
    'team' AS kind,
    @team_games AS games_before,
    season_games.season,
    team_abbr AS owner,
    season_games.game_date
  FROM season_games
  CROSS JOIN UNNEST([season_games.away_team_tricode, season_games.home_team_tricode]) AS team_abbr
  UNION ALL
  SELECT
    'player' AS kind,
    @player_games AS games_before,
    season,
    player_lookup AS owner,
    game_date
  FROM season_players
),

enough AS (
  SELECT *
  FROM played
  -- No QUALIFY stands without one.
  WHERE TRUE
  QUALIFY
    ROW_NUMBER() OVER (PARTITION BY kind, season, owner ORDER BY game_date) = games_before
),

zones_due AS (
  SELECT
    dates.game_date,
    COUNTIF(enough.kind = 'team') AS teams_due,
    COUNTIF(zones.kind = 'team') AS teams_found,
    COUNTIF(enough.kind = 'player') AS zones_due,
    COUNTIF(zones.kind = 'player') AS zones_found
  FROM dates
  INNER JOIN enough
    ON dates.season = enough.season AND dates.game_date > enough.game_date
  LEFT JOIN zones
    ON
      dates.game_date = zones.analysis_date
      AND enough.kind = zones.kind
      AND enough.owner = zones.owner
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
  COALESCE(zones_due.teams_due, 0) AS teams_due,
  COALESCE(zones_due.teams_found, 0) AS teams_found,
  COALESCE(zones_due.zones_due, 0) AS zones_due,
  COALESCE(zones_due.zones_found, 0) AS zones_found
FROM dates
LEFT JOIN players_of_dates ON dates.game_date = players_of_dates.game_date
LEFT JOIN rows_of_factors ON dates.game_date = rows_of_factors.game_date
LEFT JOIN cached_players ON dates.game_date = cached_players.game_date
LEFT JOIN zones_due ON dates.game_date = zones_due.game_date
ORDER BY dates.game_date
