"""What make lets through: words for the programs, and no exit status that was not earned."""

import os
import pty
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from harness import GATES_PYTHON, ROOT, environment_of_make, make

# What fails at once, since nobody listens there.
NOBODY = "127.0.0.1:9"
NO_GO = 2
PAGE = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
WIDTH = 80
LISTED = re.compile(r"^  (make [a-z0-9-]+) +(.+)$(?:\n    (make .+)$)?", re.MULTILINE)


@pytest.mark.usefixtures("gates_by_make")
@pytest.mark.parametrize(
    "words", ["-x || true #", "; true #", "$(shell touch made)", "`touch made`"]
)
def test_no_shell_reads_what_stands_in_args(words: str, tmp_path: Path) -> None:
    for target in ("validate-phase12", "backfill-plan", "diagnose"):
        gate = "GATE=phase2.player_game_summary.usage_rate"
        done = make(tmp_path, NOBODY, target, gate, f"ARGS={words} {tmp_path}/made")
        assert done.returncode == NO_GO
        assert not (tmp_path / "made").exists()


@pytest.mark.usefixtures("gates_by_make")
def test_a_quote_that_is_not_closed_is_said(tmp_path: Path) -> None:
    done = make(tmp_path, NOBODY, "validate-phase12", "ARGS=-k 'usage")
    assert done.returncode == NO_GO
    assert "ARGS cannot be read (No closing quotation); close its quotes." in done.stderr


@pytest.mark.usefixtures("gates_by_make")
def test_words_with_quotes_and_spaces_reach_pytest(tmp_path: Path) -> None:
    done = make(tmp_path, NOBODY, "validate-phase12", "ARGS=--co -k 'usage_rate and not worst'")
    assert done.stdout.count("::test_") == 1
    assert done.stdout.count("::test_usage_rate\n") == 1
    # Collecting is not a run of the gates.
    assert done.returncode == NO_GO


@pytest.mark.parametrize("flags", ["i", "n", "q", "t", "kn", "-i"])
@pytest.mark.parametrize(
    "target", ["validate", "validate-phase12", "preflight", "backfill", "decide"]
)
def test_a_make_that_takes_no_notice_of_exit_statuses_is_refused(
    flags: str, target: str, tmp_path: Path
) -> None:
    done = make(tmp_path, NOBODY, target, MAKEFLAGS=flags)
    assert done.returncode == NO_GO
    assert "would end in 0 whatever the gates say" in done.stderr
    assert make(tmp_path, NOBODY, "help", MAKEFLAGS=flags).returncode < NO_GO


@pytest.mark.usefixtures("gates_by_make")
def test_several_stages_are_all_run_and_the_worst_is_the_exit_status(tmp_path: Path) -> None:
    done = make(tmp_path, NOBODY, "validate", "STAGES=preflight phase4", "SEASON=2024-25")
    assert done.stdout.count("DECISION: NO-GO") == len(("preflight", "phase4"))
    assert "2024-10-22 to 2025-09-30" in done.stdout
    assert "Error 6" in done.stderr
    assert done.returncode == NO_GO


@pytest.mark.parametrize("stages", ["", "phase12 phase5", "$(shell touch made)", "phase12; true"])
def test_a_stage_that_is_not_known_is_refused(stages: str, tmp_path: Path) -> None:
    done = make(tmp_path, NOBODY, "validate", f"STAGES={stages}")
    assert "STAGES is not understood" in done.stderr
    assert done.returncode == NO_GO
    assert not (tmp_path / "made").exists()


@pytest.mark.usefixtures("gates_by_make")
@pytest.mark.parametrize("name", ["WINDOW", "SEASON", "SINCE"])
def test_no_shell_reads_what_stands_in_a_window(name: str, tmp_path: Path) -> None:
    done = make(tmp_path, NOBODY, "validate-phase12", f"{name}='; touch {tmp_path}/made; '")
    assert "is not understood" in done.stderr or "is not a date" in done.stderr
    assert done.returncode == NO_GO
    assert not (tmp_path / "made").exists()


@pytest.mark.usefixtures("gates_by_make")
@pytest.mark.parametrize("flags", ["k", "s", "j2"])
def test_other_flags_of_make_are_as_ever(flags: str, tmp_path: Path) -> None:
    done = make(tmp_path, NOBODY, "validate-phase12", MAKEFLAGS=flags)
    assert done.returncode == NO_GO
    assert "NO-GO" in done.stdout


@pytest.mark.usefixtures("gates_by_make")
def test_a_python_that_stays_open_at_a_terminal_earns_no_0(tmp_path: Path) -> None:
    keyboard, terminal = pty.openpty()
    try:
        # Ctrl-D, for each program that would ask for more.
        os.write(keyboard, b"\x04" * 4)
        done = subprocess.run(
            ["make", "decide"],
            cwd=ROOT,
            env=environment_of_make(tmp_path, NOBODY) | {"PYTHONINSPECT": "1"},
            stdin=terminal,
            capture_output=True,
            text=True,
        )
    finally:
        os.close(terminal)
        os.close(keyboard)
    assert "DECISION: NO-GO" in done.stdout
    assert done.returncode == NO_GO


def listed(tmp_path: Path) -> list[tuple[str, str, str]]:
    """What `make` lists: command, what it does, its example."""
    return LISTED.findall(make(tmp_path, NOBODY, "help").stdout)


def test_every_target_is_listed_in_one_group(tmp_path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    commands = [command for command, _, _ in listed(tmp_path)]
    assert sorted(commands) == sorted(f"make {name}" for line in phony for name in line.split())
    assert len(set(commands)) == len(commands)


def test_the_list_has_the_runbooks_order_and_fits_a_terminal(tmp_path: Path) -> None:
    printed = make(tmp_path, NOBODY, "help").stdout
    groups = re.findall(r"^[A-Z].+$", printed, re.MULTILINE)
    assert groups[0] == "Before a run"
    steps = [int(step) for each in groups for step in re.findall(r"\d", each.partition(":")[0])]
    assert steps == [1, 4, 5, 6, 7, 8, 9]
    assert [line for line in printed.splitlines() if len(line) > WIDTH] == []


def test_every_example_is_of_its_command_and_sets_what_the_makefile_knows(tmp_path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([A-Z]+) \?=", makefile, re.MULTILINE))
    examples = [(command, example) for command, _, example in listed(tmp_path) if example]
    assert len(examples) > 10
    for command, example in examples:
        assert example.startswith(f"{command} ")
        words = [word.partition("=") for word in shlex.split(example)[2:]]
        assert {name for name, _, _ in words} <= known
        assert all(value for _, _, value in words)


@pytest.mark.parametrize(
    "target", re.findall(r"`([a-z-]+)`", PAGE.partition("a table or a list: ")[2].partition(".")[0])
)
def test_a_table_is_had_as_json_in_one_way(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (recipe,) = re.findall(rf"^{target}: .*\n\t(.+)$", makefile, re.MULTILINE)
    assert "$(WITH_FORMAT)" in recipe
    words = re.search(r"-m (gates|backfill|doctor)((?: [a-z]+)?)", recipe)
    assert words is not None
    command = [str(GATES_PYTHON), "-m", words[1], *words[2].split(), "--help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "--json" in shown
    (formats,) = set(re.findall(r"--format \{(.+?)\}", shown))
    assert {"table", "json"} <= set(formats.split(","))


def test_the_page_of_commands_lists_the_same(tmp_path: Path) -> None:
    rows = re.findall(r"^\| `(make [a-z0-9-]+)` \| (.+) \| (?:`(.+)`)? ?\|$", PAGE, re.MULTILINE)
    assert rows == listed(tmp_path)
