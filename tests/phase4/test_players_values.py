from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_absent_from_factors(row: Row, gate: Judge) -> None:
    assert gate(row.absent_from_factors)


def test_absent_from_features(row: Row, gate: Judge) -> None:
    assert gate(row.absent_from_features)


def test_absent_from_zones(row: Row, gate: Judge) -> None:
    assert gate(row.absent_from_zones)


def test_absent_from_cache(row: Row, gate: Judge) -> None:
    assert gate(row.absent_from_cache)
