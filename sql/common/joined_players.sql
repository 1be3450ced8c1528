-- One row: what of the player table joins the team table.
SELECT
  STRUCT(
    COUNTIF(has_team_row) AS numerator,
    COUNT(*) AS denominator,
    COALESCE(
      ARRAY_AGG(
        IF(has_team_row OR team_number > 1 OR place > @keys_shown, NULL, game_id) IGNORE NULLS
        ORDER BY game_id
      ),
      []
    ) AS no_team_row
  ) AS joinable_games,
  STRUCT(
    SUM(IF(has_team_row, with_usage, NULL)) AS numerator,
    SUM(IF(has_team_row, played, NULL)) AS denominator
  ) AS usage_given_team
FROM player_games
