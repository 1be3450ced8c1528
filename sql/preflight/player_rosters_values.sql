-- Pre-flight: the players of each team in upcoming_player_game_context, and those who played and
-- are not among them.
WITH contexts AS (
  SELECT
    game_date,
    game_id,
    team_abbr,
    player_lookup,
    ANY_VALUE(universal_player_id) AS universal_player_id,
    -- Without what one source puts in front and another leaves off.
    REGEXP_REPLACE(player_lookup, r'^[0-9]+|(jr|sr|ii|iii|iv)$', '') AS plain_name
  FROM nba_analytics.upcoming_player_game_context
  WHERE game_date BETWEEN @window_start AND @window_end
  GROUP BY game_date, game_id, team_abbr, player_lookup
),

played AS (
  SELECT
    game_date,
    game_id,
    team_abbr,
    player_lookup
  FROM nba_analytics.player_game_summary
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND points IS NOT NULL
    AND is_dnp IS NOT TRUE
  GROUP BY game_date, game_id, team_abbr, player_lookup
),

sides AS (
  SELECT
    game_date,
    game_id,
    team_abbr,
    COUNT(*) AS players,
    MIN(COUNT(*)) OVER (PARTITION BY game_id) AS least_of_game
  FROM contexts
  GROUP BY game_date, game_id, team_abbr
),

-- Rosters of both kinds, of both teams or of none.
odd_sides AS (
  SELECT
    game_id,
    FORMAT(
      '%s %s: %d players, expected %d to %d', game_id, team_abbr, players,
      @context_players[OFFSET(0)], @context_players[OFFSET(1)]
    ) AS found
  FROM sides
  WHERE
    players NOT BETWEEN @context_players[OFFSET(0)] AND @context_players[OFFSET(1)]
    AND NOT (
      least_of_game > @context_players[OFFSET(1)] AND players <= 2 * @context_players[OFFSET(1)]
    )
),

twins AS (
  SELECT
    game_id,
    FORMAT('%s %s %s and %s', game_id, team_abbr, MIN(player_lookup), MAX(player_lookup)) AS found
  FROM contexts
  GROUP BY
    GROUPING SETS ((game_id, team_abbr, plain_name), (game_id, team_abbr, universal_player_id))
  HAVING
    MIN(player_lookup) != MAX(player_lookup)
    AND COALESCE(plain_name, universal_player_id) IS NOT NULL
),

held AS (
  SELECT
    played.*,
    contexts.player_lookup IS NOT NULL AS is_held
  FROM played
  LEFT JOIN contexts
    ON
      played.game_id = contexts.game_id
      AND played.team_abbr = contexts.team_abbr
      AND played.player_lookup = contexts.player_lookup
),

-- Without the games of which the table holds nothing: other gates tell those.
sides_held AS (
  SELECT
    CONCAT(game_id, ' ', team_abbr) AS side,
    COUNT(*) AS players,
    COUNTIF(is_held) AS players_held
  FROM held
  GROUP BY game_id, team_abbr
  HAVING COUNTIF(is_held) > 0
),

worst_side AS (
  SELECT
    ARRAY_AGG(
      STRUCT(players_held AS numerator, players AS denominator, side AS team)
      ORDER BY players_held / players, side LIMIT 1
    )[OFFSET(0)] AS worst_team_players
  FROM sides_held
),

absent_players AS (
  SELECT
    FORMAT(
      '%d %s: %d of %d games', MIN(EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH))) - 1,
      player_lookup, COUNTIF(is_held), COUNT(*)
    ) AS found
  FROM held
  GROUP BY EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)), player_lookup
  HAVING COUNT(*) >= @games_of_a_player AND 2 * COUNTIF(is_held) < COUNT(*)
),

findings AS (
  SELECT
    'roster_sizes' AS measure,
    found,
    1 AS number
  FROM odd_sides
  UNION ALL
  SELECT
    'two_spellings' AS measure,
    found,
    1 AS number
  FROM twins
  UNION ALL
  SELECT
    'absent_players' AS measure,
    found,
    1 AS number
  FROM absent_players
  UNION ALL
  SELECT
    NULL AS measure,
    'sides' AS found,
    COUNT(*) AS number
  FROM sides
)

SELECT
  COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows,
  ANY_VALUE(worst_side.worst_team_players) AS worst_team_players
FROM placed_findings
CROSS JOIN worst_side
