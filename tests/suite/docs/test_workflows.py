"""What the workflows do on GitHub, as far as it can be tried here: their steps, and their lint."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness import ROOT, TestWarehouse, make

from gates.commands.watch import WITHIN
from gates.config.settings import load
from gates.decide import announced, history

FOLDER = ROOT / ".github/workflows"
FILES = sorted(FOLDER.glob("*.yml"))
TEXTS = {file.stem: file.read_text(encoding="utf-8") for file in FILES}
DOCUMENT = (ROOT / "docs/how-to/github.md").read_text(encoding="utf-8")
each_workflow = pytest.mark.parametrize("name", TEXTS)
# Commits that were looked up; a newer one is looked up before it stands here.
PINS = {
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/setup-python": ("5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0"),
    "actions/upload-artifact": ("043fb46d1a93c77aae656e7c1c64a875d1fc6a0a", "v7.0.1"),
    "actions/cache": ("55cc8345863c7cc4c66a329aec7e433d2d1c52a9", "v6.1.0"),
    "google-github-actions/auth": ("7c6bc770dae815cd3e89ee6cdf493a5fab2cc093", "v3.0.0"),
}


def workflow(name: str) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(TEXTS[name])
    # YAML 1.1 reads the key `on` as a truth value.
    return found | {"on": found[True]}


def job(name: str) -> dict[str, Any]:
    (found,) = workflow(name)["jobs"].values()
    return dict(found)


def steps(name: str) -> list[dict[str, Any]]:
    return list(job(name)["steps"])


def step(name: str, words: str) -> dict[str, Any]:
    """The one step whose command or action holds these words."""
    (found,) = (s for s in steps(name) if words in s.get("run", "") + s.get("uses", ""))
    return found


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from leaves(each)
    else:
        yield str(value)


def test_there_are_three() -> None:
    assert {name: workflow(name)["name"] for name in TEXTS} == {
        "tests": "tests",
        "validate": "validate",
        "watch": "watch",
    }


@each_workflow
def test_every_action_is_pinned_to_a_commit_that_was_looked_up(name: str) -> None:
    used = re.findall(r"uses: ([\w-]+/[\w-]+)(?:/\w+)?@(\S+) # (\S+)$", TEXTS[name], re.MULTILINE)
    assert len(used) == TEXTS[name].count("uses:") > 0
    assert {(action, sha, version) for action, sha, version in used} <= {
        (action, sha, version) for action, (sha, version) in PINS.items()
    }


@pytest.mark.parametrize(
    ("name", "permissions"),
    [
        ("validate", {"contents": "read", "id-token": "write"}),
        ("tests", {"contents": "read"}),
        ("watch", {"contents": "read", "actions": "read"}),
    ],
)
def test_a_job_may_do_what_it_needs_and_no_more(name: str, permissions: dict[str, str]) -> None:
    assert workflow(name)["permissions"] == {}
    assert job(name)["permissions"] == permissions
    assert step(name, "actions/checkout")["with"]["persist-credentials"] is False
    assert job(name)["timeout-minutes"] <= 60
    assert "group" in workflow(name)["concurrency"]


@each_workflow
def test_no_command_is_made_of_an_expression(name: str) -> None:
    commands = [each["run"] for each in steps(name) if "run" in each]
    assert commands
    assert not any("${{" in command for command in commands)
    assert all(len(command.strip().splitlines()) == 1 for command in commands)


@each_workflow
def test_a_step_that_is_referred_to_exists(name: str) -> None:
    known = [each["id"] for each in steps(name) if "id" in each]
    assert set(re.findall(r"steps\.([\w-]+)\.", TEXTS[name])) == set(known)


def test_the_scheduled_job_signs_in_without_a_key() -> None:
    given = step("validate", "google-github-actions/auth")["with"]
    assert given == {
        "workload_identity_provider": "${{ vars.GCP_WORKLOAD_IDENTITY_PROVIDER }}",
        "service_account": "${{ vars.GCP_SERVICE_ACCOUNT }}",
    }
    assert job("validate")["env"]["GATES_TARGET"] == "bigquery"
    assert job("validate")["env"]["GATES_PROFILE"] == "scheduled"


def test_the_webhook_is_known_to_one_step_alone() -> None:
    announce = step("validate", "make ci-announce")
    assert announce["env"] == {"GATES_WEBHOOK": "${{ secrets.GATES_WEBHOOK }}"}
    others = [each for each in steps("validate") if each != announce]
    rest = [*leaves(others), *leaves(job("validate")["env"])]
    assert not any("secrets" in text for text in rest)


@pytest.mark.parametrize("command", ["preflight", "validate-phase4"])
def test_a_stage_by_choice_runs_also_after_a_no_go(command: str) -> None:
    chosen = command.removeprefix("validate-")
    assert step("validate", f"make {command}")["if"] == (
        "${{ !cancelled() && steps.phase12.conclusion != 'skipped' && "
        f"(inputs.stage == '{chosen}' || inputs.stage == 'all') }}}}"
    )
    # No verdict hangs on the history, and none is made without an account to ask with.
    assert step("validate", "make validate-phase12")["if"] == (
        "${{ !cancelled() && steps.google.conclusion == 'success' }}"
    )
    inputs = workflow("validate")["on"]["workflow_dispatch"]["inputs"]
    assert inputs["stage"]["options"] == ["phase12", "preflight", "phase4", "all"]


@pytest.mark.parametrize("words", ["make ci-summary", "make ci-announce", "upload-artifact"])
def test_a_no_go_is_shown_and_kept(words: str) -> None:
    assert step("validate", words)["if"] in ("always()", "${{ !cancelled() }}")


def test_no_step_lets_a_no_go_pass() -> None:
    assert "continue-on-error" not in TEXTS["validate"]
    assert "|| true" not in TEXTS["validate"]


def test_the_history_is_kept_after_everything_that_writes_it() -> None:
    at = {each["name"]: place for place, each in enumerate(steps("validate"))}
    assert at["Restore the history"] < at["Phases 1 and 2"]
    assert at["Keep the history"] > at["Announce what is worse or well again"]
    restored, kept = (
        each["with"]
        for each in steps("validate")
        if "history" in each.get("with", {}).get("path", "")
    )
    assert kept.items() <= restored.items()
    assert kept["path"].split() == [f"state/{name}" for name in (history.FILE, announced.FILE)]


def minutes(name: str) -> int:
    """The daily time, in minutes after midnight UTC, at which a workflow is due."""
    (entry,) = workflow(name)["on"]["schedule"]
    minute, hour, *days = entry["cron"].split()
    assert days == ["*", "*", "*"]
    return int(hour) * 60 + int(minute)


def test_the_job_comes_after_the_night_and_the_watch_after_the_job() -> None:
    # 03:00 UTC is the last tip-off; yesterday in New York ends at 05:00 UTC at the latest.
    assert minutes("validate") > 6 * 60
    assert minutes("watch") > minutes("validate") + job("validate")["timeout-minutes"]


def test_the_watch_does_not_take_yesterdays_run_for_todays() -> None:
    since = minutes("watch") - minutes("validate")
    assert since < WITHIN.total_seconds() / 60 < 24 * 60 + since


def test_the_watch_asks_for_runs_of_the_scheduled_job() -> None:
    command = step("watch", "gh api")["run"]
    assert "actions/workflows/validate.yml/runs?event=schedule" in command
    assert command.endswith("| python3 -m gates watch")
    assert workflow("watch")["defaults"]["run"]["shell"] == "bash"


def test_the_tests_are_the_gate_to_landing() -> None:
    one = step("tests", ".ci/run")
    assert (one["run"], one["env"]) == ('.ci/run "$PART"', {"PART": "${{ matrix.part }}"})
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    for part in job("tests")["strategy"]["matrix"]["part"]:
        assert f"\n{part}() {{" in script
    # As a whole it does what the three do, with the tests in one run.
    whole = script[script.index('\n  "")\n') : script.index("\n  *)\n")]
    begun = [line.split(" ", maxsplit=1)[0] for line in whole.split("\n    ")]
    assert [part for part in begun if part in ("lint", "commands", "wait", "make")] == [
        *("lint", "commands", "wait", "make")
    ]
    assert 'wait "$linters" || { cat "$said"; exit 1; }\n' in whole
    assert whole.endswith("\n    make test\n    ;;")
    assert "\n  commands\n  make test-stack\n" in script
    assert f"  {' | '.join(job('tests')['strategy']['matrix']['part'])}) " in script
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert {"push", "pull_request"} == workflow("tests")["on"].keys()
    assert workflow("tests")["concurrency"]["cancel-in-progress"] is True


def lint_commands() -> list[list[str]]:
    """The commands of `make lint` that look at workflows."""
    shown = subprocess.run(
        ["make", "--dry-run", "lint"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = [line.split() for line in shown.stdout.splitlines() if ".github/workflows" in line]
    assert len(found) == 2
    return found


def linted(folder: Path) -> str:
    """What `make lint` says of the workflows under `folder`; empty where all is well."""
    said = ""
    for program, *words in lint_commands():
        files = [str(file) for file in sorted((folder / ".github/workflows").iterdir())]
        given = [f for word in words for f in (files if word.endswith("*.yml") else [word])]
        done = subprocess.run([ROOT / program, *given], cwd=folder, capture_output=True, text=True)
        said += done.stdout + done.stderr if done.returncode else ""
    return said


def broken(folder: Path, old: str, new: str) -> Path:
    shutil.copytree(FOLDER, folder / ".github/workflows")
    file = folder / ".github/workflows/validate.yml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    return folder


def test_the_workflows_pass_the_linters(tmp_path: Path) -> None:
    assert linted(broken(tmp_path, "name: validate", "name: validate")) == ""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "run: make validate-phase12",
            'run: make validate-phase12 ARGS="--window ${{ inputs.window }}"',
            "template-injection",
        ),
        ("5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0", "v7", "unpinned-uses"),
        ("permissions: {}", "permissions: write-all", "excessive-permissions"),
        ("          persist-credentials: false", "          clean: true", "artipacked"),
        ("    environment: validate", "    # environment:", "secrets-outside-env"),
        ("    timeout-minutes: 60", "    timeout-minuts: 60", "timeout-minuts"),
        ("      contents: read #", "      contents: raed #", "raed"),
    ],
    ids=[
        "template injection",
        "tag",
        "permissions",
        "credentials",
        "secret",
        "unknown key",
        "unknown value",
    ],
)
def test_the_linters_see_what_is_wrong(old: str, new: str, says: str, tmp_path: Path) -> None:
    assert says in linted(broken(tmp_path, old, new))


# The suite's warehouse does not reach to yesterday.
KNOWN_DAYS = "WINDOW=2024-10-01..2026-01-02"


def test_ci_local_runs_the_steps_of_the_scheduled_job(
    warehouse: TestWarehouse, tmp_path: Path
) -> None:
    done = make(tmp_path, warehouse.host, "ci-local", "CHOICE=all", KNOWN_DAYS)
    ran = re.findall(r"^── (make \S+)$", done.stdout, re.MULTILINE)
    commands = [each["run"] for each in steps("validate") if "run" in each]
    setting_up = ["touch .venv/ready", "make .venv/ready"]
    in_the_job = [each.partition(" >>")[0] for each in commands if each not in setting_up]
    assert ran == in_the_job
    # Phase 4 has not been filled in, so this job is red, and has said so of every stage.
    assert done.returncode == 2
    summary = done.stdout.partition("── make ci-summary\n")[2].partition("── make ci-announce\n")[0]
    for stage in ("phase12", "preflight", "phase4"):
        assert (tmp_path / f"reports/{stage}/decision.md").read_text(encoding="utf-8") in summary
    told = done.stdout.partition("── make ci-announce\n")[2].partition("──")[0]
    said = "phase4: NO-GO; nothing was sent, because GATES_WEBHOOK is not set."
    assert told == f"{said}\nNext: make history\n"


def test_ci_local_ends_well_on_a_go(warehouse: TestWarehouse, tmp_path: Path) -> None:
    # Whatever target and profile the caller has, this one is embedded and scheduled.
    environ = {"GATES_TARGET": "bigquery", "GATES_PROFILE": "other"}
    done = make(tmp_path, warehouse.host, "ci-local", KNOWN_DAYS, **environ)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PROFILE: scheduled" in done.stdout
    assert "Target: local" in done.stdout
    assert re.findall(r"^── make (\S+)$", done.stdout, re.MULTILINE) == [
        "history-fetch",
        "validate-phase12",
        "ci-summary",
        "ci-announce",
        "history-store",
    ]


@pytest.mark.parametrize(
    ("choice", "stages"),
    [
        ("phase12", ["phase12"]),
        ("preflight", ["phase12", "preflight"]),
        ("phase4", ["phase12", "phase4"]),
        ("all", ["phase12", "preflight", "phase4"]),
        ("", ["phase12"]),
    ],
)
def test_a_run_that_left_no_record_is_in_the_summary_as_that(
    choice: str, stages: list[str], tmp_path: Path
) -> None:
    done = make(tmp_path, "", "ci-summary", CHOICE=choice)
    assert done.returncode == 0
    assert done.stdout.split("\n\n")[:-1] == [
        f"**{stage}: NO-GO.** No record was written; the output of its run says why."
        for stage in stages
    ]


HOSTILE = [
    "$(touch {file})",
    "`touch {file}`",
    "'; touch {file}; '",
    '"; touch {file}; "',
    "$(shell touch {file})",
    "$$(touch {file})",
    "x\ntouch {file}\n",
    "x'\ntouch {file} #'",
    "x\\",
    "--stage=preflight",
    "phase1=2021-10-19..2026-01-02 --stage preflight",
]


@dataclass(frozen=True)
class Words:
    """A program that takes the place of Python, and the words that it was given."""

    program: Path

    def given(self, name: str, text: str, target: str) -> Iterator[list[str]]:
        """The words of `make TARGET` with the variable in the environment and on the line."""
        folder = self.program.parent
        for words, environ in (((f"{name}={text}",), {}), ((), {name: text})):
            noted = folder / "words"
            noted.unlink(missing_ok=True)
            make(folder, "127.0.0.1:9", target, f"GATES={self.program}", *words, **environ)
            yield noted.read_text(encoding="utf-8").split("\0") if noted.exists() else []


@pytest.fixture
def words(tmp_path: Path) -> Words:
    program = tmp_path / "python"
    program.write_text(
        '#!/bin/sh\nprintf "%s\\0" "$@" > "$(dirname "$0")/words"\n', encoding="utf-8"
    )
    program.chmod(0o755)
    return Words(program)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_window_is_one_word_whatever_it_holds(text: str, words: Words, tmp_path: Path) -> None:
    file = tmp_path / "made"
    window = text.format(file=file)
    for given in words.given("WINDOW", window, "validate-phase12"):
        assert not file.exists()
        # A line break ends the command, so that nothing is run but what deletes the old record.
        run = ["-m", "gates", "validate", "phase12", f"--window={window}"]
        forget = ["-m", "gates", "delete-previous", "phase12"]
        assert given[:5] == ([*forget, ""] if "\n" in text else run)


@pytest.mark.parametrize("text", HOSTILE)
def test_so_is_the_link(text: str, words: Words, tmp_path: Path) -> None:
    file = tmp_path / "made"
    link = text.format(file=file)
    for target in ("ci-summary", "ci-announce"):
        for given in words.given("LINK", link, target):
            assert not file.exists()
            if target == "ci-announce" and "\n" not in text:
                assert given[:5] == ["-m", "gates", "announce", f"--link={link}", "phase12"]


@pytest.mark.parametrize("text", [*HOSTILE, "phase-4", "Preflight", "final", "all phase5"])
@pytest.mark.parametrize("target", ["ci-local", "ci-summary", "ci-announce"])
def test_a_choice_that_is_not_understood_runs_nothing(
    text: str, target: str, words: Words, tmp_path: Path
) -> None:
    file = tmp_path / "made"
    for given in words.given("CHOICE", text.format(file=file), target):
        assert not file.exists()
        assert given == []
    done = make(tmp_path, "127.0.0.1:9", target, CHOICE=text)
    assert (done.returncode, done.stdout) == (2, "")
    assert "CHOICE is not understood, expected one of phase12, preflight, " in done.stderr


def test_a_window_reaches_the_run(warehouse: TestWarehouse, tmp_path: Path) -> None:
    window = "preflight=2024-11-06..2024-11-30"
    for words, environ in (((f"WINDOW={window}",), {}), ((), {"WINDOW": window})):
        done = make(tmp_path, warehouse.host, "preflight", *words, **environ)
        assert "PREFLIGHT: SCHEDULE  2024-11-06 to 2024-11-30" in done.stdout


def test_every_variable_and_secret_is_documented_and_used() -> None:
    used = set(re.findall(r"(vars|secrets)\.(\w+)", "".join(TEXTS.values())))
    kinds = {"variable": "vars", "secret": "secrets"}
    rows = re.findall(r"^\| `(\w+)` \| (variable|secret) \|", DOCUMENT, re.MULTILINE)
    assert {(kinds[kind], name) for name, kind in rows} == used
    commands = re.findall(r"gh (variable|secret) set (\w+)", DOCUMENT)
    assert {(kinds[kind], name) for kind, name in commands} == used


def test_the_documents_commands_are_commands_and_name_what_gates_toml_names() -> None:
    blocks = re.findall(r"```(\w*)\n(.*?)```", DOCUMENT, re.DOTALL)
    commands = [block for language, block in blocks if not language]
    assert len(commands) > 3
    for block in commands:
        subprocess.run(["bash", "-n"], input=block, text=True, check=True)
    target = load({"GATES_TARGET": "bigquery"}, datetime.now(UTC)).target
    assert f"for DATASET in {' '.join(target.datasets.values())}; do" in DOCUMENT
    assert f"PROJECT={target.project}\n" in DOCUMENT
    assert f"--location={target.location} " in DOCUMENT


def test_the_document_names_the_environment_and_the_times() -> None:
    assert f"environments/{job('validate')['environment']}" in DOCUMENT
    for name in ("validate", "watch"):
        hour, minute = divmod(minutes(name), 60)
        assert f"{hour:02}:{minute:02} UTC" in DOCUMENT


def test_the_document_lists_the_targets_that_the_job_runs() -> None:
    targets = {
        target
        for each in steps("validate")
        for target in re.findall(r"make ([a-z0-9-]+)", each.get("run", ""))
    }
    rows = re.findall(r"^\| `make ([a-z0-9-]+)` \|", DOCUMENT, re.MULTILINE)
    assert set(rows) == {*targets, "ci-local"}
