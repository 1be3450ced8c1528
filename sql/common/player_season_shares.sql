-- One row: the worst full season of each share, the largest drops, and the seasons for a picture.
SELECT
  ARRAY_AGG(
    IF(
      is_full, STRUCT(with_minutes AS numerator, played AS denominator, season_name AS season), NULL
    )
    IGNORE NULLS ORDER BY minutes_pct, season
  )[SAFE_OFFSET(0)] AS worst_season_minutes,
  ARRAY_AGG(
    IF(is_full, STRUCT(with_usage AS numerator, played AS denominator, season_name AS season), NULL)
    IGNORE NULLS ORDER BY usage_pct, season
  )[SAFE_OFFSET(0)] AS worst_season_usage,
  ARRAY_AGG(
    IF(is_full, STRUCT(with_zones AS numerator, played AS denominator, season_name AS season), NULL)
    IGNORE NULLS ORDER BY zones_pct, season
  )[SAFE_OFFSET(0)] AS worst_season_shot_zones,
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
