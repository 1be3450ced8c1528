"""What the operator sees of a run: a bar with the time left on a terminal, elsewhere lines."""

import io
import re
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from builders import http

from backfill.attempts import Attempt
from backfill.progress import Progress
from backfill.service import Answer
from gates.measure.failure import Failure

NOON = datetime(2026, 1, 3, 12, tzinfo=UTC)
DATES = 40
MINUTE = timedelta(minutes=1)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def attempt(number: int, failures: list[Failure]) -> Attempt:
    """One that begins when the one before it is over, and takes a minute."""
    started = NOON + number * MINUTE
    day = date(2024, 11, 5) + timedelta(days=number)
    return Attempt(day, 1, started, started + MINUTE, 200, {"PDC": "success"}, {}, failures)


def told(log: Path, *outcomes: list[Failure]) -> list[str]:
    """The log of a run with these attempts."""
    with Progress(DATES, ["PDC"], log) as progress:
        for number, failures in enumerate(outcomes):
            progress.on_attempt(attempt(number, failures), Answer("answered", 200), not failures)
    return log.read_text(encoding="utf-8").splitlines()


def test_a_log_has_a_line_for_each_attempt_and_the_time_left_after_each_tenth_date(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = told(tmp_path / "backfill.log", *[[]] * 10)
    assert lines[0] == "✅ 2024-11-05: 60.0s - 1/1 processors, 0 players"
    assert lines[10:] == [
        "--- Progress: 10/40 (25.0%) - 10 successful (100.0%) - about 0:30:00 left ---"
    ]
    assert capsys.readouterr().out.splitlines() == lines


def test_what_failed_has_still_to_be_done(tmp_path: Path) -> None:
    lines = told(tmp_path / "backfill.log", *[http(503)] * 5, *[[]] * 5)
    # Five dates in ten minutes leave thirty-five.
    assert lines[10].endswith("- 5 successful (50.0%) - about 1:10:00 left ---")


def test_while_nothing_is_complete_no_time_is_named(tmp_path: Path) -> None:
    lines = told(tmp_path / "backfill.log", *[http(503)] * 10)
    assert lines[10] == "--- Progress: 10/40 (25.0%) - 0 successful (0.0%) ---"


def test_a_terminal_has_a_bar_with_the_time_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    lines = told(tmp_path / "backfill.log", *[[]] * 10)
    last = terminal.getvalue().rstrip().split("\r")[-1]
    assert re.search(r" 10/40 \[\d\d:\d\d<\d\d:\d\d, .*, 100\.0% successful\]", last)
    # The bar stands for the lines of progress, in the log as well.
    assert [line[:1] for line in lines] == ["✅"] * 10
