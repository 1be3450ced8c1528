from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_worst_date_players(row: Row, gate: Judge) -> None:
    assert gate(row.worst_date_players)


def test_unrated_date(row: Row, gate: Judge) -> None:
    assert gate(row.unrated_date)


def test_ready_date(row: Row, gate: Judge) -> None:
    assert gate(row.ready_date)


def test_duplicate_rows(row: Row, gate: Judge) -> None:
    assert gate(row.duplicate_rows)


def test_empty_rows(row: Row, gate: Judge) -> None:
    assert gate(row.empty_rows)


def test_vector_lengths(row: Row, gate: Judge) -> None:
    assert gate(row.vector_lengths)


def test_endless_features(row: Row, gate: Judge) -> None:
    assert gate(row.endless_features)


def test_implausible_rows(row: Row, gate: Judge) -> None:
    assert gate(row.implausible_rows)
