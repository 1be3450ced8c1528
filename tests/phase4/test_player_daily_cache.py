from gates.measure.result import Row
from gates.plugin.hooks import Judge


def test_duplicate_rows(player_daily_cache: Row, gate: Judge) -> None:
    assert gate(player_daily_cache.duplicate_rows)
