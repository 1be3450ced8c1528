"""`make compare`: two records side by side, whatever they are of and however they came to harm."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from builders import failed, recorded, unknown
from harness import MEASURED, ROOT, forked, make

from gates.config.settings import Settings, load
from gates.decide.record import record_file

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
NOBODY = "127.0.0.1:9"
USAGE = "phase2.player_game_summary.usage_rate"
COUNT = "phase1.team_offense_game_summary.game_count"
PAIR = "phase1.team_offense_game_summary.records_per_game"
MINUTES = "phase2.player_game_summary.minutes_played"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    environ = {
        "GATES_CONFIG": str(ROOT / "gates.toml"),
        "GATES_REPORTS": str(tmp_path / "reports"),
        "GATES_STATE": str(tmp_path / "state"),
    }
    return load(environ, NOW)


@pytest.fixture
def before(settings: Settings, tmp_path: Path) -> Path:
    return written(settings, tmp_path / "before.json")


def written(settings: Settings, file: Path, **others: Any) -> Path:
    """A record of phase12 under another name."""
    recorded(settings, "phase12", NOW, **others)
    shutil.copy(record_file(settings.reports, "phase12"), file)
    return file


def changed(file: Path, into: Path, gate: str, **values: Any) -> Path:
    content = json.loads(file.read_text(encoding="utf-8"))
    for entry in content["gates"]:
        entry.update(values if entry["id"] == gate else {})
    into.write_text(json.dumps(content), encoding="utf-8")
    return into


def comparing(
    folder: Path, one: object, other: object, kind: str
) -> "subprocess.CompletedProcess[str]":
    """What `make compare A=ONE B=OTHER FORMAT=KIND` runs."""
    words = ["-m", "gates", "compare", f"--format={kind}", "--", str(one), str(other)]
    return forked(ROOT, words, dict(MEASURED), folder)


def compared(tmp_path: Path, one: object, other: object, kind: str = "json") -> Any:
    done = comparing(tmp_path, one, other, kind)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if kind == "json" else done.stdout


def refused(tmp_path: Path, one: object, other: object) -> str:
    """The one sentence with which the two are refused."""
    done = comparing(tmp_path, one, other, "table")
    assert done.returncode != 0
    assert done.stdout == ""
    (sentence,) = done.stderr.splitlines()
    return sentence


def test_the_same_record_twice_has_no_gate_that_is_different(before: Path, tmp_path: Path) -> None:
    found = compared(tmp_path, before, before)
    assert found["gates"] == []
    assert found["before"] == found["after"]


def test_make_says_what_is_not_set(before: Path, tmp_path: Path) -> None:
    unset = make(tmp_path, NOBODY, "compare", f"A={before}")
    sentence, *make_says = unset.stderr.splitlines()
    assert (unset.returncode, unset.stdout) == (2, "")
    assert sentence.startswith("B is not set; set A and B to ")
    assert all(line.startswith("make: ") for line in make_says)


def test_a_gate_that_fails_now_is_shown_with_both_values(
    settings: Settings, before: Path, tmp_path: Path
) -> None:
    after = written(settings, tmp_path / "after.json", others={USAGE: failed, COUNT: unknown})
    found = {each["gate"]: each for each in compared(tmp_path, before, after)["gates"]}
    assert list(found) == [COUNT, USAGE]
    assert found[USAGE]["changed"] == ["status", "value"]
    values = [found[USAGE][side]["measured"] for side in ("before", "after")]
    assert values == [95, 94]
    assert found[COUNT]["after"]["status"] == "not_evaluated"
    printed = compared(tmp_path, before, after, "table")
    assert "pass → fail" in printed
    assert "95% → 94%" in printed
    *_, summary, last = printed.splitlines()
    assert summary.startswith("Different gates: 2 of ")
    assert summary.endswith(", 2 of them in status.")
    assert last == f"Next: make diagnose GATE='{USAGE}'"


def test_a_gate_that_is_new_or_gone_is_said_to_be(before: Path, tmp_path: Path) -> None:
    content = json.loads(before.read_text(encoding="utf-8"))
    content["gates"] = [entry for entry in content["gates"] if entry["id"] != USAGE]
    shorter = tmp_path / "shorter.json"
    shorter.write_text(json.dumps(content), encoding="utf-8")
    (gone,) = compared(tmp_path, before, shorter)["gates"]
    assert (gone["gate"], gone["changed"], gone["after"]) == (USAGE, ["gone"], None)
    (new,) = compared(tmp_path, shorter, before)["gates"]
    assert (new["gate"], new["changed"], new["before"]) == (USAGE, ["appeared"], None)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"status": "waived"}, ["status", "waived"]),
        ({"threshold": 90}, ["threshold"]),
        ({"severity": "warn"}, ["severity"]),
        ({"numerator": 10**15 + 1, "denominator": 10**15}, ["value"]),
        # The same share of twice as many.
        ({"numerator": 190, "denominator": 200}, []),
    ],
)
def test_each_kind_of_change_has_its_word(
    before: Path, tmp_path: Path, values: dict[str, Any], words: list[str]
) -> None:
    after = changed(before, tmp_path / "after.json", USAGE, **values)
    found = compared(tmp_path, before, after)["gates"]
    assert [each["changed"] for each in found] == ([words] if words else [])


def test_whole_counts_are_compared_exactly_and_sums_of_floats_are_not(
    before: Path, tmp_path: Path
) -> None:
    many = {"numerator": 10**15, "denominator": None, "measured": 10**15}
    one_more = {"numerator": 10**15 + 1, "denominator": None, "measured": 10**15 + 1}
    first = changed(before, tmp_path / "first.json", COUNT, **many)
    second = changed(first, tmp_path / "second.json", COUNT, **one_more)
    assert [each["gate"] for each in compared(tmp_path, first, second)["gates"]] == [COUNT]
    summed = {"numerator": 0.3, "measured": 0.3, "denominator": None}
    first = changed(before, tmp_path / "first.json", PAIR, **summed)
    again = {"numerator": 0.1 + 0.2, "measured": 0.1 + 0.2}
    second = changed(first, tmp_path / "second.json", PAIR, **again)
    assert compared(tmp_path, first, second)["gates"] == []


def test_configuration_and_code_are_said_to_be_others(before: Path, tmp_path: Path) -> None:
    content = json.loads(before.read_text(encoding="utf-8"))
    content |= {"config_sha256": "b" * 64, "gates_sha256": "d" * 64, "code_version": "e" * 40}
    after = tmp_path / "after.json"
    after.write_text(json.dumps(content), encoding="utf-8")
    found = compared(tmp_path, before, after)
    assert found["after"]["configuration"] == "b" * 64
    assert found["after"]["code"] == "d" * 64
    lines = compared(tmp_path, before, after, "table").splitlines()
    words = {line.split("|")[1].strip(): line for line in lines if line.count("|") == 5}
    for name in ("configuration", "code", "commit"):
        assert words[name].rstrip(" |").endswith("different")
    assert words["stage"].rstrip(" |").endswith("same")


def test_text_of_a_record_moves_no_cursor_and_breaks_no_table(before: Path, tmp_path: Path) -> None:
    content = json.loads(before.read_text(encoding="utf-8"))
    content["gates"][0] |= {"id": "a\x1b[2Jb\nc|d"}
    after = tmp_path / "after.json"
    after.write_text(json.dumps(content), encoding="utf-8")
    for kind in ("table", "md"):
        printed = compared(tmp_path, before, after, kind)
        assert printed.replace("\n", "").isprintable()
    assert r"b c\|d" in printed


def test_a_path_with_quotes_and_spaces_is_one_word(before: Path, tmp_path: Path) -> None:
    odd = tmp_path / "it's $(touch made) a record.json"
    shutil.copy(before, odd)
    done = make(tmp_path, NOBODY, "compare", f"A={odd}", f"B={before}", "FORMAT=json")
    assert json.loads(done.stdout)["gates"] == []
    assert not (ROOT / "made").exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "Invalid JSON"),
        ("[]", "Input should be an object"),
        ('{"schema_version": 0}', "its schema_version is not 1, the one that is known"),
        ('{"schema_version": 1}', "stage: Field required"),
    ],
)
def test_a_damaged_record_is_refused_in_a_sentence(
    before: Path, tmp_path: Path, content: str, says: str
) -> None:
    file = tmp_path / "damaged.json"
    file.write_text(content, encoding="utf-8")
    for pair in ((before, file), (file, before)):
        sentence = refused(tmp_path, *pair)
        assert sentence.startswith(f"{file} is not a record that can be read ({says}")
        assert sentence.endswith("; name a decision.json that this version has written.")


def test_what_is_not_there_or_not_named_is_said(before: Path, tmp_path: Path) -> None:
    missing = tmp_path / "nowhere.json"
    assert f"{missing} is not a record" in refused(tmp_path, before, missing)
    assert refused(tmp_path, before, "").startswith("B is not set; set A and B to ")
    assert refused(tmp_path, "", before).startswith("A is not set; ")
