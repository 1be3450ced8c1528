from gates.measure.runner import EachTable
from gates.plugin.hooks import Judge


def test_missing_games(phase3_tables: EachTable, gate: Judge, which: str) -> None:
    assert gate(phase3_tables[which].missing_games)


def test_unknown_games(phase3_tables: EachTable, gate: Judge, which: str) -> None:
    assert gate(phase3_tables[which].unknown_games)


def test_partial_dates(phase3_tables: EachTable, gate: Judge, which: str) -> None:
    assert gate(phase3_tables[which].partial_dates)


def test_thin_games(phase3_tables: EachTable, gate: Judge, which: str) -> None:
    assert gate(phase3_tables[which].thin_games)


def test_duplicate_rows(phase3_tables: EachTable, gate: Judge, which: str) -> None:
    assert gate(phase3_tables[which].duplicate_rows)


def test_duplicate_dates(phase3_tables: EachTable, gate: Judge, which: str) -> None:
    assert gate(phase3_tables[which].duplicate_dates)


def test_malformed_ids(phase3_tables: EachTable, gate: Judge, which: str) -> None:
    assert gate(phase3_tables[which].malformed_ids)


def test_longest_gap(phase3_tables: EachTable, gate: Judge, which: str) -> None:
    assert gate(phase3_tables[which].longest_gap)
