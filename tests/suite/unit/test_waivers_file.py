"""waivers.toml: what it may say, and with which sentence anything else is refused."""

import hashlib
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from harness import ROOT
from waiver_harness import COUNT, REASON, TODAY, USAGE, settings, waiver

from gates.config.schema import ConfigError
from gates.config.waivers import Waiver, Waivers

PAIR = "phase1.team_offense_game_summary.records_per_game"
ISSUES = "phase2.player_game_summary.critical_issues"
NULLS = "phase4.player_composite_factors.null_rate[pace_score]"


def refusal(folder: Path, text: str) -> str:
    """The one sentence with which waivers.toml is refused."""
    with pytest.raises(ConfigError) as found:
        settings(folder, text)
    sentence = str(found.value)
    assert sentence.startswith("waivers.toml: ")
    assert sentence.endswith(".")
    assert len(sentence.splitlines()) == 1
    return sentence


def test_without_the_file_there_is_no_waiver(folder: Path) -> None:
    made = settings(folder)
    assert made.waivers == Waivers({}, TODAY)
    assert made.config_sha256 == hashlib.sha256((folder / "gates.toml").read_bytes()).hexdigest()


def test_the_file_lies_beside_gates_toml_and_is_part_of_the_hash(folder: Path) -> None:
    made = settings(folder, waiver(also="floor = 90.5"))
    assert made.waivers.by_gate == {
        USAGE: Waiver(
            gate=USAGE,
            reason=REASON,
            approver="an owner",
            expires=date(2026, 1, 31),
            floor=Decimal("90.5"),
        )
    }
    both = (folder / "gates.toml").read_bytes() + (folder / "waivers.toml").read_bytes()
    assert made.config_sha256 == hashlib.sha256(both).hexdigest()
    other = settings(folder, waiver(also="floor = 90.4"))
    assert other.config_sha256 != made.config_sha256


def test_the_document_shows_one_that_can_be_used(folder: Path) -> None:
    page = (ROOT / "docs/how-to/waivers.md").read_text(encoding="utf-8")
    (block,) = (each for each in re.findall(r"```toml\n(.*?)```", page, re.DOTALL))
    assert list(settings(folder, block).waivers.by_gate) == [USAGE]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("waiver", "Expected '='"),
        ("waiver = 1", "waiver: "),
        (waiver().replace("[[waiver]]", "[waiver]"), "waiver: "),
        (waiver().replace("[[waiver]]", "[[waivers]]"), "waivers is not a known key"),
        (waiver(also="owner = 'me'"), "waiver.1.owner is not a known key"),
        (waiver() + waiver(COUNT, also="flor = 1"), "waiver.2.flor is not a known key"),
        (waiver(also="gate = 'x'"), "`gate = 'x'` stands there twice"),
        (waiver(expires='"2026-01-31"'), "waiver.1.expires: "),
        (waiver(expires="2026-01-31T00:00:00"), "waiver.1.expires: "),
        (waiver(expires="2026-02-30"), "line 5"),
        (waiver(expires="20260131"), "waiver.1.expires: "),
        (waiver().replace("expires", "#"), "waiver.1.expires is missing"),
        (waiver().replace("approver", "#"), "waiver.1.approver is missing"),
        (waiver().replace("reason", "#"), "waiver.1.reason is missing"),
        (waiver().replace("gate =", "#"), "waiver.1.gate is missing"),
        (waiver().replace('"an owner"', '" "'), "waiver.1.approver: ' ' says nothing"),
        (waiver().replace("an owner", ""), "waiver.1.approver is empty; fill it in"),
        (waiver().replace('"an owner"', "7"), "waiver.1.approver: "),
        (waiver().replace("an owner", r"\u001b[2K"), "waiver.1.approver: "),
        (waiver(also='floor = "90"'), "waiver.1.floor: '90' is not a number"),
        (waiver(also="floor = true"), "waiver.1.floor: True is not a number"),
        (waiver(also="floor = nan"), "waiver.1.floor: NaN is not a finite number"),
    ],
)
def test_what_is_malformed_is_refused_with_its_place(folder: Path, text: str, says: str) -> None:
    assert says in refusal(folder, text)


def test_an_unknown_gate_is_refused(folder: Path) -> None:
    sentence = refusal(folder, waiver() + waiver("phase2.player_game_summary.usage"))
    assert (
        "waiver.2.gate: 'phase2.player_game_summary.usage' is not a gate of gates.toml" in sentence
    )
    sentence = refusal(folder, waiver("preflight.phase3_tables.thin_games[player_game_summary]"))
    assert "is called preflight.phase3_tables.incomplete_games[player_game_summary] now" in sentence
    # It is shown, but may not fill the page.
    for gate in ("x" * 2_000, f"phase1.x.thin_games[{'x' * 2_000}]"):
        assert len(refusal(folder, waiver(gate))) < 1_000
    # A gate with columns is waived column by column.
    assert "is not a gate" in refusal(folder, waiver(NULLS.partition("[")[0]))


def test_a_duplicate_is_refused(folder: Path) -> None:
    sentence = refusal(folder, waiver() + waiver(COUNT) + waiver(also="floor = 80"))
    assert f"waiver.3.gate: {USAGE} has a waiver already" in sentence


@pytest.mark.parametrize(
    ("of", "limit", "says"),
    [
        (USAGE, "ceiling = 99", "ceiling: {} asks for >= 95, which a ceiling does not loosen"),
        (NULLS, "floor = 1", "floor: {} asks for < 5, which a floor does not loosen"),
        (USAGE, "floor = 95", "floor: 95 does not lie outside the bound, {} asks for >= 95"),
        (USAGE, "floor = 96", "floor: 96 does not lie outside the bound"),
        (NULLS, "ceiling = 4.9", "ceiling: 4.9 does not lie outside the bound"),
        (ISSUES, "ceiling = 0", "ceiling: 0 does not lie outside the bound, {} asks for = 0"),
        (ISSUES, "floor = 3", "floor: 3 does not lie outside the bound"),
        (PAIR, "floor = 2", "floor: 2 does not lie outside the bound, {} asks for between 1.95 to"),
        (PAIR, "floor = 3", "floor: 3 does not lie outside the bound"),
        (PAIR, "ceiling = 1", "ceiling: 1 does not lie outside the bound"),
    ],
)
def test_a_limit_lies_outside_the_bound_on_its_open_side(
    folder: Path, of: str, limit: str, says: str
) -> None:
    assert f"waiver.1.{says.format(of)}" in refusal(folder, waiver(of, also=limit))


@pytest.mark.parametrize("damage", ["folder", "bytes", "dangling"])
def test_a_file_that_cannot_be_read_is_no_absent_file(folder: Path, damage: str) -> None:
    file = folder / "waivers.toml"
    if damage == "folder":
        file.mkdir()
    elif damage == "bytes":
        file.write_bytes(b"\xff")
    else:
        file.symlink_to(folder / "nowhere")
    with pytest.raises(ConfigError, match=r"waivers\.toml cannot be read"):
        settings(folder)
