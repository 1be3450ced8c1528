-- The player table by season, month, date and game: of those who played, who has what he should
-- have, and by column the rows that have a value. A season or month that has only just begun is not
-- full, unless it is all there is.
SELECT
  COALESCE(CAST(season AS STRING), month, CAST(game_date AS STRING), game_id) AS part,
  CASE
    WHEN GROUPING(season) = 0 THEN 'season'
    WHEN GROUPING(month) = 0 THEN 'month'
    WHEN GROUPING(game_date) = 0 THEN 'date'
    ELSE 'game'
  END AS kind,
  COUNT(DISTINCT game_id) >= LEAST(@enough_games, MAX(COUNT(DISTINCT game_id)) OVER ()) AS is_full,
  COUNT(*) AS records,
  COUNTIF(has_played) AS played,
  COUNTIF(has_played AND minutes_played IS NOT NULL) AS with_minutes,
  COUNTIF(has_played AND COALESCE(plays, 1) > 0) AS with_plays,
  COUNTIF(has_played AND COALESCE(plays, 1) > 0 AND usage_rate IS NOT NULL) AS with_usage,
  COUNTIF(usage_rate IS NOT NULL AND minutes_played >= 5 AND usage_from_shots > 0) AS usage_judged,
  COUNTIF(
    minutes_played >= 5
    AND usage_from_shots > 0
    AND usage_rate
    BETWEEN usage_from_shots * (0.98 - rounding) - 0.1
    AND usage_from_shots * length_of_game * (1.02 + rounding) + 0.1
  ) AS usage_near,
  COUNTIF(has_played AND paint_attempts IS NOT NULL) AS with_zones,
  [
    STRUCT(
      'fg_attempts' AS what,
      COUNTIF(has_played AND fg_attempts IS NOT NULL) AS filled,
      COUNTIF(has_played) AS due
    ),
    ('fg_makes', COUNTIF(has_played AND fg_makes IS NOT NULL), COUNTIF(has_played)),
    (
      'three_pt_attempts',
      COUNTIF(has_played AND three_pt_attempts IS NOT NULL),
      COUNTIF(has_played)
    ),
    ('three_pt_makes', COUNTIF(has_played AND three_pt_makes IS NOT NULL), COUNTIF(has_played)),
    ('ft_attempts', COUNTIF(has_played AND ft_attempts IS NOT NULL), COUNTIF(has_played)),
    ('ft_makes', COUNTIF(has_played AND ft_makes IS NOT NULL), COUNTIF(has_played)),
    ('assists', COUNTIF(has_played AND assists IS NOT NULL), COUNTIF(has_played)),
    (
      'offensive_rebounds',
      COUNTIF(has_played AND offensive_rebounds IS NOT NULL),
      COUNTIF(has_played)
    ),
    (
      'defensive_rebounds',
      COUNTIF(has_played AND defensive_rebounds IS NOT NULL),
      COUNTIF(has_played)
    ),
    ('steals', COUNTIF(has_played AND steals IS NOT NULL), COUNTIF(has_played)),
    ('blocks', COUNTIF(has_played AND blocks IS NOT NULL), COUNTIF(has_played)),
    ('turnovers', COUNTIF(has_played AND turnovers IS NOT NULL), COUNTIF(has_played)),
    ('plus_minus', COUNTIF(has_played AND plus_minus IS NOT NULL), COUNTIF(has_played)),
    ('personal_fouls', COUNTIF(has_played AND personal_fouls IS NOT NULL), COUNTIF(has_played)),
    (
      'ts_pct',
      COUNTIF(has_played AND true_shooting IS NOT NULL AND ts_pct IS NOT NULL),
      COUNTIF(has_played AND true_shooting IS NOT NULL)
    ),
    (
      'efg_pct',
      COUNTIF(has_played AND effective_goals IS NOT NULL AND efg_pct IS NOT NULL),
      COUNTIF(has_played AND effective_goals IS NOT NULL)
    )
  ] AS filled_columns
FROM judged_players
GROUP BY GROUPING SETS ((season), (month), (game_date), (game_id))
