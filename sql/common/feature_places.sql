-- Where each feature stands in the vectors of `stored`, which the asking query gives. Nearly all
-- rows name them in one order, so they are looked for once for each order that there is.
SELECT
  orders.order_of_names,
  MAX(IF(column_name = 'points_avg_last_5', feature_offset + 1, NULL)) AS points_5,
  MAX(IF(column_name = 'points_avg_last_10', feature_offset + 1, NULL)) AS points_10,
  MAX(IF(column_name = 'points_avg_season', feature_offset + 1, NULL)) AS points_season,
  MAX(IF(column_name = 'minutes_avg_last_10', feature_offset + 1, NULL)) AS minutes_10,
  MAX(IF(column_name = 'fatigue_score', feature_offset + 1, NULL)) AS fatigue,
  MAX(IF(column_name = 'shot_zone_mismatch_score', feature_offset + 1, NULL)) AS mismatch,
  MAX(IF(column_name = 'pace_score', feature_offset + 1, NULL)) AS pace
FROM (
  SELECT
    order_of_names,
    ANY_VALUE(feature_names) AS feature_names
  FROM stored
  GROUP BY order_of_names
) AS orders
CROSS JOIN UNNEST(orders.feature_names) AS column_name WITH OFFSET AS feature_offset
GROUP BY orders.order_of_names
