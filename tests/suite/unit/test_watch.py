"""The watch over the scheduled job: it speaks up unless a run has judged in the last 26 hours."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from harness import ROOT

from gates.commands.watch import said

NOW = datetime(2026, 1, 3, 17, 40, tzinfo=UTC)


def run(hours: float, conclusion: str | None = "success", **others: Any) -> dict[str, Any]:
    started = (NOW - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "event": "schedule",
        "status": "completed" if conclusion else "in_progress",
        "conclusion": conclusion,
        "run_started_at": started,
        "html_url": f"https://github.example/runs/{hours}",
        **others,
    }


def judged(*runs: dict[str, Any]) -> tuple[bool, str]:
    return said(json.dumps({"workflow_runs": runs}), NOW)


@pytest.mark.parametrize("conclusion", ["success", "failure"])
@pytest.mark.parametrize("hours", [0.5, 5, 26])
def test_a_run_that_judged_is_enough(conclusion: str, hours: float) -> None:
    has_run, sentence = judged(run(hours, conclusion), run(29))
    assert has_run
    assert sentence.startswith(f"The scheduled job has run: {conclusion}, started 2026-01-0")


@pytest.mark.parametrize("conclusion", ["cancelled", "timed_out", "skipped", "startup_failure"])
def test_a_run_that_was_stopped_is_none(conclusion: str) -> None:
    has_run, sentence = judged(run(5, conclusion), run(29))
    assert not has_run
    assert sentence.startswith(f"The scheduled job has not ended as it should: {conclusion}, ")


def test_a_run_that_goes_on_is_none_yet() -> None:
    has_run, sentence = judged(run(5, None), run(29))
    assert (has_run, "in_progress" in sentence) == (False, True)


def test_one_that_judged_counts_beside_one_that_goes_on() -> None:
    assert judged(run(0.5, None), run(5, "failure"))[0]


def test_an_old_run_is_none() -> None:
    has_run, sentence = judged(run(50), run(26.1))
    assert not has_run
    assert "has not run in 26 hours, the newest is success" in sentence
    assert "runs/26.1" in sentence


def test_a_run_by_hand_does_not_stand_in_for_it() -> None:
    has_run, sentence = judged(run(5, event="workflow_dispatch"))
    assert not has_run
    assert "there is none at all" in sentence


@pytest.mark.parametrize(
    "answer",
    ["", "{}", "[]", "null", '{"message": "Not Found"}', '{"workflow_runs": [{}]}'],
)
def test_an_answer_that_is_not_understood_is_no_run(answer: str) -> None:
    has_run, sentence = said(answer, NOW)
    assert not has_run
    assert sentence.startswith("GitHub's list of runs cannot be read (")


@pytest.mark.parametrize(("hours", "status"), [(1, 0), (27, 1)])
def test_as_a_program_it_needs_nothing_installed(hours: float, status: int) -> None:
    started = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
    # -I -S: not even what is installed beside Python is there.
    script = (
        f"import runpy, sys; sys.path.insert(0, {str(ROOT)!r}); sys.argv = ['-m', 'watch']; "
        "runpy.run_module('gates', run_name='__main__', alter_sys=True)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script],
        input=json.dumps({"workflow_runs": [run(0, run_started_at=started)]}),
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stderr
    assert done.stdout.startswith("::error::" if status else "The scheduled job has run")
