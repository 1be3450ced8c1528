from gates.measure.result import Row
from gates.plugin.hooks import Judge


def test_missing_games(factors: Row, gate: Judge) -> None:
    assert gate(factors.missing_games)


def test_unknown_games(factors: Row, gate: Judge) -> None:
    assert gate(factors.unknown_games)


def test_partial_dates(factors: Row, gate: Judge) -> None:
    assert gate(factors.partial_dates)


def test_worst_date_players(factors: Row, gate: Judge) -> None:
    assert gate(factors.worst_date_players)


def test_longest_gap(factors: Row, gate: Judge) -> None:
    assert gate(factors.longest_gap)


def test_duplicate_rows(factors: Row, gate: Judge) -> None:
    assert gate(factors.duplicate_rows)


def test_duplicate_dates(factors: Row, gate: Judge) -> None:
    assert gate(factors.duplicate_dates)


def test_malformed_ids(factors: Row, gate: Judge) -> None:
    assert gate(factors.malformed_ids)


def test_fatigue_band(factors: Row, gate: Judge) -> None:
    assert gate(factors.fatigue_band)


def test_mismatch_band(factors: Row, gate: Judge) -> None:
    assert gate(factors.mismatch_band)


def test_pace_band(factors: Row, gate: Judge) -> None:
    assert gate(factors.pace_band)


def test_deferred_factors(factors: Row, gate: Judge) -> None:
    assert gate(factors.deferred_factors)


def test_adjustment_sum(factors: Row, gate: Judge) -> None:
    assert gate(factors.adjustment_sum)


def test_mixed_versions(factors: Row, gate: Judge) -> None:
    assert gate(factors.mixed_versions)


def test_older_than_context(factors: Row, gate: Judge) -> None:
    assert gate(factors.older_than_context)


def test_older_than_players(factors: Row, gate: Judge) -> None:
    assert gate(factors.older_than_players)


def test_fatigue_date_mean(factors: Row, gate: Judge) -> None:
    assert gate(factors.fatigue_date_mean)


def test_fatigue_month_mean(factors: Row, gate: Judge) -> None:
    assert gate(factors.fatigue_month_mean)


def test_mismatch_month_mean(factors: Row, gate: Judge) -> None:
    assert gate(factors.mismatch_month_mean)


def test_pace_month_mean(factors: Row, gate: Judge) -> None:
    assert gate(factors.pace_month_mean)


def test_fatigue_default_share(factors: Row, gate: Judge) -> None:
    assert gate(factors.fatigue_default_share)


def test_mismatch_default_share(factors: Row, gate: Judge) -> None:
    assert gate(factors.mismatch_default_share)


def test_pace_default_share(factors: Row, gate: Judge) -> None:
    assert gate(factors.pace_default_share)


def test_dead_columns(factors: Row, gate: Judge) -> None:
    assert gate(factors.dead_columns)
