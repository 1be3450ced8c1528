from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_missing_games(row: Row, gate: Judge) -> None:
    assert gate(row.missing_games)


def test_unscheduled_games(row: Row, gate: Judge) -> None:
    assert gate(row.unscheduled_games)


def test_partial_dates(row: Row, gate: Judge) -> None:
    assert gate(row.partial_dates)


def test_incomplete_games(row: Row, gate: Judge) -> None:
    assert gate(row.incomplete_games)


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


def test_constant_columns(row: Row, gate: Judge) -> None:
    assert gate(row.constant_columns)


def test_implausible_months(row: Row, gate: Judge) -> None:
    assert gate(row.implausible_months)
