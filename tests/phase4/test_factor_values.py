from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_null_game(row: Row, gate: Judge) -> None:
    assert gate(row.null_game)


def test_default_game(row: Row, gate: Judge) -> None:
    assert gate(row.default_game)


def test_default_date(row: Row, gate: Judge) -> None:
    assert gate(row.default_date)


def test_pace_default_game(row: Row, gate: Judge) -> None:
    assert gate(row.pace_default_game)


def test_mismatch_default_date(row: Row, gate: Judge) -> None:
    assert gate(row.mismatch_default_date)


def test_pace_direction(row: Row, gate: Judge) -> None:
    assert gate(row.pace_direction)


def test_fatigue_by_load(row: Row, gate: Judge) -> None:
    assert gate(row.fatigue_by_load)
