-- Phase 2, runbook 3.3: the games of the player table against the schedule and the team table, and
-- its seasons.
WITH table_rows AS (
  SELECT
    game_date,
    is_dnp,
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
    -- player_game_summary.sql counts them.
    FALSE AS is_malformed,
    points IS NOT NULL AND is_dnp IS NOT TRUE AS has_played,
    COALESCE(
      DATE_DIFF(
        game_date,
        (SELECT MAX(IF(opens <= game_date, opens, NULL)) FROM UNNEST(@season_starts) AS opens),
        DAY
      ) >= @regular_days,
      FALSE
    ) AS is_playoff,
    COUNT(IF(points = 0 AND minutes_played = 0 AND is_dnp IS NOT TRUE, 1, NULL))
      OVER (PARTITION BY game_id, team_abbr) AS noughts_of_team,
    COALESCE(game_id, 'NULL') AS game_id,
    COALESCE(team_abbr, 'NULL') AS team_abbr,
    COALESCE(player_lookup, 'NULL') AS entry,
    EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season
  FROM nba_analytics.player_game_summary
  WHERE game_date BETWEEN @window_start AND @window_end
),

played_rows AS (
  SELECT *
  FROM table_rows
  WHERE has_played
),

findings AS (
  SELECT * FROM schedule_findings
  UNION ALL
  SELECT
    finding.measure,
    finding.found,
    1 AS number,
    NULL AS day
  FROM player_games
  CROSS JOIN
    UNNEST([
      STRUCT(
        'incomplete_games' AS measure,
        player_games.game_id AS found,
        player_games.is_first AND player_games.is_incomplete AS is_so
      ),
      (
        'swapped_games',
        player_games.game_id,
        player_games.is_first AND player_games.is_swapped
      ),
      (
        'team_points',
        CONCAT(player_games.game_id, ' ', player_games.team_abbr),
        player_games.has_other_points
      ),
      (
        'outdated_rows',
        CONCAT(player_games.game_id, ' ', player_games.team_abbr),
        player_games.is_outdated
      )
    ]) AS finding
  WHERE finding.is_so
  UNION ALL
  SELECT
    'constant_columns' AS measure,
    CONCAT(CAST(player_seasons.season AS STRING), ' ', column_name) AS found,
    1 AS number,
    NULL AS day
  FROM player_seasons
  CROSS JOIN UNNEST(player_seasons.without_values) AS column_name
  WHERE
    player_seasons.games >= @enough_games
    AND column_name != ''
    AND column_name NOT IN UNNEST(@declared_constant)
  UNION ALL
  SELECT
    'implausible_months' AS measure,
    found,
    1 AS number,
    NULL AS day
  FROM implausible_player_months
  UNION ALL
  SELECT
    'contradictory_rows' AS measure,
    found,
    1 AS number,
    NULL AS day
  FROM contradictory_players
)

SELECT
  COALESCE(SUM(day.found), 0) AS window_rows,
  ANY_VALUE(joined_players.joinable_games) AS joinable_games,
  ANY_VALUE(joined_players.usage_given_team) AS usage_given_team,
  ANY_VALUE(player_season_shares.worst_season_minutes) AS worst_season_minutes,
  ANY_VALUE(player_season_shares.worst_season_usage) AS worst_season_usage,
  ANY_VALUE(player_season_shares.worst_season_shot_zones) AS worst_season_shot_zones,
  ANY_VALUE(player_season_shares.season_drop_minutes) AS season_drop_minutes,
  ANY_VALUE(player_season_shares.season_drop_usage) AS season_drop_usage,
  ANY_VALUE(commonest_minutes.commonest_minutes) AS commonest_minutes,
  ANY_VALUE(commonest_usage.commonest_usage) AS commonest_usage,
  COALESCE(ANY_VALUE(player_season_shares.series_seasons), []) AS series_seasons,
  COALESCE(ANY_VALUE(player_month_series.series_months), []) AS series_months,
  ARRAY_AGG(
    STRUCT(COALESCE(day.gap, 0) AS numerator, IF(day.gap > 0, found, NULL) AS starting)
    ORDER BY day.gap DESC, found ASC LIMIT 1
  )[OFFSET(0)] AS longest_gap,
  COALESCE(ARRAY_AGG(day.period IGNORE NULLS ORDER BY day.period.game_date), []) AS series_dates
FROM placed_findings
CROSS JOIN joined_players
CROSS JOIN player_season_shares
CROSS JOIN player_month_series
CROSS JOIN commonest_minutes
CROSS JOIN commonest_usage
