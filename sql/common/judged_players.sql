-- The player table's rows, each with the usage_rate that follows from its shots and its team's, per
-- 48 minutes, as the platform computes it, or as many as the game took.
SELECT
  box_rows.*,
  team_totals.entry AS team_entry,
  CASE
    WHEN
      box_rows.has_played AND box_rows.minutes_played > 0 AND team_totals.plays > 0
      THEN 4800 * box_rows.plays / (box_rows.minutes_played * team_totals.plays)
  END AS usage_from_shots,
  1 + 5 * COALESCE(team_totals.overtimes, 0) / 48 AS length_of_game,
  box_rows.points / NULLIF(2 * (box_rows.fg_attempts + 0.44 * box_rows.ft_attempts), 0)
    AS true_shooting,
  (box_rows.fg_makes + 0.5 * box_rows.three_pt_makes) / NULLIF(box_rows.fg_attempts, 0)
    AS effective_goals,
  -- A tenth of a minute is all that is known, which is much of a short one.
  0.06 / NULLIF(box_rows.minutes_played, 0) AS rounding
FROM box_rows
LEFT JOIN team_totals
  ON box_rows.game_id = team_totals.game_id AND box_rows.team_abbr = team_totals.team_abbr
