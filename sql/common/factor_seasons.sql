-- The seasons of player_composite_factors, which the asking query gives as table_rows, with the
-- columns that have no or one value. In a season's first weeks no shot zones are known, and all
-- mismatches are 0.
SELECT
  season,
  [
    IF(COUNT(DISTINCT fatigue_score) < 2, 'fatigue_score', ''),
    IF(COUNT(DISTINCT shot_zone_mismatch_score) < 2, 'shot_zone_mismatch_score', ''),
    IF(COUNT(DISTINCT pace_score) < 2, 'pace_score', ''),
    IF(COUNT(DISTINCT usage_spike_score) < 2, 'usage_spike_score', ''),
    IF(COUNT(DISTINCT referee_favorability_score) < 2, 'referee_favorability_score', ''),
    IF(COUNT(DISTINCT look_ahead_pressure_score) < 2, 'look_ahead_pressure_score', ''),
    IF(COUNT(DISTINCT travel_impact_score) < 2, 'travel_impact_score', ''),
    IF(COUNT(DISTINCT opponent_strength_score) < 2, 'opponent_strength_score', ''),
    IF(COUNT(DISTINCT total_composite_adjustment) < 2, 'total_composite_adjustment', '')
  ] AS without_values
FROM table_rows
GROUP BY season
HAVING COUNT(DISTINCT game_date) >= @dead_after_dates
