from gates.measure.result import Row
from gates.plugin.hooks import Judge


def test_duplicate_rows(player_shot_zone_analysis: Row, gate: Judge) -> None:
    assert gate(player_shot_zone_analysis.duplicate_rows)


def test_shot_rates(player_shot_zone_analysis: Row, gate: Judge) -> None:
    assert gate(player_shot_zone_analysis.shot_rates)


def test_implausible_rows(player_shot_zone_analysis: Row, gate: Judge) -> None:
    assert gate(player_shot_zone_analysis.implausible_rows)
