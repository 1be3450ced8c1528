-- How much of each regular season the window covers: all of it, or so many of its days.
SELECT
  EXTRACT(YEAR FROM opening) AS season,
  opening >= @window_start
  AND DATE_ADD(opening, INTERVAL @regular_days DAY) <= DATE_ADD(@window_end, INTERVAL 1 DAY)
    AS is_whole,
  DATE_DIFF(
    LEAST(DATE_ADD(opening, INTERVAL @regular_days DAY), DATE_ADD(@window_end, INTERVAL 1 DAY)),
    GREATEST(opening, @window_start),
    DAY
  ) AS days
FROM UNNEST(@season_starts) AS opening
