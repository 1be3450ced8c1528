"""A profile is laid over gates.toml; what it leaves out is said everywhere and never a full GO."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from builders import Outcome, decided, failed, passed, ratio, recorded, unknown
from harness import ROOT, GatesProject

from backfill.permission import permission
from gates.commands import decide, handoff
from gates.config.schema import ConfigError
from gates.config.settings import Settings, load
from gates.config.stages import DECISIONS, FINAL
from gates.decide import records
from gates.decide.record import record_file
from gates.decide.verdict import judge
from gates.report import checklist, console

TEXT = (ROOT / "gates.toml").read_text(encoding="utf-8")
NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
USAGE = "phase2.player_game_summary.usage_rate"
ZONES = "phase2.player_game_summary.shot_zones"
LOG = "phase1.backfill_log.success_rate"
LEFT_OUT = [
    "orchestrator.run.stopped",
    "orchestrator.run.phases_complete",
    "orchestrator.run.validations_passed",
    "phase1.backfill_log.success_rate",
    "phase1.backfill_log.window_days",
    "phase1.backfill_log.failed_validations",
    "phase2.backfill_log.success_rate",
    "phase2.backfill_log.window_days",
    "phase2.backfill_log.failed_validations",
]
Make = Callable[..., Settings]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Settings of gates.toml with `more` at its end; `profile` is chosen."""

    def made(more: str = "", profile: str = "mine") -> Settings:
        (tmp_path / "gates.toml").write_text(f"{TEXT}\n{more}", encoding="utf-8")
        environ = {
            "GATES_CONFIG": str(tmp_path / "gates.toml"),
            "GATES_REPORTS": str(tmp_path / "reports"),
            "GATES_STATE": str(tmp_path / "state"),
            "GATES_PROFILE": profile,
        }
        return load(environ, NOW)

    return made


def leaving_out(*patterns: str, reason: str = "It is elsewhere.") -> str:
    entries = [f'{{ gates = "{pattern}", reason = "{reason}" }}' for pattern in patterns]
    return f"[profile.mine]\nleave_out = [{', '.join(entries)}]\n"


def names(made: Settings) -> list[str]:
    return [out.gate.id for out in made.profile.left_out] if made.profile else []


def test_without_a_profile_nothing_is_left_out(make: Make) -> None:
    found = make(profile="")
    assert found.profile is None
    assert set(LEFT_OUT) < set(found.gates)


def test_the_scheduled_profile_leaves_out_what_needs_the_operators_machine(make: Make) -> None:
    plain, found = make(profile=""), make(profile="scheduled")
    assert names(found) == LEFT_OUT
    assert [*found.gates] == [name for name in plain.gates if name not in LEFT_OUT]
    assert found.profile
    assert all("operator's machine" in out.reason for out in found.profile.left_out)


def test_its_tables_are_laid_over_the_rest_key_by_key(make: Make) -> None:
    over = (
        f"[profile.mine.{USAGE}]\nat_least = 90\n"
        '[profile.mine.windows]\nphase1 = [2021-10-19, "yesterday"]\n'
        '[profile.mine.targets.local.labels]\njob = "daily"\n'
        '[profile.mine.targets.ours]\nproject = "our-project"\nlocation = "EU"\ndatasets = {}\n'
        'logs = "x"\nmaximum_bytes_billed = 1\nquery_timeout_s = 1\nlabels = {}\n'
        "phase4 = { min_interval_s = 0, backoff_s = 1, settle_s = 1, service_timeout_s = 1, "
        'seconds_per_date = 1, read_log = "x" }\n'
    )
    plain, found = make(over, profile=""), make(over)
    assert [*map(int, found.gates[USAGE].bound.numbers)] == [90]
    assert [*map(int, plain.gates[USAGE].bound.numbers)] == [95]
    assert found.gates[USAGE].title == plain.gates[USAGE].title
    assert found.windows["phase1"][1] == date(2026, 1, 2)
    assert found.windows["phase2"] == plain.windows["phase2"]
    assert found.target.labels == {"app": "nba-gates", "job": "daily"}
    assert plain.target.labels == {"app": "nba-gates"}
    assert names(found) == []


def test_the_scheduled_profile_follows_yesterday(make: Make) -> None:
    made = make(profile="scheduled")
    assert names(made) == LEFT_OUT
    environ = {"GATES_CONFIG": str(made.reports.parent / "gates.toml")}
    later = load(environ | {"GATES_PROFILE": "scheduled"}, NOW + timedelta(days=30)).windows
    plain = make(profile="").windows
    assert later == {stage: (first, date(2026, 2, 1)) for stage, (first, _) in plain.items()}
    assert load(environ, NOW + timedelta(days=30)).windows == plain


@pytest.mark.parametrize(
    ("pattern", "gates"),
    [
        (USAGE, [USAGE]),
        ("phase2.*.usage_rate", [USAGE]),
        (
            "phase4.player_composite_factors.null_rate[pace_score]",
            ["phase4.player_composite_factors.null_rate[pace_score]"],
        ),
    ],
)
def test_a_pattern_is_an_id_or_as_in_a_shell(make: Make, pattern: str, gates: list[str]) -> None:
    assert names(make(leaving_out(pattern))) == gates


def test_the_first_reason_counts(make: Make) -> None:
    entries = (
        f'{{ gates = "{LOG}", reason = "First." }}, {{ gates = "phase1.*", reason = "Second." }}'
    )
    found = make(f"[profile.mine]\nleave_out = [{entries}]\n")
    assert found.profile
    reasons = {out.gate.id: out.reason for out in found.profile.left_out}
    assert reasons.pop(LOG) == "First."
    assert set(reasons.values()) == {"Second."}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (leaving_out("orchstrator.*"), "leave_out.1.gates: 'orchstrator.*' matches no gate"),
        (leaving_out(LOG, "Phase1.*"), "leave_out.2.gates: 'Phase1.*' matches no gate"),
        (
            leaving_out("phase4.factors.dead_columns"),
            "leave_out.1.gates: 'phase4.factors.dead_columns' matches no gate; "
            "write phase4.factors.constant_columns",
        ),
        (leaving_out(LOG, reason=" "), "leave_out.1.reason: ' ' says nothing"),
        (leaving_out(LOG, reason="a\\u001bb"), "leave_out.1.reason: "),
        (f'[profile.mine]\nleave_out = [{{ gates = "{LOG}" }}]', "leave_out.1.reason is missing"),
        ('[profile.mine]\nleave_out = [{ reason = "x" }]', "leave_out.1.gates is missing"),
        (
            f'[profile.mine]\nleave_out = [{{ gates = "{LOG}", reason = "x", until = 1 }}]',
            "leave_out.1.until is not a known key",
        ),
        ('[profile.mine]\nleave_out = "*"', "leave_out: "),
        ("[profile.mine]\nleft_out = []", "left_out is not a known key"),
        (f"[profile.mine.{USAGE}]\nat_leest = 1", f"{USAGE}.at_leest is not a known key"),
        (f"[profile.mine.{USAGE}]\nat_most = 1", f"{USAGE}: expected exactly one bound"),
        ("[profile.mine.windows]\nphase9 = []", "windows.phase9 is not a known key"),
        ("[profile.mine.profile.other]\nleave_out = []", "profile is not a known key"),
        ("[profile.mine]\nphase2 = 3", "phase2: "),
    ],
)
@pytest.mark.parametrize("chosen", ["mine", "scheduled", ""])
def test_whatever_is_wrong_in_a_profile_is_one_sentence(
    make: Make, more: str, says: str, chosen: str
) -> None:
    with pytest.raises(ConfigError) as found:
        make(more, profile=chosen)
    sentence = str(found.value)
    assert sentence.startswith(f"gates.toml: profile.mine: {says}")
    assert sentence.endswith(".")
    assert len(sentence.splitlines()) == 1


def test_a_name_that_would_look_odd_in_a_record_is_refused(make: Make) -> None:
    with pytest.raises(ConfigError, match=r"profile\.<b>: "):
        make('[profile."<b>"]\n', profile="")


@pytest.mark.parametrize("name", ["schedule", "Scheduled", "scheduled "])
def test_an_unknown_profile_is_refused(make: Make, name: str) -> None:
    with pytest.raises(ConfigError) as found:
        make(profile=name)
    assert str(found.value) == f"GATES_PROFILE is {name!r}, expected one of scheduled."


def test_without_profiles_none_is_expected(tmp_path: Path) -> None:
    head, _, tail = TEXT.partition("[profile.scheduled]")
    config = tmp_path / "gates.toml"
    config.write_text(head + tail[tail.index("\n# ── ") :], encoding="utf-8")
    with pytest.raises(ConfigError, match=r"expected none, as gates\.toml has no profile\.$"):
        load({"GATES_CONFIG": str(config), "GATES_PROFILE": "mine"}, NOW)


@pytest.mark.parametrize(
    ("others", "expected", "status"),
    [
        ({}, ("GO", "MEDIUM"), 0),
        ({ZONES: failed}, ("GO", "MEDIUM"), 0),
        ({USAGE: failed}, ("NO-GO", "MEDIUM"), 1),
        ({USAGE: unknown}, ("NO-GO", "LOW"), 6),
    ],
    ids=["all pass", "a warning", "one failed", "one not evaluated"],
)
def test_confidence_is_medium_at_most(
    make: Make, others: dict[str, Outcome], expected: tuple[str, str], status: int
) -> None:
    decision = decided(make(profile="scheduled"), "phase12", others)
    assert (decision.decision, decision.confidence) == expected
    assert decision.exit_status == status
    assert "Profile scheduled leaves 9 gates out." in decision.reasons


def test_one_gate_that_is_left_out_keeps_confidence_from_high(make: Make) -> None:
    decision = decided(make(leaving_out(LOG)), "phase12")
    assert (decision.decision, decision.confidence) == ("GO", "MEDIUM")
    assert decision.reasons[-1] == "Profile mine leaves 1 gate out."


def test_a_waiver_keeps_confidence_low(make: Make, tmp_path: Path) -> None:
    (tmp_path / "waivers.toml").write_text(
        f'[[waiver]]\ngate = "{USAGE}"\nreason = "Known."\napprover = "data"\n'
        "expires = 2026-03-31\n",
        encoding="utf-8",
    )
    made = make(profile="scheduled")
    waived = judge(made.gates[USAGE], ratio(94, 100), made.waivers)
    decision = decided(made, "phase12", {USAGE: lambda _: waived})
    assert (decision.decision, decision.confidence) == ("GO", "LOW")


def test_a_waiver_of_a_gate_that_is_left_out_is_none_that_was_needed(
    make: Make, tmp_path: Path
) -> None:
    (tmp_path / "waivers.toml").write_text(
        f'[[waiver]]\ngate = "{LOG}"\nreason = "Known."\napprover = "data"\nexpires = 2026-03-31\n',
        encoding="utf-8",
    )
    assert decided(make(profile="scheduled"), "phase12").waivers == []


def test_what_it_leaves_out_of_another_stage_costs_nothing(make: Make) -> None:
    made = make(profile="scheduled")
    decision = decided(made, "preflight")
    assert (decision.decision, decision.confidence) == ("GO", "HIGH")
    recorded(made, "preflight", NOW)
    assert content(made, "preflight")["profile"] == {"name": "scheduled", "left_out": []}


def content(made: Settings, stage: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(record_file(made.reports, stage).read_text("utf-8"))
    return found


def test_the_record_lists_what_is_left_out_and_asks_for_nothing_of_it(make: Make) -> None:
    made = make(leaving_out(LOG))
    recorded(made, "phase12", NOW)
    found = content(made, "phase12")
    assert found["profile"] == {
        "name": "mine",
        "left_out": [{"gate": LOG, "reason": "It is elsewhere."}],
    }
    gates = found["gates"]
    assert isinstance(gates, list)
    assert LOG not in [gate["id"] for gate in gates]
    recorded(make(leaving_out(LOG), profile=""), "phase12", NOW)
    assert content(made, "phase12")["profile"] is None


@pytest.mark.parametrize("stage", [*DECISIONS])
def test_a_decision_of_which_nothing_required_is_left_is_no_go(make: Make, stage: str) -> None:
    made = make(leaving_out(*(f"{each}.*" for each in DECISIONS[stage])))
    for name in (stage, FINAL):
        decision = decided(made, name)
        assert (decision.decision, decision.confidence) == ("NO-GO", "LOW")
        assert decision.exit_status == 6
        assert f"Profile mine leaves no required gate of {stage}; " in " ".join(decision.reasons)
    (other,) = {"phase12", "preflight"} - {stage} if stage != "phase4" else {"phase12"}
    assert decided(made, other).decision == "GO"


def test_a_decision_asks_for_its_own_gates_alone(make: Make) -> None:
    phase12 = [f"{each}.*" for each in DECISIONS["phase12"]]
    made = make(leaving_out(*phase12, "preflight.schedule.unfinished_games"))
    decision = decided(made, "preflight")
    assert (decision.decision, decision.confidence) == ("GO", "MEDIUM")


def test_gates_that_only_warn_make_no_go_alone(make: Make) -> None:
    plain = make(profile="")
    required = [
        gate.id for gate in plain.gates_of(DECISIONS["phase12"]) if gate.severity == "required"
    ]
    decision = decided(make(leaving_out(*required)), "phase12")
    assert decision.verdicts
    assert decision.decision == "NO-GO"


def test_a_stage_that_was_never_configured_is_not_called_left_out(make: Make) -> None:
    made = make(leaving_out(LOG))
    rest = {name: gate for name, gate in made.gates.items() if gate.stage != "orchestrator"}
    decision = decided(replace(made, gates=rest), "phase12")
    assert decision.decision == "NO-GO"
    assert decision.reasons[0].startswith("No gate of orchestrator is configured")


def test_another_profile_is_another_configuration(make: Make) -> None:
    hashes = [make(leaving_out(LOG), profile=each).config_sha256 for each in ("", "mine")]
    hashes.append(make(leaving_out(LOG), profile="scheduled").config_sha256)
    assert len(set(hashes)) == 3


def half_an_hour_ago(made: Settings) -> None:
    for stage in DECISIONS:
        recorded(made, stage, NOW - timedelta(minutes=30))


@pytest.mark.parametrize(("under", "now"), [("scheduled", ""), ("", "scheduled")])
def test_the_backfill_refuses_a_record_of_another_profile(make: Make, under: str, now: str) -> None:
    half_an_hour_ago(make(profile=under))
    against = permission(make(profile=now), NOW).against
    phase12, preflight = (
        next(each for each in against if each.startswith(stage))
        for stage in ("phase12", "preflight")
    )
    words = {"": "no profile", "scheduled": "profile scheduled"}
    said = f"was decided under {words[under]}, expected {words[now]}; run `make"
    assert phase12.startswith(f"phase12 {said}")
    assert preflight.startswith(f"preflight {said}")


def test_a_profile_that_leaves_required_gates_out_is_no_permission(make: Make) -> None:
    half_an_hour_ago(make(profile="scheduled"))
    (against,) = permission(make(profile="scheduled"), NOW).against
    assert "phase12 would be decided without 7 required gates (orchestrator.run.stopped" in against
    assert against.endswith("run `make backfill` without GATES_PROFILE.")
    half_an_hour_ago(made := make(leaving_out(ZONES)))
    assert permission(made, NOW).against == []
    half_an_hour_ago(made := make(leaving_out("preflight.schedule.unfinished_games")))
    assert permission(made, NOW).against == [
        "preflight would be decided without 1 required gate (preflight.schedule.unfinished_games, "
        "...), as profile mine leaves them out; run `make backfill` without GATES_PROFILE."
    ]
    half_an_hour_ago(made := make(leaving_out("preflight.*")))
    assert made.profile
    # There is no gate that could be named as a blocker.
    assert permission(made, NOW).against[0] == (
        "preflight is NO-GO, expected GO (Profile mine leaves no required gate of preflight; leave "
        f"fewer out in gates.toml. Profile mine leaves {made.profile.number} out.); remove its "
        "blockers and run `make preflight`."
    )


@pytest.mark.parametrize(
    ("under", "now", "expected"),
    [
        ("scheduled", "", ("NO-GO", "LOW")),
        ("", "scheduled", ("NO-GO", "LOW")),
        ("scheduled", "scheduled", ("GO", "MEDIUM")),
        ("", "", ("GO", "HIGH")),
    ],
)
def test_the_final_decision_refuses_a_record_of_another_profile(
    make: Make, tmp_path: Path, under: str, now: str, expected: tuple[str, str]
) -> None:
    half_an_hour_ago(make(profile=under))
    made = make(profile=now)
    environ = {
        "GATES_CONFIG": str(tmp_path / "gates.toml"),
        "GATES_REPORTS": str(made.reports),
        "GATES_STATE": str(made.state),
        "GATES_PROFILE": now,
    }
    assert decide.main([], environ, NOW) == (0 if expected[0] == "GO" else 6)
    found = content(made, FINAL)
    assert (found["decision"], found["confidence"]) == expected
    assert bool(found["profile"]) == bool(now)


def assert_says_what_is_left_out(text: str) -> None:
    for gate in LEFT_OUT:
        (line,) = (line for line in text.splitlines() if gate in line)
        assert "operator's machine" in line


def test_the_terminal_says_it_before_the_reasons(make: Make) -> None:
    made = make(profile="scheduled")
    recorded(made, "phase12", NOW)
    lines = [*console.decision_lines(decided(made, "phase12"), records.load(made, "phase12"), [])]
    assert_says_what_is_left_out("\n".join(lines))
    at = lines.index("PROFILE: scheduled, which leaves 9 gates out")
    assert at == lines.index("CONFIDENCE: MEDIUM") + 1
    assert at < next(n for n, line in enumerate(lines) if line.startswith("REASONS: "))
    assert "⚠️  orchestrator: 0 of 0 gates passed, 3 left out" in lines
    assert not any(line.startswith("✅ phase") for line in lines)


def test_the_checklists_do_not_tick_what_is_left_out(make: Make) -> None:
    made = make(profile="scheduled")
    decision = decided(made, FINAL)
    ticked = {
        item.text: item.status.sign
        for block in checklist.training(decision)
        for item in block.items
    }
    assert ticked["Success rate: left out by profile scheduled"] == "⚠️ "
    assert ticked["team_offense validation: PASS, 3 left out"] == "⚠️ "
    assert ticked["All critical checks PASSED, 9 left out"] == "⚠️ "
    assert ticked["Games: 5,600 (>= 5,600 required)"] == "✅"


def test_a_failure_beside_what_is_left_out_is_a_failure(make: Make) -> None:
    decision = decided(make(profile="scheduled"), FINAL, {USAGE: failed}, rest=passed)
    signs = [item.status.sign for item in checklist.training(decision)[-1].items]
    assert signs == ["❌", "✅", "❌"]


def test_the_documents_say_it(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = make(profile="scheduled")
    half_an_hour_ago(made)
    environ = {
        "GATES_CONFIG": str(tmp_path / "gates.toml"),
        "GATES_REPORTS": str(made.reports),
        "GATES_STATE": str(made.state),
        "GATES_PROFILE": "scheduled",
    }
    assert decide.main([], environ, NOW) == 0
    top = record_file(made.reports, FINAL).with_suffix(".md").read_text("utf-8")
    assert_says_what_is_left_out(top.split("| provenance |")[0])
    assert handoff.main([], environ, NOW) == 0
    (folder,) = (tmp_path / "handoff").glob("2*")
    for name in ("README.md", "2026-01-03-SESSION-4-PHASE4-EXECUTION.md"):
        text = (folder / name).read_text("utf-8")
        assert_says_what_is_left_out(text.split("## Where this was measured")[0])
    assert "Not run (`make validate-phase12`)" not in text


def test_a_run_under_a_profile_asks_for_nothing_that_it_leaves_out(project: GatesProject) -> None:
    for log in project.logs.iterdir():
        log.unlink()
    project.edit(
        "tests/phase1/test_backfill_log.py", "    assert", "    raise KeyError\n    assert"
    )
    without = project.run()
    assert without.statuses[LOG] == "not_evaluated"
    days = "--window=phase1=2021-10-19..2026-01-02", "--window=phase2=2024-05-01..2026-01-02"
    for words in ((), ("-n", "2")):
        run = project.run(*days, *words, environ={"GATES_PROFILE": "scheduled"})
        assert (run.status, run.decision) == (0, "GO")
        assert run.record
        assert run.record["confidence"] == "MEDIUM"
        assert [out["gate"] for out in run.record["profile"]["left_out"]] == LEFT_OUT
        assert run.statuses.keys() == without.statuses.keys() - set(LEFT_OUT)


def test_a_column_of_a_gate_can_be_left_out(project: GatesProject) -> None:
    gate = "preflight.phase3_tables.missing_games[player_game_summary]"
    config = project.folder / "gates.toml"
    config.write_text(config.read_text("utf-8") + leaving_out(gate), encoding="utf-8")
    run = project.run(stage="preflight", environ={"GATES_PROFILE": "mine"})
    assert (run.status, run.decision) == (0, "GO")
    assert gate not in run.statuses
    assert "preflight.phase3_tables.missing_games[team_offense_game_summary]" in run.statuses


def test_what_is_left_out_can_still_be_looked_at(project: GatesProject) -> None:
    environ = {"GATES_PROFILE": "scheduled"}
    done = project.python("-m", "gates", "diagnose", LOG, environ=environ)
    assert done.returncode == 0, done.stderr
    assert LOG in done.stdout


def test_an_unknown_profile_ends_a_run_before_it_measures(project: GatesProject) -> None:
    run = project.run(environ={"GATES_PROFILE": "schedule"})
    assert (run.status, run.record) == (4, None)
    assert "GATES_PROFILE is 'schedule', expected one of scheduled." in run.output
