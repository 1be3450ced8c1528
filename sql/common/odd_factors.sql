-- What is wrong with a row of player_composite_factors by itself; the asking query gives the rows
-- as table_rows.
SELECT
  is_malformed,
  CONCAT(game_id, ' ', entry) AS found,
  fatigue_score NOT BETWEEN 0 AND 100 AS fatigue_band,
  ABS(shot_zone_mismatch_score) > 15 AS mismatch_band,
  ABS(pace_score) > 8 AS pace_band,
  usage_spike_score != 0
  OR referee_favorability_score != 0
  OR look_ahead_pressure_score != 0
  OR travel_impact_score != 0
  OR opponent_strength_score != 0 AS deferred_factors,
  -- 20 points of fatigue take one from the adjustment; a factor that is not there counts as none.
  ABS(
    total_composite_adjustment
    - (fatigue_score - 100) / 20
    - COALESCE(shot_zone_mismatch_score, 0)
    - COALESCE(pace_score, 0)
    - COALESCE(usage_spike_score, 0)
    - COALESCE(referee_favorability_score, 0)
    - COALESCE(look_ahead_pressure_score, 0)
    - COALESCE(travel_impact_score, 0)
    - COALESCE(opponent_strength_score, 0)
  ) > 0.1 AS adjustment_sum
FROM table_rows
