from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_roster_sizes(row: Row, gate: Judge) -> None:
    assert gate(row.roster_sizes)


def test_two_spellings(row: Row, gate: Judge) -> None:
    assert gate(row.two_spellings)


def test_worst_team_players(row: Row, gate: Judge) -> None:
    assert gate(row.worst_team_players)


def test_absent_players(row: Row, gate: Judge) -> None:
    assert gate(row.absent_players)
