from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_record_count(row: Row, gate: Judge) -> None:
    assert gate(row.record_count)


def test_minutes_played(row: Row, gate: Judge) -> None:
    assert gate(row.minutes_played)


def test_usage_rate(row: Row, gate: Judge) -> None:
    assert gate(row.usage_rate)


def test_shot_zones(row: Row, gate: Judge) -> None:
    assert gate(row.shot_zones)


def test_quality_score(row: Row, gate: Judge) -> None:
    assert gate(row.quality_score)


def test_production_ready(row: Row, gate: Judge) -> None:
    assert gate(row.production_ready)


def test_critical_issues(row: Row, gate: Judge) -> None:
    assert gate(row.critical_issues)


def test_malformed_ids(row: Row, gate: Judge) -> None:
    assert gate(row.malformed_ids)


def test_box_score(row: Row, gate: Judge) -> None:
    assert gate(row.box_score)


def test_minutes_range(row: Row, gate: Judge) -> None:
    assert gate(row.minutes_range)


def test_usage_range(row: Row, gate: Judge) -> None:
    assert gate(row.usage_range)


def test_zero_points(row: Row, gate: Judge) -> None:
    assert gate(row.zero_points)


def test_zero_usage(row: Row, gate: Judge) -> None:
    assert gate(row.zero_usage)


def test_shot_attempts(row: Row, gate: Judge) -> None:
    assert gate(row.shot_attempts)


def test_quality_scale(row: Row, gate: Judge) -> None:
    assert gate(row.quality_scale)
