-- One row: the date whose mean fatigue is farthest from what is typical.
SELECT
  ARRAY_AGG(
    STRUCT(away AS numerator, game_date AS game_date, scores AS denominator)
    ORDER BY away / scores DESC, game_date ASC LIMIT 1
  )[OFFSET(0)] AS fatigue_date_mean
FROM factor_dates
