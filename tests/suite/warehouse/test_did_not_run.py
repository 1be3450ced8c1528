"""A gate that did not run is a NO-GO, whatever pytest itself would have said about it."""

import json

import pytest
from harness import ALONE_OR_WITH_A_WORKER, GatesProject, GatesRun, counts_alone

GATE = "phase2.player_game_summary.usage_rate"
FILE = "tests/phase2/test_player_game_summary.py"
LINE = "    assert gate(row.usage_rate)\n"
XFAIL = "@__import__('pytest').mark.xfail"
BODY, NAME = "    assert gate(row.{})\n", "def test_{}("
# Measure -> what of its test becomes what, and what is then said of it.
SAYS_NOTHING = {
    "minutes_played": (BODY, "    import pytest; pytest.skip('not today')\n", "was skipped: "),
    "usage_rate": (BODY, "    import pytest; pytest.xfail('known')\n", "expected failure"),
    "shot_zones": (BODY, "    raise KeyError('lost')\n", "its test crashed: KeyError: 'lost'"),
    "quality_score": (BODY, "    pass\n", "its test passed without a measurement"),
    "production_ready": (BODY, BODY.replace("{}", "{}s"), "has no column production_readys"),
    "critical_issues": (
        BODY,
        BODY + "    assert not 'sure'\n",
        "its test failed after the measurement",
    ),
    "malformed_ids": (NAME, "def once_test_{}(", "its test did not run"),
    "box_score": (NAME, f"{XFAIL}()\n{NAME}", "[XPASS(strict)]"),
    "minutes_range": (NAME, f"{XFAIL}(strict=False)\n{NAME}", "expected failure"),
}


@pytest.fixture
def project(project: GatesProject) -> GatesProject:
    return counts_alone(project)


def runs(project: GatesProject, workers: str, *words: str) -> GatesRun:
    return project.run("-n", workers, *words)


def assert_not_evaluated(run: GatesRun, why: str, gate: str = GATE, status: int = 6) -> None:
    assert run.decision == "NO-GO"
    assert run.statuses[gate] == "not_evaluated"
    assert why in run.details[gate]
    assert run.status == status
    assert "DECISION: NO-GO" in run.output


@ALONE_OR_WITH_A_WORKER
def test_everything_ran(project: GatesProject, workers: str) -> None:
    run = runs(project, workers)
    assert (run.status, run.decision, run.others_than_pass()) == (0, "GO", {})


@ALONE_OR_WITH_A_WORKER
def test_a_test_that_says_nothing(project: GatesProject, workers: str) -> None:
    for measure, (old, new, _) in SAYS_NOTHING.items():
        project.edit(FILE, old.format(measure), new.format(measure))
    run = runs(project, workers)
    for measure, (_, _, why) in SAYS_NOTHING.items():
        assert_not_evaluated(run, why, f"phase2.player_game_summary.{measure}")
    assert [name.rpartition(".")[2] for name in run.others_than_pass()] == list(SAYS_NOTHING)


@ALONE_OR_WITH_A_WORKER
def test_a_test_that_forgets_to_assert_does_not_pass_for_it(
    project: GatesProject, workers: str
) -> None:
    project.edit(FILE, LINE, LINE.replace("assert ", ""))
    project.edit(
        "gates.toml",
        'at_least = 95\nunit = "%"\nof = "rows of those who played',
        'at_least = 99\nunit = "%"\nof = "rows of those who played',
    )
    run = runs(project, workers)
    assert run.statuses[GATE] == "fail"
    assert (run.decision, run.status) == ("NO-GO", 1)


@ALONE_OR_WITH_A_WORKER
def test_deselected(project: GatesProject, workers: str) -> None:
    words = ("tests/phase1", "tests/phase2", "-k", "not usage_rate", "-m", "not phase1")
    run = runs(project, workers, *words)
    # By its path, by -m and by -k.
    for gate in ("orchestrator.run.stopped", "phase1.team_offense_game_summary.game_count", GATE):
        assert_not_evaluated(run, "its test did not run", gate)
    assert run.statuses["phase2.player_game_summary.minutes_played"] == "pass"


@ALONE_OR_WITH_A_WORKER
def test_a_gate_file_that_cannot_be_imported(project: GatesProject, workers: str) -> None:
    project.edit(FILE, "from gates.measure.result import Row\n", "import no_such_module\n")
    run = runs(project, workers)
    why = "could not be imported: ModuleNotFoundError: No module named 'no_such_module'"
    assert_not_evaluated(run, why)
    assert FILE in run.details[GATE]


@ALONE_OR_WITH_A_WORKER
def test_a_gate_file_of_another_stage_is_no_part_of_a_run(
    project: GatesProject, workers: str
) -> None:
    project.profile = None
    (project.folder / "tests/phase4/test_factors.py").write_text("import no_such_module\n")
    run = runs(project, workers)
    assert (run.status, run.decision) == (0, "GO")
    assert "deselected" not in run.output


@ALONE_OR_WITH_A_WORKER
def test_a_fixture_that_fails(project: GatesProject, workers: str) -> None:
    place = "    source = source_of(entry)\n"
    raised = f"    if entry.id == '{GATE}':\n        raise PermissionError('403 refused')\n"
    project.edit("conftest.py", place, raised + place)
    run = runs(project, workers)
    assert_not_evaluated(run, "its setup failed: PermissionError: 403 refused")


def test_a_worker_that_crashes(project: GatesProject) -> None:
    project.edit(FILE, LINE, "    import os; os._exit(1)\n")
    run = runs(project, "2")
    assert_not_evaluated(run, "the worker that ran it crashed")
    assert list(run.others_than_pass()) == [GATE]


def test_a_process_that_dies_leaves_no_record(project: GatesProject) -> None:
    assert project.run().decision == "GO"
    project.edit(FILE, LINE, "    import os; os._exit(0)\n")
    run = project.run()
    assert (run.status, run.record) == (6, None)


@ALONE_OR_WITH_A_WORKER
def test_something_that_cannot_travel_from_a_worker(project: GatesProject, workers: str) -> None:
    line = "    gate._item.user_properties.append(('when', __import__('datetime').date.today()))\n"
    project.edit(FILE, LINE, line + LINE)
    run = runs(project, workers)
    # Alone nothing has to travel; with workers pytest-xdist may end with 0 and "3 passed".
    if workers == "0":
        assert run.decision == "GO"
    else:
        assert run.decision == "NO-GO"
        assert run.status != 0


def test_what_fits_in_no_record_decides_nothing(project: GatesProject) -> None:
    # A count that no table of a warehouse can hold.
    large = "dataclasses.replace(row.usage_rate, table=[{'n': 10**60}])"
    project.edit(FILE, LINE, f"    import dataclasses\n    assert gate({large})\n")
    run = project.run()
    assert (run.status, run.record) == (6, None)
    assert "what was measured fits in no record (table.0.n." in run.output


@ALONE_OR_WITH_A_WORKER
@pytest.mark.parametrize("status", ["0", "3"])
def test_pytest_exit(project: GatesProject, workers: str, status: str) -> None:
    line = f"    import pytest; pytest.exit('enough', returncode={status})\n"
    project.edit(FILE, LINE, line)
    run = runs(project, workers)
    assert run.decision == "NO-GO"
    assert run.status != 0


@ALONE_OR_WITH_A_WORKER
def test_stopped_at_the_first_failure(project: GatesProject, workers: str) -> None:
    project.edit("gates.toml", "at_least = 5_600", "at_least = 6_000")
    run = runs(project, workers, "-x")
    assert (run.decision, run.status) == ("NO-GO", 1)


@ALONE_OR_WITH_A_WORKER
@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("--bogus",), {4}),
        (("--window", "phase9=2021-10-19..2026-01-02"), {4}),
        (("tests/no_such_folder",), {4, 5, 6}),
        # With workers pytest calls it an internal error.
        (("-m", "phase1 and"), {3, 4}),
        (("-m", "pahse1"), {3, 4}),
    ],
    ids=["option", "window", "path", "marker expression", "marker typo"],
)
def test_no_old_go_survives_a_usage_error(
    project: GatesProject, workers: str, words: tuple[str, ...], status: set[int]
) -> None:
    project.record_file().parent.mkdir(parents=True)
    project.record_file().write_text(json.dumps({"decision": "GO", "gates": []}), encoding="utf-8")
    run = runs(project, workers, *words)
    assert run.decision in (None, "NO-GO")
    assert run.status in status


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        (
            "at_least = 5_600",
            "at_leest = 5_600",
            "phase1.team_offense_game_summary.game_count.at_leest",
        ),
        ("phase1 = [2021-10-19,", "phase1 = [2027-10-19,", "windows.phase1"),
        ("[orchestrator.run.stopped]", "[orchestrator.run.stopd]", "orchestrator.run.stopped"),
    ],
    ids=["unknown key", "window", "test without a gate"],
)
def test_a_wrong_setting_is_a_usage_error(
    project: GatesProject, old: str, new: str, key: str
) -> None:
    project.edit("gates.toml", old, new)
    run = project.run()
    assert run.status == 4
    assert run.decision in (None, "NO-GO")
    assert key in run.output


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        (
            "sql/phase2/player_game_summary.sql",
            "SELECT 1\nFROM WITHOUT a AS (\n",
            ".sql line 2, at AS: Invalid expression / Unexpected token, expected one SELECT",
        ),
        ("sql/common/schedule_days.sql", "SELECT 'found", ".sql: Error tokenizing"),
        ("schemas/nba_analytics.player_game_summary.json", "[]", ".json holds a list, expected an"),
        ("schemas/nba_analytics.player_game_summary.json", "{", ".json is not JSON ("),
        (
            "schemas/nba_analytics.player_game_summary.json",
            "{}",
            ".json: partition_column is missing; add it.",
        ),
    ],
    ids=["query", "shared relation", "bare list", "no JSON", "a key less"],
)
def test_a_query_or_schema_that_cannot_be_read_is_a_usage_error(
    project: GatesProject, file: str, content: str, said: str
) -> None:
    (project.folder / file).write_text(content, encoding="utf-8")
    run = project.run()
    assert run.status == 4
    assert run.decision in (None, "NO-GO")
    assert f"ERROR: {file.rpartition('.')[0]}{said}" in run.output
    assert "INTERNALERROR" not in run.output


def test_a_second_test_of_a_gate_is_a_usage_error(project: GatesProject) -> None:
    second = project.folder / "tests/phase2/more"
    second.mkdir()
    (second / "test_player_game_summary.py").write_text("def test_usage_rate(): pass\n")
    run = project.run("tests/phase2")
    assert run.status == 4
    assert "is not a gate of gates.toml" in run.output


def test_the_suites_own_tests_do_not_run_as_gates(project: GatesProject) -> None:
    suite = project.folder / "tests/suite"
    suite.mkdir()
    (suite / "test_anything.py").write_text("def test_anything(): pass\n")
    run = project.run("tests/phase1", "tests/suite")
    assert run.status == 4


@pytest.mark.parametrize("word", ["--collect-only", "--fixtures", "--fixtures-per-test"])
def test_what_decides_nothing_does_not_end_as_a_go_does(project: GatesProject, word: str) -> None:
    run = project.run(word)
    assert run.decision in (None, "NO-GO")
    assert run.status in (4, 6)


def test_a_query_with_several_rows_measures_nothing(project: GatesProject) -> None:
    project.edit(
        "sql/phase2/player_game_summary.sql",
        ") AS judged_rows",
        ") AS judged_rows GROUP BY game_date",
    )
    # Alone it has rows to count; beside others of its stage the server refuses the whole job, and
    # each is asked alone.
    for words in (("-k", "test_player_game_summary"), ()):
        run = project.run(*words)
        assert_not_evaluated(run, "rows, expected one")
        refused = {name for name, why in run.details.items() if "rows, expected one" in why}
        assert {name.rpartition(".")[0] for name in refused} == {"phase2.player_game_summary"}
    assert refused == set(run.others_than_pass())
