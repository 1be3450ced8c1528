-- How much of a table's quality columns can be judged, in the worst season, month and date. Asked
-- for each table that a gate of this file is named for, in the place of each_table.
WITH scores AS (
  SELECT
    game_date,
    game_id,
    is_production_ready,
    EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season,
    FORMAT_DATE('%Y-%m', game_date) AS month,
    IF(IS_NAN(quality_score) OR IS_INF(quality_score), NULL, quality_score) AS score
  FROM nba_analytics.each_table
  WHERE game_date BETWEEN @window_start AND @window_end
),

-- A season or month that has only just begun is not full, unless it is all there is.
periods AS (
  SELECT
    GROUPING(game_date) = 0 AS is_date,
    GROUPING(game_id) = 0 AS is_game,
    GROUPING(season) = 0 AS is_season,
    COALESCE(CAST(season AS STRING), month, CAST(game_date AS STRING), game_id) AS part,
    COUNT(DISTINCT game_id) >= LEAST(@enough_games, MAX(COUNT(DISTINCT game_id)) OVER ())
    AND GROUPING(game_date) + GROUPING(game_id) = 2 AS is_full,
    COUNT(*) AS records,
    COUNTIF(is_production_ready) AS ready,
    COUNT(score) AS scored,
    SUM(PARSE_NUMERIC(CAST(score AS STRING))) AS score
  FROM scores
  GROUP BY GROUPING SETS ((season), (month), (game_date), (game_id))
)

SELECT
  COALESCE(SUM(IF(is_season, records, 0)), 0) AS window_rows,
  ARRAY_AGG(
    STRUCT(scored AS numerator, records AS denominator, part AS period)
    ORDER BY IF(is_full, scored / records, 2), part LIMIT 1
  )[OFFSET(0)] AS worst_scored,
  ARRAY_AGG(
    STRUCT(scored AS numerator, records AS denominator, part AS game)
    ORDER BY IF(is_game, scored / records, 2), part LIMIT 1
  )[OFFSET(0)] AS worst_game_scored,
  ARRAY_AGG(
    STRUCT(score AS numerator, scored AS denominator, part AS period)
    ORDER BY IF(is_full AND scored > 0, score / scored, 1000), part LIMIT 1
  )[OFFSET(0)] AS worst_quality_score,
  ARRAY_AGG(
    STRUCT(ready AS numerator, records AS denominator, part AS game_date)
    ORDER BY IF(is_date, ready / records, 2), part LIMIT 1
  )[OFFSET(0)] AS worst_date_ready
FROM periods
