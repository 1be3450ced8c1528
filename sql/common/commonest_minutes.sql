-- One row: the commonest value of minutes_played.
SELECT
  ARRAY_AGG(
    STRUCT(records AS numerator, all_records AS denominator, common_value AS commonest)
    ORDER BY records DESC, common_value ASC LIMIT 1
  )[OFFSET(0)] AS commonest_minutes
FROM minutes_values
