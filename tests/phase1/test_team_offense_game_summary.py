from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_game_count(row: Row, gate: Judge) -> None:
    assert gate(row.game_count)


def test_records_per_game(row: Row, gate: Judge) -> None:
    assert gate(row.records_per_game)


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


def test_team_attempts(row: Row, gate: Judge) -> None:
    assert gate(row.team_attempts)


def test_usage_inputs(row: Row, gate: Judge) -> None:
    assert gate(row.usage_inputs)


def test_quality_scale(row: Row, gate: Judge) -> None:
    assert gate(row.quality_scale)
