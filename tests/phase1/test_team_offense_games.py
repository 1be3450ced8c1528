from gates.measure.result import Row
from gates.plugin.hooks import Judge


def test_missing_games(team_offense_games: Row, gate: Judge) -> None:
    assert gate(team_offense_games.missing_games)


def test_unknown_games(team_offense_games: Row, gate: Judge) -> None:
    assert gate(team_offense_games.unknown_games)


def test_partial_dates(team_offense_games: Row, gate: Judge) -> None:
    assert gate(team_offense_games.partial_dates)


def test_thin_games(team_offense_games: Row, gate: Judge) -> None:
    assert gate(team_offense_games.thin_games)


def test_longest_gap(team_offense_games: Row, gate: Judge) -> None:
    assert gate(team_offense_games.longest_gap)


def test_duplicate_rows(team_offense_games: Row, gate: Judge) -> None:
    assert gate(team_offense_games.duplicate_rows)


def test_duplicate_dates(team_offense_games: Row, gate: Judge) -> None:
    assert gate(team_offense_games.duplicate_dates)


def test_one_sided_games(team_offense_games: Row, gate: Judge) -> None:
    assert gate(team_offense_games.one_sided_games)


def test_swapped_games(team_offense_games: Row, gate: Judge) -> None:
    assert gate(team_offense_games.swapped_games)


def test_dead_columns(team_offense_games: Row, gate: Judge) -> None:
    assert gate(team_offense_games.dead_columns)


def test_odd_months(team_offense_games: Row, gate: Judge) -> None:
    assert gate(team_offense_games.odd_months)
