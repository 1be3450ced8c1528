from gates.measure.result import Row
from gates.plugin.hooks import Judge


def test_duplicate_rows(team_defense_zone_analysis: Row, gate: Judge) -> None:
    assert gate(team_defense_zone_analysis.duplicate_rows)


def test_implausible_rows(team_defense_zone_analysis: Row, gate: Judge) -> None:
    assert gate(team_defense_zone_analysis.implausible_rows)
