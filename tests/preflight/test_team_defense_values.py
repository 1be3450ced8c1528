from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_judged_values(row: Row, gate: Judge) -> None:
    assert gate(row.judged_values)


def test_points_allowed(row: Row, gate: Judge) -> None:
    assert gate(row.points_allowed)


def test_opponent_counts(row: Row, gate: Judge) -> None:
    assert gate(row.opponent_counts)


def test_opponent_zones(row: Row, gate: Judge) -> None:
    assert gate(row.opponent_zones)


def test_opponent_ratings(row: Row, gate: Judge) -> None:
    assert gate(row.opponent_ratings)


def test_other_seasons(row: Row, gate: Judge) -> None:
    assert gate(row.other_seasons)


def test_home_and_opponent(row: Row, gate: Judge) -> None:
    assert gate(row.home_and_opponent)
