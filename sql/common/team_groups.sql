-- The team table by season, month and date: by column the rows that have a value. A season or month
-- that has only just begun is not full, unless it is all there is.
SELECT
  GROUPING(game_date) = 0 AS is_date,
  COALESCE(CAST(season AS STRING), month, CAST(game_date AS STRING)) AS part,
  COUNT(*) AS records,
  COUNT(DISTINCT game_id) >= LEAST(@enough_games, MAX(COUNT(DISTINCT game_id)) OVER ()) AS is_full,
  [
    STRUCT(
      'second_chance_points_scored' AS what, COUNT(second_chance_points_scored) AS filled
    ),
    ('personal_fouls', COUNT(personal_fouls)),
    ('ts_pct', COUNT(ts_pct)),
    ('overtime_periods', COUNT(overtime_periods)),
    ('margin_of_victory', COUNT(margin_of_victory))
  ] AS filled_columns
FROM team_totals
GROUP BY GROUPING SETS ((season), (month), (game_date))
