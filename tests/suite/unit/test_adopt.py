"""`make adopt`: a draft of waivers.toml that is exact, that nobody can use as it stands."""

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from builders import Outcome, at, failed, gate, ratio, recorded, unknown
from harness import ROOT, TestWarehouse, make
from hypothesis import given
from hypothesis import strategies as st
from waiver_harness import environ

from gates.commands import adopt
from gates.config import limits, waivers
from gates.config.gate import Gate
from gates.config.limits import Limit
from gates.config.schema import ConfigError
from gates.config.settings import Settings, load
from gates.config.stages import DECISIONS
from gates.config.waivers import Waivers
from gates.decide.verdict import Verdict, judge
from gates.measure.result import Measurement
from gates.program import ended
from gates.report import waiver_draft

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
TODAY = date(2026, 1, 3)
USAGE = "phase2.player_game_summary.usage_rate"
COUNT = "phase1.team_offense_game_summary.game_count"
ZONES = "phase2.player_game_summary.shot_zones"
COVERAGE = "phase4.player_composite_factors.coverage"


def stages(folder: Path, others: Mapping[str, Outcome]) -> Settings:
    """The records of three stages that were just decided."""
    made = load(environ(folder), NOW)
    for stage in DECISIONS:
        recorded(made, stage, NOW, others)
    return made


def drafts(folder: Path) -> list[str]:
    return sorted(file.name for file in (folder / "reports/adopt").glob("waivers*"))


def completed(text: str) -> str:
    """A draft as a person hands it in."""
    return text.replace('approver = ""', 'approver = "an owner"\nexpires = 2026-12-31')


# ── The limit ─────────────────────────────────────────────────────────────────


def waived_by(made: Gate, limit: Limit) -> Waivers:
    """A waiver whose limit went through the file."""
    text = f'[[waiver]]\ngate = "{made.id}"\nreason = "x"\napprover = ""\n{limit}\n'
    return waivers.read(completed(text), {made.id: made}, TODAY)


@given(
    part=st.integers(0, 10**6),
    whole=st.integers(1, 10**6),
    bound=st.sampled_from(
        [{"at_least": 99}, {"at_most": 1}, {"below": 5}, {"equals": 50}, {"between": [40, 60]}]
    ),
)
def test_a_limit_holds_what_was_measured_and_nothing_that_is_worse(
    part: int, whole: int, bound: dict[str, object]
) -> None:
    part, made = part % (whole + 1), gate(bound=bound)
    plain = judge(made, ratio(part, whole))
    assert plain.measured is not None
    limit = limits.needed(made, Fraction(part), Fraction(whole))
    if limit is None:
        assert plain
        return
    under = waived_by(made, limit)
    assert judge(made, ratio(part, whole), under).status == "waived"
    assert judge(made, ratio(part, whole), under).tighter == ""
    worse = part - 1 if limit.name == "floor" else part + 1
    if 0 <= worse <= whole:
        assert not judge(made, ratio(worse, whole), under)


@pytest.mark.parametrize(
    ("made", "counts", "limit"),
    [
        # 66.666... is rounded down, 33.333... up.
        (gate(), (2, 3), "floor = 66.666666"),
        (gate(bound={"at_most": 1}), (1, 3), "ceiling = 33.333334"),
        (gate(), (1, 2), "floor = 50"),
        (gate(), (0, 7), "floor = 0"),
        # Five at most six places would not tell one row of a billion.
        (gate(), (2 * 10**9, 3 * 10**9), "floor = 66.66666666"),
        (gate("games", None, {"at_least": 9}), (7, None), "floor = 7"),
        (gate("games", None, {"equals": 0}), (3, None), "ceiling = 3"),
        (gate("games", None, {"equals": 5}), (3, None), "floor = 3"),
        (gate("rows", "games", {"between": [2, 4]}), (13, 3), "ceiling = 4.333334"),
        # At the open end of a bound the bound itself is outside.
        (gate(bound={"below": 5}), (5, 100), "ceiling = 5"),
    ],
)
def test_the_limit_of_each_kind_of_bound(
    made: Gate, counts: tuple[int, int | None], limit: str
) -> None:
    numerator, denominator = (each if each is None else Fraction(each) for each in counts)
    assert numerator is not None
    assert str(limits.needed(made, numerator, denominator)) == limit


def test_a_mean_of_floats_is_given_the_room_of_another_order_of_adding_up() -> None:
    made = gate("points", None, {"at_least": 75})
    limit = limits.needed(made, Fraction("70.3"), None)
    assert limit is not None
    under = waived_by(made, limit)
    assert judge(made, Measurement(Fraction("70.29999999999999")), under).status == "waived"
    assert judge(made, Measurement(Fraction("70.29")), under).status == "fail"


def test_a_value_that_holds_needs_no_limit() -> None:
    assert limits.needed(gate(), Fraction(99), Fraction(100)) is None


def test_a_record_that_counts_less_than_nothing_ends_the_rounding_too() -> None:
    made = gate("rows", "games", {"between": [2, 4]})
    assert limits.needed(made, Fraction(5), Fraction(-3)) is not None


# ── The draft ─────────────────────────────────────────────────────────────────


def test_a_draft_is_refused_until_a_person_completes_it(folder: Path) -> None:
    stages(folder, {USAGE: failed, COUNT: failed})
    assert adopt.main([], environ(folder), NOW) == 0
    assert drafts(folder) == ["waivers.draft.toml"]
    text = (folder / "reports/adopt/waivers.draft.toml").read_text(encoding="utf-8")
    placed = folder / "waivers.toml"
    placed.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"^waivers\.toml: waiver\.1\.approver is empty; fill"):
        load(environ(folder), NOW)
    placed.write_text(text.replace('approver = ""', 'approver = "me"'), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"^waivers\.toml: waiver\.1\.expires is missing; add it"):
        load(environ(folder), NOW)
    placed.write_text(completed(text), encoding="utf-8")
    under = load(environ(folder), NOW).waivers
    assert {name: each.floor for name, each in under.by_gate.items()} == {COUNT: 5_599, USAGE: 94}


def test_an_existing_file_is_never_changed(folder: Path) -> None:
    kept = f'[[waiver]]\ngate = "{USAGE}"\nreason = "x"\napprover = "me"\nexpires = 2099-12-31\n'
    (folder / "waivers.toml").write_text(kept, encoding="utf-8")
    stages(folder, {COUNT: failed})
    for _ in range(3):
        assert adopt.main([], environ(folder), NOW) == 0
    assert (folder / "waivers.toml").read_text(encoding="utf-8") == kept
    names = ["waivers.draft-2.toml", "waivers.draft-3.toml", "waivers.draft.toml"]
    assert drafts(folder) == names


def test_what_was_not_evaluated_gets_none_and_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stages(folder, {USAGE: failed, COVERAGE: unknown})
    adopt.main([], environ(folder), NOW)
    text = (folder / "reports/adopt/waivers.draft.toml").read_text(encoding="utf-8")
    assert [each["gate"] for each in tomllib.loads(text)["waiver"]] == [USAGE]
    assert f"#   {COVERAGE}: not evaluated, the log is missing" in text
    said = capsys.readouterr().out
    assert f"because it was not evaluated: {COVERAGE}: not evaluated, the log is missing" in said


def test_nothing_to_waive_is_no_draft(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stages(folder, {})
    assert adopt.main([], environ(folder), NOW) == 0
    assert not (folder / "reports/adopt").exists()
    assert capsys.readouterr().out.startswith("Nothing that was measured needs a waiver")


def test_a_stage_without_a_record_that_counts_is_no_draft(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stages(folder, {USAGE: failed})
    (folder / "reports/preflight/decision.json").unlink()
    assert ended(lambda: adopt.main([], environ(folder), NOW)) == 1
    assert capsys.readouterr().err.startswith("preflight has no decision: ")
    stages(folder, {USAGE: failed})
    with (folder / "gates.toml").open("a", encoding="utf-8") as config:
        config.write("\n# Another configuration.\n")
    assert ended(lambda: adopt.main([], environ(folder), NOW)) == 1
    assert "another gates.toml or waivers.toml" in capsys.readouterr().err
    assert not (folder / "reports/adopt").exists()


def test_a_waived_gate_that_has_become_better_is_said_and_not_drafted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = f'[[waiver]]\ngate = "{USAGE}"\nreason = "x"\napprover = ""\nfloor = 90\n'
    (folder / "waivers.toml").write_text(completed(kept), encoding="utf-8")
    made = load(environ(folder), NOW)

    def waived(of: Gate) -> Verdict:
        return judge(of, ratio(94, 100), made.waivers)

    stages(folder, {USAGE: waived})
    assert adopt.main([], environ(folder), NOW) == 0
    assert f"{USAGE}: floor = 94, now 90" in capsys.readouterr().out
    assert not (folder / "reports/adopt").exists()


def test_a_waiver_that_broke_is_to_be_replaced() -> None:
    made = gate()
    under = waived_by(made, Limit("floor", Decimal(95)))
    text = waiver_draft.draft([judge(made, ratio(9, 10), under)], "local (nba)", TODAY)
    assert "# Put it in the place of the entry that waivers.toml has." in text
    assert tomllib.loads(text)["waiver"][0]["floor"] == 90


def test_text_of_a_table_stays_a_string_and_a_comment() -> None:
    made = gate()
    evil = 'first: a"\n[[waiver]]\ngate = "b\\ \x1b[2J\x7f'
    counts = Measurement(Fraction(9), Fraction(10), note=evil)
    text = waiver_draft.draft([judge(made, counts), at(made, 100)], "local (nba)", TODAY)
    (entry,) = tomllib.loads(text)["waiver"]
    assert (entry["gate"], entry["approver"], entry["floor"]) == (made.id, "", 90)
    assert entry["reason"].startswith('first: a" [[waiver]] gate = "b\\ ')
    assert "expires" not in entry


def test_a_gate_that_only_warns_is_marked(folder: Path) -> None:
    stages(folder, {ZONES: failed})
    adopt.main([], environ(folder), NOW)
    text = (folder / "reports/adopt/waivers.draft.toml").read_text(encoding="utf-8")
    assert "# It only warns; without a waiver it does not block.\n[[waiver]]" in text


# ── As an operator runs it ────────────────────────────────────────────────────


def test_a_warehouse_with_known_holes_is_adopted(tmp_path: Path, warehouse: TestWarehouse) -> None:
    faults = (
        "DELETE FROM nba_analytics.team_offense_game_summary WHERE game_date = '2024-11-18'",
        "UPDATE nba_analytics.player_game_summary SET usage_rate = NULL "
        "WHERE game_date BETWEEN '2025-03-01' AND '2025-03-10'",
    )
    config = tmp_path / "gates.toml"
    config.write_bytes((ROOT / "gates.toml").read_bytes())
    given = {"GATES_CONFIG": str(config), "GATES_PROFILE": "scheduled"}
    with warehouse.fault(*faults):
        done = make(tmp_path, warehouse.host, "adopt", **given)
        assert done.returncode == 0, done.stdout + done.stderr
        text = (tmp_path / "reports/adopt/waivers.draft.toml").read_text(encoding="utf-8")
        found = {each["gate"]: each for each in tomllib.loads(text)["waiver"]}
        assert {each["approver"] for each in found.values()} == {""}
        first = found["phase1.team_offense_games.missing_games"]["reason"]
        assert re.match(r"first: 20241118_[A-Z]{3}_[A-Z]{3}, ", first)
        assert USAGE in found
        (tmp_path / "waivers.toml").write_text(completed(text), encoding="utf-8")
        again = make(tmp_path, warehouse.host, "validate-phase12", **given)
        assert "DECISION: GO\nCONFIDENCE: LOW" in again.stdout
        assert "tighten" not in again.stdout
    # What is repaired needs no waiver, and what gets worse is no longer covered.
    with warehouse.fault(*faults, faults[0].replace("11-18", "11-19")):
        worse = make(tmp_path, warehouse.host, "validate-phase12", **given)
    assert "DECISION: NO-GO" in worse.stdout
    assert "; its waiver by an owner asks for at " in worse.stdout
