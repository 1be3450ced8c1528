from gates.measure.job_log import BackfillLog
from gates.plugin.judge import Judge


def test_success_rate(backfill_log: BackfillLog, gate: Judge) -> None:
    assert gate(backfill_log.success_rate)


def test_window_days(backfill_log: BackfillLog, gate: Judge) -> None:
    assert gate(backfill_log.window_days)


def test_failed_validations(backfill_log: BackfillLog, gate: Judge) -> None:
    assert gate(backfill_log.failed_validations)
