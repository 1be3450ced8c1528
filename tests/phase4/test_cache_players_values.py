from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_judged_values(row: Row, gate: Judge) -> None:
    assert gate(row.judged_values)


def test_team_averages(row: Row, gate: Judge) -> None:
    assert gate(row.team_averages)


def test_first_scorers(row: Row, gate: Judge) -> None:
    assert gate(row.first_scorers)


def test_first_of_team(row: Row, gate: Judge) -> None:
    assert gate(row.first_of_team)
