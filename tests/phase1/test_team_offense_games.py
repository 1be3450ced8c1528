from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_missing_games(row: Row, gate: Judge) -> None:
    assert gate(row.missing_games)


def test_unknown_games(row: Row, gate: Judge) -> None:
    assert gate(row.unknown_games)


def test_partial_dates(row: Row, gate: Judge) -> None:
    assert gate(row.partial_dates)


def test_thin_games(row: Row, gate: Judge) -> None:
    assert gate(row.thin_games)


def test_longest_gap(row: Row, gate: Judge) -> None:
    assert gate(row.longest_gap)


def test_duplicate_rows(row: Row, gate: Judge) -> None:
    assert gate(row.duplicate_rows)


def test_duplicate_dates(row: Row, gate: Judge) -> None:
    assert gate(row.duplicate_dates)


def test_one_sided_games(row: Row, gate: Judge) -> None:
    assert gate(row.one_sided_games)


def test_swapped_games(row: Row, gate: Judge) -> None:
    assert gate(row.swapped_games)


def test_dead_columns(row: Row, gate: Judge) -> None:
    assert gate(row.dead_columns)


def test_odd_months(row: Row, gate: Judge) -> None:
    assert gate(row.odd_months)
