-- Phase 2: what of the player table can be judged at all, in the worst season, month, date and
-- game. Few rows say nothing of a game or a date, nor do few games of a month. The dates on which a
-- tenth lacks are listed for the report.
WITH worst AS (
  SELECT
    SUM(IF(kind = 'season', records, 0)) AS window_rows,
    COALESCE(
      ARRAY_AGG(
        IF(
          kind = 'date'
          AND played >= @enough_players
          AND (10 * with_usage < 9 * with_plays OR 10 * with_minutes < 9 * played),
          STRUCT(
            part AS game_date,
            with_usage AS usage_rate,
            with_plays AS usage_rate_due,
            with_minutes AS minutes_played,
            played AS minutes_played_due
          ),
          NULL
        ) IGNORE NULLS ORDER BY part
      ),
      []
    ) AS series_filled,
    ARRAY_AGG(
      STRUCT(with_usage AS numerator, with_plays AS denominator, part AS month)
      ORDER BY IF(kind = 'month' AND is_full AND with_plays > 0, with_usage / with_plays, 2), part
      LIMIT 1
    )[OFFSET(0)] AS worst_month_usage,
    ARRAY_AGG(
      STRUCT(with_usage AS numerator, with_plays AS denominator, part AS game_date)
      ORDER BY
        IF(kind = 'date' AND with_plays >= @enough_players, with_usage / with_plays, 2), part
      LIMIT 1
    )[OFFSET(0)] AS worst_date_usage,
    ARRAY_AGG(
      STRUCT(with_usage AS numerator, with_plays AS denominator, part AS game)
      ORDER BY
        IF(kind = 'game' AND with_plays >= @enough_players, with_usage / with_plays, 2), part
      LIMIT 1
    )[OFFSET(0)] AS worst_game_usage,
    ARRAY_AGG(
      STRUCT(usage_near AS numerator, usage_judged AS denominator, part AS game)
      ORDER BY
        IF(kind = 'game' AND usage_judged >= @enough_players, usage_near / usage_judged, 2), part
      LIMIT 1
    )[OFFSET(0)] AS worst_game_usage_near,
    ARRAY_AGG(
      STRUCT(with_minutes AS numerator, played AS denominator, part AS month)
      ORDER BY IF(kind = 'month' AND is_full AND played > 0, with_minutes / played, 2), part
      LIMIT 1
    )[OFFSET(0)] AS worst_month_minutes,
    ARRAY_AGG(
      STRUCT(with_minutes AS numerator, played AS denominator, part AS game_date)
      ORDER BY IF(kind = 'date' AND played >= @enough_players, with_minutes / played, 2), part
      LIMIT 1
    )[OFFSET(0)] AS worst_date_minutes,
    ARRAY_AGG(
      STRUCT(with_minutes AS numerator, played AS denominator, part AS game)
      ORDER BY IF(kind = 'game' AND played >= @enough_players, with_minutes / played, 2), part
      LIMIT 1
    )[OFFSET(0)] AS worst_game_minutes,
    ARRAY_AGG(
      STRUCT(
        -- A month that has more than is usual has all of it.
        LEAST(with_zones, usual_zones) AS numerator,
        usual_zones AS denominator,
        part AS month
      )
      ORDER BY
        IF(
          kind = 'month' AND is_full AND usual_zones > 0, with_zones / usual_zones, 2
        ),
        part
      LIMIT 1
    )[OFFSET(0)] AS worst_month_zones
  FROM (
    SELECT
      player_groups.*,
      DIV(
        played * IF(part < @zones_changed, @zones_usual[OFFSET(0)], @zones_usual[OFFSET(1)]), 100
      ) AS usual_zones
    FROM player_groups
  ) AS measured_groups
),

worst_filled AS (
  SELECT
    ARRAY_AGG(
      STRUCT(
        checked.filled AS numerator,
        checked.due AS denominator,
        checked.what AS column_name,
        player_groups.part AS period
      )
      ORDER BY checked.filled / checked.due, checked.what, player_groups.part LIMIT 1
    )[OFFSET(0)] AS worst_filled
  FROM player_groups
  CROSS JOIN UNNEST(player_groups.filled_columns) AS checked
  WHERE player_groups.kind IN ('season', 'month') AND player_groups.is_full AND checked.due > 0
)

SELECT
  worst.worst_month_usage,
  worst.worst_date_usage,
  worst.worst_game_usage,
  worst.worst_game_usage_near,
  worst.worst_month_minutes,
  worst.worst_date_minutes,
  worst.worst_game_minutes,
  worst.worst_month_zones,
  worst.series_filled,
  worst_filled.worst_filled,
  COALESCE(worst.window_rows, 0) AS window_rows
FROM worst
CROSS JOIN worst_filled
