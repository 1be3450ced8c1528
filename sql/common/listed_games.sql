-- The same with what has become of each row. A game that was put off keeps a row on its old date,
-- called off or without a score; a playoff series that is decided keeps the games that it did not
-- need. What is 'due' should be over.
SELECT
  game_date,
  game_id,
  game_status,
  away_team_tricode,
  home_team_tricode,
  CASE
    WHEN is_over THEN 'over'
    WHEN game_status IN UNNEST(@not_played_status) THEN 'called off'
    WHEN
      is_unscored
      AND MAX(IF(is_over, game_date, NULL)) OVER (PARTITION BY game_id) != game_date
      THEN 'moved'
    WHEN
      is_unscored
      AND is_playoff
      AND GREATEST(
        COUNT(DISTINCT IF(is_over AND winner = first_team, game_id, NULL))
          OVER (PARTITION BY season, is_playoff, first_team, second_team),
        COUNT(DISTINCT IF(is_over AND winner = second_team, game_id, NULL))
          OVER (PARTITION BY season, is_playoff, first_team, second_team)
      ) >= @series_wins
      THEN 'not needed'
    ELSE 'due'
  END AS fate
FROM league_games
