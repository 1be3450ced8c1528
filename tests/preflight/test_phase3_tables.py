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


def test_duplicate_rows(row: Row, gate: Judge) -> None:
    assert gate(row.duplicate_rows)


def test_duplicate_dates(row: Row, gate: Judge) -> None:
    assert gate(row.duplicate_dates)


def test_malformed_ids(row: Row, gate: Judge) -> None:
    assert gate(row.malformed_ids)


def test_longest_gap(row: Row, gate: Judge) -> None:
    assert gate(row.longest_gap)
