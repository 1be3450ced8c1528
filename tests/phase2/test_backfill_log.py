from gates.logs import BackfillLog
from gates.plugin import Judge


def test_success_rate(backfill_log: BackfillLog, gate: Judge) -> None:
    assert gate(backfill_log.success_rate)
