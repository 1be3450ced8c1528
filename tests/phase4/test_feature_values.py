from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_judged_values(row: Row, gate: Judge) -> None:
    assert gate(row.judged_values)


def test_player_features(row: Row, gate: Judge) -> None:
    assert gate(row.player_features)


def test_factor_features(row: Row, gate: Judge) -> None:
    assert gate(row.factor_features)
