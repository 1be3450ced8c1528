"""Whatever a server does that BigQuery documents, the gates and their commands say the same."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from as_google import DRY_RUN_BYTES, Google
from harness import GatesProject, GatesRun, counts_alone
from http_faults import serving


@pytest.fixture
def both(project: GatesProject) -> Iterator[tuple[GatesProject, str, Google]]:
    """The project, the address of a server as Google's in front of its own, and that server."""
    assert project.host is not None
    google = Google(project.host)
    with serving(google) as (host, _):
        yield project, host, google


def measured(run: GatesRun) -> dict[str, Any]:
    assert run.record is not None
    return {
        gate["id"]: (gate["status"], gate["numerator"], gate["denominator"], gate["detail"])
        for gate in run.record["gates"]
    }


@pytest.mark.parametrize("stage", ["phase12", "preflight", "phase4"])
def test_the_gates_measure_the_same(both: tuple[GatesProject, str, Google], stage: str) -> None:
    project, host, google = both
    counts_alone(project)
    here = measured(project.run(stage=stage))
    project.host = host
    there = measured(project.run(stage=stage))
    assert there == here
    # The time and the job at least.
    assert google.seen["running"] >= 2


def test_the_backfill_reads_the_same_dates(both: tuple[GatesProject, str, Google]) -> None:
    project, host, google = both
    here = project.python("-m", "backfill", "plan")
    project.host = host
    there = project.python("-m", "backfill", "plan")
    assert (there.returncode, there.stdout) == (here.returncode, here.stdout)
    assert "Dates to process: 207 " in here.stdout
    # A row for each date, some hundred pages of them.
    assert google.seen["page"] > 100


def test_diagnose_lists_the_same_rows(both: tuple[GatesProject, str, Google]) -> None:
    project, host, google = both
    words = ("-m", "gates", "diagnose", "--format", "json")
    gate = "phase4.player_composite_factors.coverage"
    here = project.python(*words, gate)
    project.host = host
    there = project.python(*words, gate)
    assert (there.returncode, there.stdout) == (here.returncode, here.stdout)
    assert len(json.loads(here.stdout)) > 100
    assert google.seen["page"] > 10


def test_cost_takes_its_word(both: tuple[GatesProject, str, Google]) -> None:
    project, host, google = both
    project.host = host
    done = project.python("-m", "gates", "cost", "--format", "json")
    found = json.loads(done.stdout)
    assert {each["bytes_read"] for each in found} == {DRY_RUN_BYTES}
    assert google.seen["dry run"] == len(found)


def test_the_doctor_is_content_but_for_what_it_may_not_see(
    both: tuple[GatesProject, str, Google],
) -> None:
    project, host, _ = both
    project.host = host
    done = project.python("-m", "doctor", "--json")
    found = {each["what"]: each for each in json.loads(done.stdout)}
    notes = [what for what, each in found.items() if each["is_note"] and "row access" in what]
    assert len(notes) == 11
    for stage in ("phase12", "preflight", "phase4"):
        jobs = found[f"Jobs of {stage}"]
        assert jobs["holds"]
        assert "by a model" not in jobs["found"]


def test_limits_and_lost_answers_are_passed_over(both: tuple[GatesProject, str, Google]) -> None:
    project, host, google = both
    project.host = host
    counts_alone(project)
    assert project.run().decision == "GO"
    assert google.seen["rate limit"] >= 1
    # An answer was lost after the job was made, which the same request then finds.
    assert google.seen["lost answer"] == google.seen["duplicate"] >= 1
