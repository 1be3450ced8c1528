from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_judged_values(row: Row, gate: Judge) -> None:
    assert gate(row.judged_values)


def test_rest_and_load(row: Row, gate: Judge) -> None:
    assert gate(row.rest_and_load)


def test_other_seasons(row: Row, gate: Judge) -> None:
    assert gate(row.other_seasons)


def test_home_and_opponent(row: Row, gate: Judge) -> None:
    assert gate(row.home_and_opponent)
