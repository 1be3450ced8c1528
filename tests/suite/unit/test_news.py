"""What is news: worse than was told, beginning, about to expire, well again; to whom, and once."""

import json
import stat
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from announcing import LINK, NOTHING, SECRET, Chat, Desk
from builders import at, failed, marginal, passed, ratio, unknown
from harness import ROOT

from gates import program
from gates.commands import announce
from gates.config.gate import Gate
from gates.decide import announced, news
from gates.decide.announced import Announced
from gates.decide.only_run import locked
from gates.decide.verdict import Verdict, judge
from gates.measure.result import Measurement

USAGE = "phase2.player_game_summary.usage_rate"
MINUTES = "phase2.player_game_summary.minutes_played"
ZONES = "phase2.player_game_summary.shot_zones"
GAMES = "phase1.team_offense_game_summary.game_count"
COVERAGE = "phase4.player_composite_factors.coverage"
DAY = timedelta(days=1)
WAIVER = """[[waiver]]
gate = "{gate}"
reason = "The source is late."
approver = "data lead"
expires = {expires}
"""


def of(number: str) -> Callable[[Gate], Verdict]:
    return lambda gate: at(gate, Decimal(number))


def configure(desk: Desk, folder: Path, more: str = "", waivers: str = "") -> None:
    """gates.toml with `more` in it, and a waivers.toml beside it, for this desk."""
    file = folder / "gates.toml"
    text = (ROOT / "gates.toml").read_text(encoding="utf-8")
    file.write_text(text.replace("[handoff]", f"{more}\n[handoff]", 1), encoding="utf-8")
    file.with_name("waivers.toml").write_text(waivers, encoding="utf-8")
    desk.environ["GATES_CONFIG"] = str(file)


def last(chat: Chat) -> list[str]:
    """The lines of the message that came last, without the one for the link."""
    return str(chat.posts[-1][1]["text"]).splitlines()[:-1]


def test_a_warning_that_begins_under_a_go_is_told_and_its_end(desk: Desk, chat: Chat) -> None:
    desk.run()
    assert desk.run({ZONES: failed}).endswith("phase12: GO as before, which was sent.")
    assert last(chat)[1].startswith(f"- {ZONES} warns: measured 39.000%")
    assert desk.run({ZONES: failed}) == NOTHING
    desk.run()
    assert last(chat)[1].startswith(f"- {ZONES} is well again: measured 40.000%")
    assert len(chat.posts) == 2


def test_what_fails_is_told_again_only_when_it_is_worse(desk: Desk, chat: Chat) -> None:
    # 95 is asked for: 5 points are lacking, and a tenth of that is half a point.
    for value in ("90", "89.6", "90", "89.6"):
        desk.run({USAGE: of(value)})
    assert len(chat.posts) == 1
    desk.run({USAGE: of("89.4")})
    assert last(chat)[1].startswith(
        f"- {USAGE} got worse, 90.000% when it was told: measured 89.400%"
    )
    for value in ("89.4", "94", "89.4"):
        assert desk.run({USAGE: of(value)}) == NOTHING


def test_many_small_steps_are_told_together(desk: Desk, chat: Chat) -> None:
    for value in ("90", "89.8", "89.6", "89.5", "89.2"):
        desk.run({USAGE: of(value)})
    assert [line for line in last(chat) if "got worse" in line]
    assert len(chat.posts) == 2


def test_a_step_as_it_usually_makes_is_no_news(desk: Desk, chat: Chat) -> None:
    # Up and down by 400 games: its usual step, which eight runs have shown.
    for place in range(9):
        desk.run({GAMES: of("5000" if place % 2 else "4600")})
    sent = len(chat.posts)
    assert desk.run({GAMES: of("4500")}) == NOTHING
    desk.run({GAMES: of("3000")})
    assert last(chat)[1].startswith(f"- {GAMES} got worse, 4,600 when it was told: measured 3,000")
    assert len(chat.posts) == sent + 1


def test_a_worse_status_is_news_and_a_better_one_is_not(desk: Desk, chat: Chat) -> None:
    outcomes = [marginal, failed, unknown, marginal, failed]
    said = [desk.run({COVERAGE: outcome}, stage="phase4") for outcome in outcomes]
    assert [each == NOTHING for each in said] == [False, False, True, True, True]
    assert last(chat)[1].startswith(f"- {COVERAGE} fails: measured 79.000%")


def test_a_blocker_that_becomes_a_waived_failure_is_no_longer_told(
    desk: Desk, chat: Chat, tmp_path: Path
) -> None:
    configure(desk, tmp_path)
    desk.run({USAGE: failed})
    configure(desk, tmp_path, waivers=WAIVER.format(gate=USAGE, expires="2026-03-01"))

    desk.run({USAGE: lambda gate: judge(gate, ratio(94, 100), desk.settings.waivers)})
    assert last(chat)[2].startswith(f"- {USAGE} is waived: measured 94.000%")


def test_a_gate_that_is_gone_is_told_once(desk: Desk, chat: Chat, tmp_path: Path) -> None:
    configure(desk, tmp_path)
    desk.run({GAMES: failed})
    file = tmp_path / "gates.toml"
    before, rest = file.read_text(encoding="utf-8").split(f"[{GAMES}]")
    file.write_text(before + rest[rest.index("\n[") + 1 :], encoding="utf-8")
    desk.run()
    assert f"- {GAMES} is not asked for any more" in last(chat)
    assert desk.run() == NOTHING


@pytest.mark.parametrize(
    ("expires", "days", "told"),
    [
        ("2026-01-20", (0, 9, 10, 11, 15, 16, 17, 18), {10: "in 7 days", 16: "in 1 day"}),
        # Whoever comes late hears of it at once, and on the last day of what it missed.
        ("2026-01-06", (0, 1, 3, 4), {0: "in 3 days", 3: "today"}),
    ],
)
def test_a_waiver_is_told_seven_days_and_one_before_its_end(
    desk: Desk,
    chat: Chat,
    tmp_path: Path,
    expires: str,
    days: tuple[int, ...],
    told: dict[int, str],
) -> None:
    configure(desk, tmp_path, waivers=WAIVER.format(gate=USAGE, expires=expires))
    begun, found = desk.now, {}
    for day in days:
        desk.now = begun + day * DAY
        if desk.run(after=timedelta(0)) != NOTHING:
            found[day] = last(chat)[1]
    assert found == {
        day: f"- {USAGE}: its waiver expires {when}, after {expires} (approved by data lead): "
        "The source is late."
        for day, when in told.items()
    }


def test_a_waiver_that_is_given_longer_is_told_anew(desk: Desk, chat: Chat, tmp_path: Path) -> None:
    for expires in ("2026-01-08", "2026-01-08", "2026-01-09", "2026-01-30", "2026-01-08"):
        configure(desk, tmp_path, waivers=WAIVER.format(gate=USAGE, expires=expires))
        desk.run()
    assert len(chat.posts) == 3


def test_the_same_no_go_is_told_again_after_days(desk: Desk, chat: Chat, tmp_path: Path) -> None:
    # 7 days, as gates.toml has it; by the date, so that a minute decides nothing.
    desk.run({USAGE: failed, ZONES: failed})
    begun, told = desk.now, []
    for day in (1, 6, 7, 8, 13, 14):
        desk.now = begun + day * DAY - timedelta(minutes=day)
        if desk.run({USAGE: failed, ZONES: failed}, after=timedelta(0)) != NOTHING:
            told.append(day)
    assert told == [7, 14]
    head, blocker, *rest = last(chat)
    assert head.startswith("nba-gates phase12: still NO-GO, since 2026-01-03T13:00:00+00:00 (")
    assert blocker.startswith(f"- {USAGE} fails: ")
    # A warning is nobody's NO-GO.
    assert not any(ZONES in line for line in rest)


def test_other_news_starts_the_days_anew_and_a_go_ends_them(desk: Desk, chat: Chat) -> None:
    desk.run({USAGE: failed})
    desk.run({USAGE: failed, MINUTES: failed}, after=6 * DAY)
    assert desk.run({USAGE: failed, MINUTES: failed}, after=DAY) == NOTHING
    desk.run()
    assert desk.run(after=30 * DAY) == NOTHING


def test_nobody_is_reminded_where_no_number_of_days_is_set(
    desk: Desk, chat: Chat, tmp_path: Path
) -> None:
    configure(desk, tmp_path)
    file = tmp_path / "gates.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("remind_after_days = 7", "# "), encoding="utf-8")
    desk.run({USAGE: failed})
    assert desk.run({USAGE: failed}, after=300 * DAY) == NOTHING


def test_a_run_without_a_record_is_reminded_of_too(desk: Desk, chat: Chat) -> None:
    desk.run(lost=True)
    desk.run(lost=True, after=8 * DAY)
    head, why = last(chat)[:2]
    assert "still NO-GO" in head
    assert why.startswith("No record: ")


OWNERS = """[owners]
"phase1.*" = "phase1-pipeline"
"phase2.*" = "phase2-pipeline"
"""
ROUTES = f"""{OWNERS}
[[routes]]
owner = "phase1-*"
shape = "google-chat"
webhook = "PHASE1_CHAT"
[[routes]]
owner = "phase2-pipeline"
severity = "blocker"
shape = "teams"
webhook = "PHASE2_CHAT"
[[routes]]
severity = "warning"
shape = "slack"
webhook = "WARNINGS"
[[routes]]
shape = "file"
path = "{{file}}"
"""


@pytest.fixture
def routed(desk: Desk, chat: Chat, tmp_path: Path) -> Path:
    """The file of a desk with four receivers, three of them at the chat."""
    file = tmp_path / "told" / "messages.txt"
    configure(desk, tmp_path, ROUTES.format(file=file))
    for name in ("PHASE1_CHAT", "PHASE2_CHAT", "WARNINGS"):
        desk.environ[name] = f"{chat.webhook}/{name}"
    del desk.environ["GATES_WEBHOOK"]
    return file


def test_a_message_is_grouped_by_owner(desk: Desk, chat: Chat, tmp_path: Path) -> None:
    configure(desk, tmp_path, OWNERS)
    desk.environ["GATES_PROFILE"] = ""
    desk.run({GAMES: failed, ZONES: failed, USAGE: failed, "orchestrator.run.stopped": unknown})
    heads = [line.split(" ")[1] if line[0] == "-" else line for line in last(chat)[1:]]
    assert heads == [
        "No owner:",
        "orchestrator.run.stopped",
        "phase1-pipeline:",
        GAMES,
        "phase2-pipeline:",
        USAGE,
        ZONES,
    ]


def test_each_receiver_hears_of_its_own_in_one_message(
    desk: Desk, chat: Chat, routed: Path
) -> None:
    said = desk.run({GAMES: failed, MINUTES: failed, USAGE: failed, ZONES: failed}).splitlines()
    assert [line.split(": ")[0] for line in said] == [
        "google-chat PHASE1_CHAT",
        "teams PHASE2_CHAT",
        "slack WARNINGS",
        f"file {routed}",
    ]
    told = {path.rsplit("/", 1)[1]: json.dumps(body) for path, body in chat.posts}
    gates = (GAMES, MINUTES, USAGE, ZONES)
    assert {name: [g for g in gates if g in text] for name, text in told.items()} == {
        "PHASE1_CHAT": [GAMES],
        "PHASE2_CHAT": [MINUTES, USAGE],
        "WARNINGS": [ZONES],
    }
    text = routed.read_text(encoding="utf-8")
    assert all(f"- {gate}" in text for gate in gates)
    assert text.endswith(f"\n{LINK}\n\n")
    assert stat.S_IMODE(routed.stat().st_mode) == 0o600
    assert all(
        line.endswith(": nothing is new.")
        for line in desk.run(
            {GAMES: failed, MINUTES: failed, USAGE: failed, ZONES: failed}
        ).splitlines()
    )


def test_who_hears_of_warnings_alone_hears_of_no_verdict(
    desk: Desk, chat: Chat, routed: Path
) -> None:
    desk.run({MINUTES: failed})
    # A verdict is for everybody who hears of blockers, also of other owners.
    assert [path.rsplit("/", 1)[1] for path, _ in chat.posts] == ["PHASE1_CHAT", "PHASE2_CHAT"]


def test_what_one_chat_refuses_is_sent_to_it_alone_the_next_time(
    desk: Desk, chat: Chat, routed: Path
) -> None:
    desk.environ["PHASE1_CHAT"] = f"http://127.0.0.1:9/{SECRET}"
    said = desk.run({GAMES: failed}, status=1).splitlines()
    assert said[0].startswith("error: google-chat PHASE1_CHAT: phase12: NO-GO, and sending it ")
    assert said[1].endswith("which was sent.")
    before = len(chat.posts)
    desk.environ["PHASE1_CHAT"] = f"{chat.webhook}/PHASE1_CHAT"
    desk.run({GAMES: failed})
    assert [path.rsplit("/", 1)[1] for path, _ in chat.posts[before:]] == ["PHASE1_CHAT"]
    assert routed.read_text(encoding="utf-8").count("nba-gates") == 1


def test_a_route_without_its_variable_is_an_error(desk: Desk, chat: Chat, routed: Path) -> None:
    del desk.environ["PHASE2_CHAT"]
    said = desk.run({USAGE: failed}, status=1).splitlines()
    assert said[1] == (
        "error: teams PHASE2_CHAT: phase12: NO-GO, and sending it failed (PHASE2_CHAT is not set; "
        "set it to the chat's address); the next run tries again."
    )


@pytest.mark.parametrize("there", ["folder", "link"])
def test_a_file_that_cannot_be_written_is_an_error(
    desk: Desk, chat: Chat, routed: Path, there: str
) -> None:
    routed.parent.mkdir()
    if there == "folder":
        routed.mkdir()
    else:
        routed.symlink_to(routed.with_name("elsewhere"))
    said = desk.run({USAGE: failed}, status=1).splitlines()
    assert said[-1].startswith(f"error: file {routed}: phase12: NO-GO, and sending it failed (")
    assert not routed.with_name("elsewhere").exists()


def test_what_no_route_is_for_is_a_warning(desk: Desk, chat: Chat, tmp_path: Path) -> None:
    route = '[[routes]]\nowner = "phase1-*"\nshape = "slack"\nwebhook = "GATES_WEBHOOK"'
    configure(desk, tmp_path, f"{OWNERS}{route}")
    assert desk.run({USAGE: failed, ZONES: failed}).splitlines()[1] == (
        f"warning: Nobody is told of {USAGE} and 1 more: no route is for it; add one to gates.toml."
    )


def posted_as(name: str, desk: Desk, chat: Chat, folder: Path) -> object:
    """The body that a chat of this shape is sent of a gate with a hostile note."""
    configure(desk, folder, f'[[routes]]\nshape = "{name}"\nwebhook = "GATES_WEBHOOK"')
    desk.run({USAGE: hostile})
    return chat.posts[-1][1]


def test_google_chat_is_sent_a_text_in_which_nothing_is_a_mention(
    desk: Desk, chat: Chat, tmp_path: Path
) -> None:
    posted = posted_as("google-chat", desk, chat, tmp_path)
    assert isinstance(posted, dict)
    assert list(posted) == ["text"]
    lines = posted["text"].splitlines()
    assert "<users/all>" not in posted["text"]
    assert "<\u200busers/all> & <\u200bhttps:\u200b//evil.example|GO>" in lines[1]
    assert lines[-1] == LINK


def test_teams_is_sent_a_card_of_plain_runs_of_text(desk: Desk, chat: Chat, tmp_path: Path) -> None:
    posted = posted_as("teams", desk, chat, tmp_path)
    assert isinstance(posted, dict)
    assert posted["type"] == "message"
    (attachment,) = posted["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.2")
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    runs = [run for block in card["body"] for run in block["inlines"]]
    assert {run["type"] for run in runs} == {"TextRun"}
    assert runs[0]["text"].startswith("nba-gates phase12: NO-GO (")
    assert "<users/all> & <https:\u200b//evil.example|GO>" in runs[1]["text"]
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Open the run", "url": LINK}]


def hostile(gate: Gate) -> Verdict:
    note = "<users/all> & <https://evil.example|GO>"
    return judge(gate, Measurement(Fraction(1), Fraction(100), note=note))


def test_what_was_told_is_kept_for_the_owner_of_the_state_alone(desk: Desk, chat: Chat) -> None:
    desk.run({USAGE: failed})
    file = desk.settings.state / announced.FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (told,) = Announced.model_validate_json(file.read_text(encoding="utf-8")).told
    assert told.receiver == "slack GATES_WEBHOOK"
    assert told.gates[USAGE].measured == 94
    assert SECRET not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["{", '{"schema_version": 2}', "[]"])
def test_what_was_told_and_cannot_be_read_is_an_error(
    desk: Desk, chat: Chat, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.run()
    file = desk.settings.state / announced.FILE
    file.write_text(text, encoding="utf-8")
    words = ["phase12", "--link", LINK]
    assert program.ended(lambda: announce.main(words, desk.environ, desk.now)) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"{file} cannot be read (")
    assert "move it away" in said
    assert chat.posts == []


def test_one_process_announces_at_a_time(
    desk: Desk, chat: Chat, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["phase12", "--link", LINK]
    with locked(desk.settings.state, announce.LOCK):
        assert program.ended(lambda: announce.main(words, desk.environ, desk.now)) != 0
    assert "A run of announce is under way" in capsys.readouterr().err


def test_a_gate_that_passes_is_neither(desk: Desk) -> None:
    gate = desk.settings.gates[USAGE]
    assert [news.severity_of(each(gate)) for each in (passed, failed, unknown)] == [
        None,
        "blocker",
        "blocker",
    ]
    assert news.severity_of(failed(desk.settings.gates[ZONES])) == "warning"
