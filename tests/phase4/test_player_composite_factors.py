from gates.measure.result import Row
from gates.plugin.hooks import Judge


def test_coverage(player_composite_factors: Row, gate: Judge) -> None:
    assert gate(player_composite_factors.coverage)


def test_bootstrap_rows(player_composite_factors: Row, gate: Judge) -> None:
    assert gate(player_composite_factors.bootstrap_rows)


def test_null_rate(player_composite_factors: Row, gate: Judge, which: str) -> None:
    assert gate(player_composite_factors.null_rate[which])


def test_records_per_date(player_composite_factors: Row, gate: Judge) -> None:
    assert gate(player_composite_factors.records_per_date)
