from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_missing_games(row: Row, gate: Judge) -> None:
    assert gate(row.missing_games)


def test_unscheduled_games(row: Row, gate: Judge) -> None:
    assert gate(row.unscheduled_games)


def test_partial_dates(row: Row, gate: Judge) -> None:
    assert gate(row.partial_dates)


def test_worst_date_players(row: Row, gate: Judge) -> None:
    assert gate(row.worst_date_players)


def test_longest_gap(row: Row, gate: Judge) -> None:
    assert gate(row.longest_gap)


def test_duplicate_rows(row: Row, gate: Judge) -> None:
    assert gate(row.duplicate_rows)


def test_duplicate_dates(row: Row, gate: Judge) -> None:
    assert gate(row.duplicate_dates)


def test_malformed_ids(row: Row, gate: Judge) -> None:
    assert gate(row.malformed_ids)


def test_fatigue_band(row: Row, gate: Judge) -> None:
    assert gate(row.fatigue_band)


def test_mismatch_band(row: Row, gate: Judge) -> None:
    assert gate(row.mismatch_band)


def test_pace_band(row: Row, gate: Judge) -> None:
    assert gate(row.pace_band)


def test_deferred_factors(row: Row, gate: Judge) -> None:
    assert gate(row.deferred_factors)


def test_adjustment_sum(row: Row, gate: Judge) -> None:
    assert gate(row.adjustment_sum)


def test_mixed_versions(row: Row, gate: Judge) -> None:
    assert gate(row.mixed_versions)


def test_older_than_context(row: Row, gate: Judge) -> None:
    assert gate(row.older_than_context)


def test_older_than_players(row: Row, gate: Judge) -> None:
    assert gate(row.older_than_players)


def test_fatigue_date_mean(row: Row, gate: Judge) -> None:
    assert gate(row.fatigue_date_mean)


def test_fatigue_month_mean(row: Row, gate: Judge) -> None:
    assert gate(row.fatigue_month_mean)


def test_mismatch_month_mean(row: Row, gate: Judge) -> None:
    assert gate(row.mismatch_month_mean)


def test_pace_month_mean(row: Row, gate: Judge) -> None:
    assert gate(row.pace_month_mean)


def test_fatigue_default_share(row: Row, gate: Judge) -> None:
    assert gate(row.fatigue_default_share)


def test_mismatch_default_share(row: Row, gate: Judge) -> None:
    assert gate(row.mismatch_default_share)


def test_pace_default_share(row: Row, gate: Judge) -> None:
    assert gate(row.pace_default_share)


def test_constant_columns(row: Row, gate: Judge) -> None:
    assert gate(row.constant_columns)
