-- One row: the worst season of each share, the largest drops, and the seasons for a picture.
SELECT
  IF(
    LOGICAL_OR(is_full),
    ARRAY_AGG(
      STRUCT(with_minutes AS numerator, played AS denominator, season_name AS season)
      ORDER BY is_full DESC, minutes_pct ASC, season ASC LIMIT 1
    )[OFFSET(0)],
    NULL
  ) AS worst_season_minutes,
  IF(
    LOGICAL_OR(is_full),
    ARRAY_AGG(
      STRUCT(with_usage AS numerator, played AS denominator, season_name AS season)
      ORDER BY is_full DESC, usage_pct ASC, season ASC LIMIT 1
    )[OFFSET(0)],
    NULL
  ) AS worst_season_usage,
  IF(
    LOGICAL_OR(is_full),
    ARRAY_AGG(
      STRUCT(with_zones AS numerator, played AS denominator, season_name AS season)
      ORDER BY is_full DESC, zones_pct ASC, season ASC LIMIT 1
    )[OFFSET(0)],
    NULL
  ) AS worst_season_shot_zones,
  COALESCE(MAX(IF(is_full, minutes_drop, NULL)), 0) AS season_drop_minutes,
  COALESCE(MAX(IF(is_full, usage_drop, NULL)), 0) AS season_drop_usage,
  COALESCE(
    ARRAY_AGG(
      STRUCT(
        season AS season,
        played AS `rows`,
        with_minutes AS minutes_played,
        with_usage AS usage_rate,
        with_zones AS paint_attempts
      ) ORDER BY season
    ),
    []
  ) AS series_seasons
FROM player_season_drops
