-- The dates that the schedule lists, and the edges of the window as dates with games, so that games
-- which begin late or end early leave a gap there: each with the next one that was played, and the
-- most days that the league's calendar has between the two.
SELECT
  game_date,
  is_listed,
  is_played,
  games,
  due,
  processed_at,
  LEAD(game_date) OVER (PARTITION BY is_played ORDER BY game_date) AS next_date,
  CASE
    WHEN
      COALESCE(DATE_DIFF(game_date, season_start, DAY) >= @over_from_day, TRUE)
      THEN COALESCE(DATE_DIFF(next_start, game_date, DAY), @summer_days)
    WHEN
      DATE_DIFF(game_date, season_start, DAY)
      BETWEEN @all_star_from[OFFSET(0)] AND @all_star_from[OFFSET(1)]
      OR DATE_DIFF(game_date, season_start, DAY)
      BETWEEN @finals_from[OFFSET(0)] AND @finals_from[OFFSET(1)]
      THEN @longest_break
    ELSE @usual_break
  END AS most_days
FROM seasonal_days
