-- One row: the month that is worst in each respect.
SELECT
  ARRAY_AGG(
    STRUCT(fatigue_away AS numerator, fatigue AS denominator, month AS month)
    ORDER BY fatigue_away / fatigue DESC, month ASC LIMIT 1
  )[OFFSET(0)] AS fatigue_month_mean,
  ARRAY_AGG(
    STRUCT(mismatch_away AS numerator, mismatch AS denominator, month AS month)
    ORDER BY mismatch_away / mismatch DESC, month ASC LIMIT 1
  )[OFFSET(0)] AS mismatch_month_mean,
  ARRAY_AGG(
    STRUCT(pace_away AS numerator, pace AS denominator, month AS month)
    ORDER BY pace_away / pace DESC, month ASC LIMIT 1
  )[OFFSET(0)] AS pace_month_mean,
  ARRAY_AGG(
    STRUCT(fatigue_default AS numerator, fatigue AS denominator, month AS month)
    ORDER BY fatigue_default / fatigue DESC, month ASC LIMIT 1
  )[OFFSET(0)] AS fatigue_default_share,
  ARRAY_AGG(
    STRUCT(mismatch_default AS numerator, with_zones AS denominator, month AS month)
    ORDER BY mismatch_default / with_zones DESC, month ASC LIMIT 1
  )[OFFSET(0)] AS mismatch_default_share,
  ARRAY_AGG(
    STRUCT(pace_default AS numerator, pace AS denominator, month AS month)
    ORDER BY pace_default / pace DESC, month ASC LIMIT 1
  )[OFFSET(0)] AS pace_default_share
FROM factor_months
