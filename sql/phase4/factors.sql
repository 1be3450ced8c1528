-- Phase 4: player_composite_factors by row, game, date and month, against the schedule and the rows
-- of Phase 3 that it is built from. Sets are compared, because a count that is right can hide a
-- hole behind an extra. Bootstrap dates are left out: a gate of their own asks for no rows there.
WITH scheduled AS (
  SELECT DISTINCT
    game_date,
    CONCAT(
      FORMAT_DATE('%Y%m%d', game_date),
      '_',
      COALESCE(away_team_tricode, 'NULL'),
      '_',
      COALESCE(home_team_tricode, 'NULL')
    ) AS game_id,
    SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids) AS is_asked_for
  FROM nba_raw.nbac_schedule
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND game_status = @final_status
    AND (
      SUBSTR(game_id, 1, 3) IN UNNEST(@league_game_ids)
      OR SUBSTR(game_id, 1, 3) IN UNNEST(@other_game_ids)
    )
),

factors AS (
  SELECT
    game_date,
    player_lookup,
    fatigue_score,
    shot_zone_mismatch_score,
    pace_score,
    usage_spike_score,
    referee_favorability_score,
    look_ahead_pressure_score,
    travel_impact_score,
    opponent_strength_score,
    total_composite_adjustment,
    calculation_version,
    processed_at,
    COALESCE(game_id, 'NULL') AS game_id,
    upstream_player_shot_ready AND upstream_team_defense_ready AS has_zones
  FROM nba_precompute.player_composite_factors
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND game_date NOT IN UNNEST(@bootstrap_dates)
),

played AS (
  SELECT
    game_date,
    game_id,
    player_lookup,
    MAX(processed_at) AS processed_at
  FROM nba_analytics.player_game_summary
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND game_date NOT IN UNNEST(@bootstrap_dates)
    AND points IS NOT NULL
  GROUP BY game_date, game_id, player_lookup
),

contexts AS (
  SELECT
    game_id,
    player_lookup,
    MAX(processed_at) AS processed_at
  FROM nba_analytics.upcoming_player_game_context
  WHERE game_date BETWEEN @window_start AND @window_end
  GROUP BY game_id, player_lookup
),

-- What is wrong with a row by itself.
odd AS (
  SELECT
    CONCAT(game_id, ' ', player_lookup) AS found,
    NOT REGEXP_CONTAINS(game_id, r'^[0-9]{8}_[A-Z]{3}_[A-Z]{3}$')
    OR SUBSTR(game_id, 1, 8) != FORMAT_DATE('%Y%m%d', game_date) AS malformed_ids,
    fatigue_score NOT BETWEEN 0 AND 100 AS fatigue_band,
    ABS(shot_zone_mismatch_score) > 15 AS mismatch_band,
    ABS(pace_score) > 8 AS pace_band,
    usage_spike_score != 0
    OR referee_favorability_score != 0
    OR look_ahead_pressure_score != 0
    OR travel_impact_score != 0
    OR opponent_strength_score != 0 AS deferred_factors,
    -- 20 points of fatigue take one from the adjustment; a factor that is not there counts as none.
    ABS(
      total_composite_adjustment
      - (fatigue_score - 100) / 20
      - COALESCE(shot_zone_mismatch_score, 0)
      - COALESCE(pace_score, 0)
      - COALESCE(usage_spike_score, 0)
      - COALESCE(referee_favorability_score, 0)
      - COALESCE(look_ahead_pressure_score, 0)
      - COALESCE(travel_impact_score, 0)
      - COALESCE(opponent_strength_score, 0)
    ) > 0.1 AS adjustment_sum
  FROM factors
),

-- A row for each key, and how many there were.
players AS (
  SELECT
    game_id,
    player_lookup,
    COUNT(*) AS records,
    MIN(processed_at) AS processed_at
  FROM factors
  GROUP BY game_id, player_lookup
),

games AS (
  SELECT DISTINCT
    game_date,
    game_id
  FROM factors
),

ids AS (
  SELECT DISTINCT game_id
  FROM games
),

asked AS (
  SELECT
    scheduled.game_date,
    scheduled.game_id,
    ids.game_id IS NOT NULL AS is_held,
    games.game_id IS NOT NULL AS is_held_on_its_date
  FROM scheduled
  LEFT JOIN ids ON scheduled.game_id = ids.game_id
  LEFT JOIN games
    ON
      scheduled.game_id = games.game_id
      AND scheduled.game_date = games.game_date
  WHERE
    scheduled.is_asked_for
    AND scheduled.game_date NOT IN UNNEST(@bootstrap_dates)
),

unknown AS (
  SELECT ids.game_id AS found
  FROM ids
  LEFT JOIN scheduled ON ids.game_id = scheduled.game_id
  WHERE scheduled.game_id IS NULL
),

dates AS (
  SELECT
    game_date,
    COUNT(*) AS games,
    COUNTIF(is_held_on_its_date) AS games_held
  FROM asked
  GROUP BY game_date
),

numbered AS (
  SELECT
    game_date,
    games_held > 0 AS is_held,
    SUM(IF(games_held > 0, 1, 0)) OVER (ORDER BY game_date) AS held_so_far
  FROM dates
),

gaps AS (
  SELECT
    MIN(game_date) AS starts,
    COUNT(*) AS missing_dates
  FROM numbered
  WHERE NOT is_held
  GROUP BY held_so_far
),

player_dates AS (
  SELECT
    played.game_date,
    COUNT(*) AS players,
    COUNT(players.player_lookup) AS players_held
  FROM played
  LEFT JOIN players
    ON
      played.game_id = players.game_id
      AND played.player_lookup = players.player_lookup
  GROUP BY played.game_date
),

in_two_games AS (
  SELECT CONCAT(CAST(game_date AS STRING), ' ', player_lookup) AS found
  FROM factors
  GROUP BY game_date, player_lookup
  HAVING COUNT(DISTINCT game_id) > 1
),

before_contexts AS (
  SELECT CONCAT(players.game_id, ' ', players.player_lookup) AS found
  FROM players
  INNER JOIN contexts
    ON
      players.game_id = contexts.game_id
      AND players.player_lookup = contexts.player_lookup
  WHERE players.processed_at < contexts.processed_at
),

before_players AS (
  SELECT CONCAT(players.game_id, ' ', players.player_lookup) AS found
  FROM players
  INNER JOIN played
    ON
      players.game_id = played.game_id
      AND players.player_lookup = played.player_lookup
  WHERE players.processed_at < played.processed_at
),

date_values AS (
  SELECT
    game_date,
    COUNT(DISTINCT calculation_version) AS versions,
    COUNT(fatigue_score) AS scores,
    ABS(COALESCE(SUM(fatigue_score - @typical_fatigue), 0)) AS away
  FROM factors
  GROUP BY game_date
),

month_values AS (
  SELECT
    FORMAT_DATE('%Y-%m', game_date) AS month,
    COUNT(*) >= @rows_of_a_month AS is_judged,
    COUNT(fatigue_score) AS fatigue,
    COUNT(shot_zone_mismatch_score) AS mismatch,
    COUNT(pace_score) AS pace,
    ABS(SUM(fatigue_score - @typical_fatigue)) AS fatigue_away,
    ABS(SUM(shot_zone_mismatch_score)) AS mismatch_away,
    ABS(SUM(pace_score)) AS pace_away,
    COUNTIF(fatigue_score = 100) AS fatigue_default,
    COUNTIF(has_zones AND shot_zone_mismatch_score IS NOT NULL) AS with_zones,
    COUNTIF(has_zones AND shot_zone_mismatch_score = 0) AS mismatch_default,
    COUNTIF(pace_score = 0) AS pace_default
  FROM factors
  GROUP BY month
),

-- Too few rows have a mean of their own, such as those of one game.
months AS (
  SELECT
    month,
    GREATEST(fatigue, 1) AS fatigue,
    GREATEST(mismatch, 1) AS mismatch,
    GREATEST(pace, 1) AS pace,
    GREATEST(with_zones, 1) AS with_zones,
    IF(is_judged, COALESCE(fatigue_away, 0), 0) AS fatigue_away,
    IF(is_judged, COALESCE(mismatch_away, 0), 0) AS mismatch_away,
    IF(is_judged, COALESCE(pace_away, 0), 0) AS pace_away,
    IF(is_judged, fatigue_default, 0) AS fatigue_default,
    IF(is_judged, mismatch_default, 0) AS mismatch_default,
    IF(is_judged, pace_default, 0) AS pace_default
  FROM month_values
),

season_values AS (
  SELECT
    EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season,
    COUNT(DISTINCT fatigue_score) AS fatigue_score,
    COUNT(DISTINCT shot_zone_mismatch_score) AS shot_zone_mismatch_score,
    COUNT(DISTINCT pace_score) AS pace_score,
    COUNT(DISTINCT usage_spike_score) AS usage_spike_score,
    COUNT(DISTINCT referee_favorability_score) AS referee_favorability_score,
    COUNT(DISTINCT look_ahead_pressure_score) AS look_ahead_pressure_score,
    COUNT(DISTINCT travel_impact_score) AS travel_impact_score,
    COUNT(DISTINCT opponent_strength_score) AS opponent_strength_score,
    COUNT(DISTINCT total_composite_adjustment) AS total_composite_adjustment
  FROM factors
  GROUP BY season
  -- In a season's first weeks no shot zones are known, and all mismatches are 0.
  HAVING COUNT(DISTINCT game_date) >= @dead_after_dates
),

dead AS (
  SELECT CONCAT(name, ' in season ', CAST(season AS STRING)) AS found
  FROM season_values
  UNPIVOT (
    different_values FOR name IN (
      fatigue_score,
      shot_zone_mismatch_score,
      pace_score,
      usage_spike_score,
      referee_favorability_score,
      look_ahead_pressure_score,
      travel_impact_score,
      opponent_strength_score,
      total_composite_adjustment
    )
  )
  WHERE
    different_values < 2
    AND name NOT IN UNNEST(@declared_constant)
)

SELECT
  COUNT(*) AS window_rows,
  STRUCT(
    COUNTIF(NOT is_held) AS numerator,
    ARRAY(
      SELECT gap.game_id
      FROM asked AS gap
      WHERE NOT gap.is_held
      ORDER BY gap.game_id
      LIMIT @keys_shown
    ) AS first
  ) AS missing_games,
  STRUCT(
    (SELECT COUNT(*) FROM unknown) AS numerator,
    ARRAY(
      SELECT unknown.found FROM unknown
      ORDER BY unknown.found LIMIT @keys_shown
    ) AS first
  ) AS unknown_games,
  STRUCT(
    (
      SELECT COUNTIF(dates.games_held BETWEEN 1 AND dates.games - 1)
      FROM dates
    ) AS numerator,
    ARRAY(
      SELECT CAST(dates.game_date AS STRING)
      FROM dates
      WHERE dates.games_held BETWEEN 1 AND dates.games - 1
      ORDER BY dates.game_date
      LIMIT @keys_shown
    ) AS first
  ) AS partial_dates,
  (
    SELECT AS STRUCT
      player_dates.players_held AS numerator,
      player_dates.players AS denominator,
      player_dates.game_date
    FROM player_dates
    ORDER BY player_dates.players_held / player_dates.players, player_dates.game_date
    LIMIT 1
  ) AS worst_date_players,
  STRUCT(
    (SELECT COALESCE(MAX(gaps.missing_dates), 0) FROM gaps) AS numerator,
    (
      SELECT gaps.starts
      FROM gaps
      ORDER BY gaps.missing_dates DESC, gaps.starts ASC
      LIMIT 1
    ) AS starts
  ) AS longest_gap,
  STRUCT(
    (SELECT COALESCE(SUM(players.records - 1), 0) FROM players) AS numerator,
    ARRAY(
      SELECT CONCAT(players.game_id, ' ', players.player_lookup) AS found
      FROM players
      WHERE players.records > 1
      ORDER BY found
      LIMIT @keys_shown
    ) AS first
  ) AS duplicate_rows,
  STRUCT(
    (SELECT COUNT(*) FROM in_two_games) AS numerator,
    ARRAY(
      SELECT in_two_games.found
      FROM in_two_games
      ORDER BY in_two_games.found
      LIMIT @keys_shown
    ) AS first
  ) AS duplicate_dates,
  STRUCT(
    (SELECT COUNTIF(odd.malformed_ids) FROM odd) AS numerator,
    ARRAY(
      SELECT odd.found
      FROM odd
      WHERE odd.malformed_ids
      ORDER BY odd.found
      LIMIT @keys_shown
    ) AS first
  ) AS malformed_ids,
  STRUCT(
    (SELECT COUNTIF(odd.fatigue_band) FROM odd) AS numerator,
    ARRAY(
      SELECT odd.found
      FROM odd
      WHERE odd.fatigue_band
      ORDER BY odd.found
      LIMIT @keys_shown
    ) AS first
  ) AS fatigue_band,
  STRUCT(
    (SELECT COUNTIF(odd.mismatch_band) FROM odd) AS numerator,
    ARRAY(
      SELECT odd.found
      FROM odd
      WHERE odd.mismatch_band
      ORDER BY odd.found
      LIMIT @keys_shown
    ) AS first
  ) AS mismatch_band,
  STRUCT(
    (SELECT COUNTIF(odd.pace_band) FROM odd) AS numerator,
    ARRAY(
      SELECT odd.found
      FROM odd
      WHERE odd.pace_band
      ORDER BY odd.found
      LIMIT @keys_shown
    ) AS first
  ) AS pace_band,
  STRUCT(
    (SELECT COUNTIF(odd.deferred_factors) FROM odd) AS numerator,
    ARRAY(
      SELECT odd.found
      FROM odd
      WHERE odd.deferred_factors
      ORDER BY odd.found
      LIMIT @keys_shown
    ) AS first
  ) AS deferred_factors,
  STRUCT(
    (SELECT COUNTIF(odd.adjustment_sum) FROM odd) AS numerator,
    ARRAY(
      SELECT odd.found
      FROM odd
      WHERE odd.adjustment_sum
      ORDER BY odd.found
      LIMIT @keys_shown
    ) AS first
  ) AS adjustment_sum,
  STRUCT(
    (SELECT COUNTIF(date_values.versions > 1) FROM date_values) AS numerator,
    ARRAY(
      SELECT CAST(date_values.game_date AS STRING)
      FROM date_values
      WHERE date_values.versions > 1
      ORDER BY date_values.game_date
      LIMIT @keys_shown
    ) AS first
  ) AS mixed_versions,
  STRUCT(
    (SELECT COUNT(*) FROM before_contexts) AS numerator,
    ARRAY(
      SELECT before_contexts.found
      FROM before_contexts
      ORDER BY before_contexts.found
      LIMIT @keys_shown
    ) AS first
  ) AS older_than_context,
  STRUCT(
    (SELECT COUNT(*) FROM before_players) AS numerator,
    ARRAY(
      SELECT before_players.found
      FROM before_players
      ORDER BY before_players.found
      LIMIT @keys_shown
    ) AS first
  ) AS older_than_players,
  (
    SELECT AS STRUCT
      date_values.away AS numerator,
      date_values.game_date,
      GREATEST(date_values.scores, 1) AS denominator
    FROM date_values
    ORDER BY date_values.away / GREATEST(date_values.scores, 1) DESC, date_values.game_date
    LIMIT 1
  ) AS fatigue_date_mean,
  (
    SELECT AS STRUCT
      months.fatigue_away AS numerator,
      months.fatigue AS denominator,
      months.month
    FROM months
    ORDER BY months.fatigue_away / months.fatigue DESC, months.month
    LIMIT 1
  ) AS fatigue_month_mean,
  (
    SELECT AS STRUCT
      months.mismatch_away AS numerator,
      months.mismatch AS denominator,
      months.month
    FROM months
    ORDER BY months.mismatch_away / months.mismatch DESC, months.month
    LIMIT 1
  ) AS mismatch_month_mean,
  (
    SELECT AS STRUCT
      months.pace_away AS numerator,
      months.pace AS denominator,
      months.month
    FROM months
    ORDER BY months.pace_away / months.pace DESC, months.month
    LIMIT 1
  ) AS pace_month_mean,
  (
    SELECT AS STRUCT
      months.fatigue_default AS numerator,
      months.fatigue AS denominator,
      months.month
    FROM months
    ORDER BY months.fatigue_default / months.fatigue DESC, months.month
    LIMIT 1
  ) AS fatigue_default_share,
  (
    SELECT AS STRUCT
      months.mismatch_default AS numerator,
      months.with_zones AS denominator,
      months.month
    FROM months
    ORDER BY months.mismatch_default / months.with_zones DESC, months.month
    LIMIT 1
  ) AS mismatch_default_share,
  (
    SELECT AS STRUCT
      months.pace_default AS numerator,
      months.pace AS denominator,
      months.month
    FROM months
    ORDER BY months.pace_default / months.pace DESC, months.month
    LIMIT 1
  ) AS pace_default_share,
  STRUCT(
    (SELECT COUNT(*) FROM dead) AS numerator,
    ARRAY(
      SELECT dead.found FROM dead
      ORDER BY dead.found LIMIT @keys_shown
    ) AS first
  ) AS dead_columns
FROM asked
