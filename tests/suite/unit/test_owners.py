"""Owners and routes of gates.toml: whose a gate is, who is told, and what of it is refused."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import decided, failed, unknown
from harness import ROOT

from gates.config.routes import Receiver, receivers
from gates.config.settings import Settings, load
from gates.config.toml_text import ConfigError
from gates.decide.history import History
from gates.decide.recording import Run, record
from gates.report import console, html_page, markdown_summary

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
TEXT = (ROOT / "gates.toml").read_text(encoding="utf-8")
COVERAGE = "phase4.player_composite_factors.coverage"
USAGE = "phase2.player_game_summary.usage_rate"
ZONES = "phase2.player_game_summary.shot_zones"
REMINDER = "[announce]\nremind_after_days = 7 # of the same NO-GO; without it nobody is reminded\n"
SECRET = "https://chat.example/T0KEN"  # noqa: S105


def read(folder: Path, more: str, text: str = TEXT) -> Settings:
    """gates.toml with lines that stand before its gates, or in the place of those it has."""
    file = folder / "gates.toml"
    if "[announce]" in more:
        text = text.replace(REMINDER, "")
    file.write_text(text.replace("[handoff]", f"{more}\n[handoff]", 1), encoding="utf-8")
    return load({"GATES_CONFIG": str(file)}, NOW)


def refused(folder: Path, more: str) -> str:
    with pytest.raises(ConfigError) as found:
        read(folder, more)
    return str(found.value)


def test_nobody_owns_what_names_nobody(tmp_path: Path) -> None:
    found = read(tmp_path, "")
    assert {gate.owner for gate in found.every_gate()} == {None}
    assert (found.routes, found.announce.remind_after_days) == ((), 7)


def test_the_most_exact_pattern_wins(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        f"""[owners]
"*" = "data"
"phase4.*" = "phase4-pipeline"
"phase4.player_composite_factors.*" = "factors"
"{COVERAGE}" = "coverage"
"*.player_game_summary.*" = "players"
"phase2.player_game_summary.*" = "phase2-pipeline"
""",
    ).gates
    assert found[COVERAGE].owner == "coverage"
    assert found["phase4.player_composite_factors.bootstrap_rows"].owner == "factors"
    assert found["phase4.processors.incomplete_dates"].owner == "phase4-pipeline"
    assert found[USAGE].owner == "phase2-pipeline"
    assert found["orchestrator.run.stopped"].owner == "data"


def test_what_stands_at_the_gate_wins_over_every_pattern(tmp_path: Path) -> None:
    place = f"[{COVERAGE}]\n"
    text = TEXT.replace(place, f'{place}owner = "own"\n')
    found = read(tmp_path, f'[owners]\n"{COVERAGE}" = "other"\n', text)
    assert found.gates[COVERAGE].owner == "own"


def test_of_two_patterns_as_exact_the_first_wins(tmp_path: Path) -> None:
    # Seven characters each, beside what stands for any text.
    phase, table = ("phase2.*", "one"), ("*.player*", "other")
    for first, second in ((phase, table), (table, phase)):
        lines = "\n".join(f'"{pattern}" = "{owner}"' for pattern, owner in (first, second))
        assert read(tmp_path, f"[owners]\n{lines}\n").gates[USAGE].owner == first[1]


def test_a_gate_that_a_profile_leaves_out_keeps_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "gates.toml"
    owners = '[owners]\n"orchestrator.*" = "operator"\n[handoff]'
    file.write_text(TEXT.replace("[handoff]", owners, 1), encoding="utf-8")
    found = load({"GATES_CONFIG": str(file), "GATES_PROFILE": "scheduled"}, NOW)
    stopped = next(gate for gate in found.every_gate() if gate.id == "orchestrator.run.stopped")
    assert stopped.id not in found.gates
    assert stopped.owner == "operator"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('[owners]\n"phase9.*" = "x"', "owners: 'phase9.*' matches no gate; correct its spelling"),
        (
            '[owners]\n"phase2.player_game_summary.thin_games" = "x"',
            "matches no gate; write phase2.player_game_summary.incomplete_games.",
        ),
        ('[owners]\n"phase4.*" = ""', "owners.phase4.*: '' is not the name of an owner, expected"),
        ('[owners]\n"phase4.*" = "a*"', "owners.phase4.*: 'a*' is not the name of an owner"),
        ('[owners]\n"phase4.*" = "a\\nb"', "is not the name of an owner"),
        ('[owners]\n"phase4.*" = 5', "owners.phase4.*: "),
        ("[announce]\nremind_after_days = 0", "announce.remind_after_days: "),
        ("[announce]\nremind_after_days = true", "announce.remind_after_days: "),
        ("[announce]\nremind = 3", "announce.remind is not a known key"),
        ("[[routes]]\nwebhook = 'A'", "routes.1.shape is missing; add it"),
        ("[[routes]]\nshape = 'irc'\nwebhook = 'A'", "routes.1.shape: "),
        ("[[routes]]\nshape = 'slack'", 'routes.1: shape "slack" needs `webhook`; add it'),
        ("[[routes]]\nshape = 'file'", 'routes.1: shape "file" needs `path`; add it'),
        (
            "[[routes]]\nshape = 'teams'\nwebhook = 'A'\npath = 'x'",
            'routes.1: shape "teams" has no `path`; remove it',
        ),
        (
            "[[routes]]\nshape = 'file'\nwebhook = 'A'\npath = 'x'",
            'routes.1: shape "file" has no `webhook`; remove it',
        ),
        (
            "[[routes]]\nshape = 'slack'\nwebhook = 'A'\nseverity = 'required'",
            "routes.1.severity: ",
        ),
        (
            "[[routes]]\nshape = 'slack'\nwebhook = 'A'\nowner = 'nobody'",
            "routes: 'nobody' matches no owner of a gate; correct its spelling or remove it.",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(more: str, says: str, tmp_path: Path) -> None:
    said = refused(tmp_path, more)
    assert says in said
    assert "\n" not in said


@pytest.mark.parametrize("value", [f"'{SECRET}'", f"['{SECRET}']", "5", "''"])
def test_an_address_in_gates_toml_is_refused_and_not_repeated(value: str, tmp_path: Path) -> None:
    said = refused(tmp_path, f"[[routes]]\nshape = 'slack'\nwebhook = {value}")
    assert "routes.1.webhook: expected the name of an environment variable" in said
    assert "T0KEN" not in said


def test_routes_to_one_place_are_one_receiver(tmp_path: Path) -> None:
    routes = read(
        tmp_path,
        """[owners]
"phase4.*" = "phase4-pipeline"
"phase2.*" = "phase2-pipeline"
[[routes]]
owner = "phase4-*"
shape = "slack"
webhook = "CHAT"
[[routes]]
owner = "phase2-*"
severity = "blocker"
shape = "slack"
webhook = "CHAT"
[[routes]]
severity = "warning"
shape = "file"
path = "state/warnings.txt"
""",
    ).routes
    chat, file = receivers(routes)
    assert (chat.name, file.name) == ("slack CHAT", "file state/warnings.txt")
    assert taken(chat) == [("phase2-pipeline", "blocker"), *both("phase4-pipeline")]
    assert taken(file) == [(o, "warning") for o in (None, "phase2-pipeline", "phase4-pipeline")]
    assert (chat.takes_verdicts, file.takes_verdicts) == (True, False)


def test_the_examples_of_gates_toml_can_be_taken_as_they_are(tmp_path: Path) -> None:
    before, example = TEXT.split("# [owners]\n")
    example, after = example.split("# ── Handoff")
    shown = re.findall(r'^# (\[.*|".*" = .*|\w+ = .*)$', example, re.MULTILINE)
    text = "\n".join([before, "[owners]", *shown, f"# {after}"])
    found = read(tmp_path, "", text)
    assert found.gates[COVERAGE].owner == "phase4-pipeline"
    assert [each.name for each in receivers(found.routes)] == [
        "slack PHASE4_WEBHOOK",
        "file state/messages.txt",
    ]


def test_the_example_of_the_documentation_can_be_taken_as_it_is(tmp_path: Path) -> None:
    document = (ROOT / "docs/how-to/github.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(\[owners\].*?)```", document, re.DOTALL)
    routes = read(tmp_path, example).routes
    assert [each.name for each in receivers(routes)] == [
        "slack PHASE4_WEBHOOK",
        "file state/messages.txt",
    ]


def both(owner: str) -> list[tuple[str | None, str]]:
    return [(owner, "blocker"), (owner, "warning")]


def taken(receiver: Receiver) -> list[tuple[str | None, str]]:
    owners = (None, "phase2-pipeline", "phase4-pipeline")
    return [
        (owner, severity)
        for owner in owners
        for severity in ("blocker", "warning")
        if receiver.takes(owner, severity)
    ]


def test_the_record_and_every_report_name_the_owner(tmp_path: Path) -> None:
    found = read(tmp_path, f'[owners]\n"{USAGE}" = "usage-team"\n"{ZONES}" = "zone-team"\n')
    decision = decided(found, "phase12", {USAGE: failed, ZONES: failed})
    made = record(found, decision, Run(NOW, NOW, None, []))
    owners = {entry.id: entry.owner for entry in made.gates if entry.owner}
    assert owners == {USAGE: "usage-team", ZONES: "zone-team"}
    written = {each["id"]: each.get("owner", "left out") for each in made.content()["gates"]}
    assert written["phase2.player_game_summary.minutes_played"] == "left out"
    lines = list(console.blocker_lines(decision))
    assert [line for line in lines if "Owner" in line] == [
        "    Owner: usage-team",
        "    Owner: zone-team",
    ]
    summary = markdown_summary.page(decision, made, History())
    assert "  - Owner: usage-team\n" in summary
    assert "  - Owner: zone-team\n" in summary
    page = html_page.page(decision, made, History())
    # Beside the blocker or the warning, and at the gate.
    assert page.count("<strong>Owner:</strong> usage-team") == 2
    assert page.count("<strong>Owner:</strong> zone-team") == 2


def test_a_cause_names_each_owner_of_its_gates_once(tmp_path: Path) -> None:
    found = read(tmp_path, f'[owners]\n"phase2.*" = "phase2-pipeline"\n"{USAGE}" = "usage-team"\n')
    gates = [gate.id for gate in found.gates_of(["phase2"])]
    (cause,) = decided(found, "phase12", dict.fromkeys(gates, unknown)).causes
    assert cause.owners == "phase2-pipeline, usage-team"
