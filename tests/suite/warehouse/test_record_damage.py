"""Records that came to harm: never a traceback, never a better outcome than the true ones have."""

import copy
import json
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from builders import Outcome, failed, recorded, summarized, unknown
from harness import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backfill.permission import permission
from gates.commands import decide as final
from gates.commands import handoff
from gates.config.settings import Settings, load
from gates.config.stages import ALLOWING, DECISIONS, FINAL
from gates.decide import execution
from gates.decide.decision import decide
from gates.decide.evidence import gather
from gates.decide.record import record_file
from gates.decide.records import MOST_BYTES
from gates.files import write_json
from gates.report.handoff_text import Figures
from gates.report.pictures.backfill import of_backfill
from gates.report.pictures.calendars import of_dates
from gates.report.pictures.coverage import of_months, of_seasons
from gates.report.rows import queries_of

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
THEN = NOW - timedelta(minutes=30)
COVERAGE = "phase4.player_composite_factors.coverage"
USAGE = "phase2.player_game_summary.usage_rate"
PHASE3 = "preflight.schedule.unfinished_games"
# What a program, a disk or a hand may put where something else stood.
JUNK: list[Any] = [
    *(None, True, False, 0, 1, -1, 2**63, 10**400, 1e300, -0.5, "", "5", "GO", "pass", "\x1b[2K\n"),
    *(
        "\u202e",
        "x" * 5_000,
        [],
        {},
        [[]],
        {"a": None},
        [1, "a", None],
        "2026-01-03T12:00:00+00:00",
    ),
    *("9999-12-31T23:59:59-23:59", float("nan"), float("inf"), float("-inf")),
]


def made(folder: Path) -> Settings:
    environ = {
        "GATES_CONFIG": str(ROOT / "gates.toml"),
        "GATES_REPORTS": str(folder / "reports"),
        "GATES_STATE": str(folder / "state"),
    }
    return load(environ, NOW)


def stages(of: Settings, others: dict[str, Outcome]) -> None:
    """Records of the three stages and the final decision over them, with counts over time."""
    for stage in DECISIONS:
        recorded(of, stage, THEN, others)
        file = record_file(of.reports, stage)
        content = json.loads(file.read_text(encoding="utf-8"))
        content["series"] = {
            "dates": {f"{stage}.a_table": {"2025-01-03": [5, 5], "2025-01-04": [3, 4]}},
            "seasons": {
                "phase2.player_game_summary": [{"season": 2024, "rows": 9, "usage_rate": 8}]
            },
            "months": {"phase2.player_game_summary": [{"month": "2025-01", "rows": 9}]},
            "bootstrap": ["2024-10-22"],
        }
        content["queries"] = [
            {"file": "sql/a.sql", "source": "a/b", "job_id": "1", "elapsed_s": 0.1}
            | {"bytes_processed": None, "rows": 1, "sql": "SELECT 1\n"}
        ]
        write_json(file, content)
    found = gather(of, NOW, final.FRESH, DECISIONS)
    record = final.record_of(of, final.decided(of, found), found, NOW)
    record.write(record_file(of.reports, FINAL))


def places(content: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value of a JSON content."""
    inner = content.items() if isinstance(content, dict) else enumerate(content)
    found = []
    for key, value in inner:
        found.append((*before, key))
        if isinstance(value, dict | list):
            found += places(value, (*before, key))
    return found


def harmed(content: dict[str, Any], rnd: random.Random) -> str:
    """The content after one accident, as text."""
    changed = copy.deepcopy(content)
    *way, last = rnd.choice(places(changed))
    holder: Any = changed
    for key in way:
        holder = holder[key]
    kind = rnd.randrange(4)
    if kind == 0:
        del holder[last]
    elif kind == 1 and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[last]))
    else:
        holder[last] = rnd.choice(JUNK)
    text = json.dumps(changed)
    if rnd.randrange(10) == 0:
        at = rnd.randrange(len(text))
        text = text[:at] + rnd.choice(["", "\x00", "[" * 3_000, "9" * 5_000, text[at : at + 50]])
    return text


CASES: list[dict[str, Outcome]] = [{}, {USAGE: failed}, {PHASE3: unknown}, {COVERAGE: failed}]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The records of each of CASES."""
    folders = [tmp_path_factory.mktemp("written") for _ in CASES]
    for folder, case in zip(folders, CASES, strict=True):
        stages(made(folder), case)
    return folders


@pytest.mark.usefixtures("long_search")
@given(seed=st.integers(0, 2**32), number=st.integers(0, len(CASES) - 1))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_one_accident_never_makes_it_better(
    seed: int, number: int, written: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    case, folder = CASES[number], tmp_path_factory.mktemp("harm")
    shutil.copytree(written[number], folder, dirs_exist_ok=True)
    of = made(folder)
    rnd = random.Random(seed)  # noqa: S311
    stage = rnd.choice([*DECISIONS, FINAL])
    file = record_file(of.reports, stage)
    text = harmed(json.loads(file.read_text(encoding="utf-8")), rnd)
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    found = gather(of, NOW, final.FRESH, DECISIONS)
    decision = final.decided(of, found)
    record = final.record_of(of, decision, found, NOW)
    assert len(queries_of(record.queries, record.target.project, None)) == len(record.queries)
    for sketches in (
        partial(of_dates, failing={}),
        partial(of_seasons, gates=[]),
        partial(of_months, gates=[]),
    ):
        assert all(sketch.text for sketch in sketches(record.series))
    assert not (case and decision.decision == "GO")
    assert all(each.detail.isprintable() for each in decision.verdicts)
    against = permission(of, NOW).against
    assert all(each.isprintable() for each in against)
    assert against or not any(gate in case for gate in (USAGE, PHASE3))
    shown = figures_or_sentences(of)
    if isinstance(shown, str):
        assert all(line.isprintable() for line in shown.splitlines())
    else:
        handed = handoff.write(of, shown, NOW, "operator", of.state.parent / "handoff")
        names = " ".join(each.name for each in handed.iterdir())
        assert not (case and "READY" in names.replace("NOT-READY", ""))


def figures_or_sentences(of: Settings) -> Figures | str:
    try:
        return handoff.figures(of, NOW)
    except handoff.RefusedError as problem:
        return str(problem)


@pytest.fixture
def of(tmp_path: Path) -> Settings:
    found = made(tmp_path)
    stages(found, {})
    return found


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _large(file: Path) -> None:
    with file.open("r+b") as content:
        # As many bytes as a program that goes wrong overnight writes; on the disk there are none.
        content.truncate(1_000_000_000)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (_pipe, "not a regular file"),
        (_folder, "Is a directory|not a regular file"),
        (_large, "larger"),
    ],
    ids=["pipe", "folder", "a gigabyte"],
)
def test_what_is_no_record_is_not_read(
    damage: Callable[[Path], None], says: str, of: Settings
) -> None:
    assert MOST_BYTES < 1_000_000_000
    damage(record_file(of.reports, "phase12"))
    (why,) = gather(of, NOW, final.FRESH, DECISIONS).against["phase12"]
    assert any(each in why for each in says.split("|"))
    assert permission(of, NOW).against == [why]


def test_text_of_a_record_is_one_line_wherever_it_is_shown(
    of: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(of, "phase12", THEN, {USAGE: failed, PHASE3: unknown})
    file = record_file(of.reports, "phase12")
    content = json.loads(file.read_text(encoding="utf-8"))
    for entry in content["gates"]:
        entry["detail"] += "\n✅ forged \x1b[2K\u202e"
        entry["reason"]["remedy"] += "\nDECISION: GO"
        for name in ("what", "note"):
            said = entry["reason"]["parameters"]
            if name == "note" or name in said:
                said[name] = "\n✅ forged \x1b[2K\u202e"
    write_json(file, content)
    environ = {
        "GATES_CONFIG": str(ROOT / "gates.toml"),
        "GATES_REPORTS": str(of.reports),
        "GATES_STATE": str(of.state),
    }
    assert final.main([], environ, NOW) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert not any(line.startswith(("✅ forged", "DECISION: GO")) for line in out.splitlines())


def test_a_phase4_that_is_older_than_what_it_compares_with_is_none(of: Settings) -> None:
    for stage in ALLOWING:
        recorded(of, stage, NOW)
    recorded(of, "phase4", NOW - timedelta(hours=20))
    found = gather(of, NOW, final.FRESH, DECISIONS)
    assert found.records.keys() == set(ALLOWING)
    assert "before phase12 did" in found.against["phase4"][0]
    assert decide(of, FINAL, found.verdicts).decision == "NO-GO"
    recorded(of, "phase4", NOW)
    assert gather(of, NOW, final.FRESH, DECISIONS).records.keys() == set(DECISIONS)


def test_records_of_two_servers_do_not_belong_together(of: Settings) -> None:
    here, there = (replace(of, server=server) for server in ("embedded-a", "embedded-b"))
    recorded(here, "phase12", THEN - timedelta(minutes=2))
    recorded(there, "preflight", THEN - timedelta(minutes=1))
    recorded(there, "phase4", THEN)
    found = gather(of, NOW, final.FRESH, DECISIONS)
    assert found.records.keys() == {"preflight", "phase4"}
    assert "another server (embedded-a) than phase4 (embedded-b)" in found.against["phase12"][0]


def test_other_gates_with_the_same_gates_toml_are_other_gates(of: Settings) -> None:
    found = gather(replace(of, gates_sha256="0" * 64), NOW, final.FRESH, DECISIONS)
    assert not found.records
    assert all("by other gates than these" in why[0] for why in found.against.values())


SUMMARY = summarized({"date": "2025-01-03"})


@pytest.mark.usefixtures("long_search")
@given(seed=st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_a_summary_that_came_to_harm_is_a_sentence(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    of = replace(made(tmp_path_factory.mktemp("summary")), config_sha256="e" * 64)
    file = execution.summary_file(of)
    file.parent.mkdir(parents=True)
    file.write_text(harmed(SUMMARY, random.Random(seed)), encoding="utf-8")  # noqa: S311
    shown = execution.pictured(of)
    assert shown is None or all(sketch.text for sketch in of_backfill(shown))
    with pytest.raises(execution.ExecutionError) as problem:
        # There is no ledger beside it.
        execution.read(of)
    assert str(problem.value).isprintable()
