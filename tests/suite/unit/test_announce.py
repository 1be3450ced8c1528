"""One message on what is worse than was told, to a real server; no word holds its address."""

import socket
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from announcing import LINK, NOTHING, NOW, SECRET, Chat, Desk
from builders import Outcome, failed, recorded, unknown
from harness import ROOT, GatesProject

from gates import program
from gates.commands import announce
from gates.config.gate import Gate
from gates.config.stages import stages_of
from gates.decide import announced, history
from gates.decide.record import record_file
from gates.decide.verdict import Verdict, judge
from gates.measure.result import Measurement

USAGE = "phase2.player_game_summary.usage_rate"
MINUTES = "phase2.player_game_summary.minutes_played"


def test_a_first_run_with_go_sends_nothing(desk: Desk, chat: Chat) -> None:
    assert (desk.run(), chat.posts) == (NOTHING, [])
    # Nothing was told, so nothing is noted.
    assert not (desk.settings.state / announced.FILE).exists()


def test_a_first_run_with_no_go_is_told(desk: Desk, chat: Chat) -> None:
    assert desk.run({USAGE: failed}) == "slack GATES_WEBHOOK: phase12: NO-GO, which was sent."
    head, line, link = chat.posts[0][1]["text"].splitlines()
    assert head.startswith("nba-gates phase12: NO-GO (confidence")
    assert line.startswith(f"- {USAGE} fails: measured 94.000%")
    assert link == LINK.replace("&", "&amp;")


def test_a_change_is_posted_once(desk: Desk, chat: Chat) -> None:
    outcomes: list[dict[str, Outcome]] = [{}, {}, {USAGE: failed}, {USAGE: failed}, {}, {}]
    said = [desk.run(others) for others in outcomes]
    assert [path for path, _ in chat.posts] == [f"/hook/{SECRET}"] * 2
    assert said[2] == "slack GATES_WEBHOOK: phase12: GO became NO-GO, which was sent."
    assert said[4] == "slack GATES_WEBHOOK: phase12: NO-GO became GO, which was sent."
    assert [said[run] for run in (0, 1, 3, 5)] == [NOTHING] * 4


def test_the_message_says_what_changed_and_where_to_look(desk: Desk, chat: Chat) -> None:
    desk.run()
    desk.run({USAGE: failed, MINUTES: unknown})
    ((_, posted),) = chat.posts
    head, *rest, compared, link = posted["text"].splitlines()
    assert list(posted) == ["text"]
    assert head == (
        "nba-gates phase12: GO became NO-GO (confidence MEDIUM, target local, profile scheduled)"
    )
    assert rest == [
        f"- {MINUTES} cannot be judged: not evaluated, the log is missing",
        f"- {USAGE} fails: measured 94.000% (94 of 100 rows of those who played), "
        "runbook 3.4 asks for at least 95% (1 row short)",
    ]
    assert compared == "Compared with the run of 2026-01-03T13:00:00+00:00."
    assert link == LINK.replace("&", "&amp;")


def test_more_changes_than_a_message_holds_are_counted(desk: Desk, chat: Chat) -> None:
    gates = [gate.id for gate in desk.settings.gates_of(stages_of("phase12"))]
    desk.run()
    desk.run(dict.fromkeys(gates, unknown))
    lines = chat.posts[0][1]["text"].splitlines()
    assert sum(" cannot be judged: " in line for line in lines) == 20
    assert f"- and {len(gates) - 20} more" in lines


def test_a_no_go_that_gets_worse_is_told(desk: Desk, chat: Chat) -> None:
    desk.run({USAGE: failed})
    said = desk.run({MINUTES: failed})
    assert said == "slack GATES_WEBHOOK: phase12: NO-GO as before, which was sent."
    lines = chat.posts[1][1]["text"].splitlines()
    assert lines[1].startswith(f"- {MINUTES} fails: measured 98.000%")
    assert lines[2].startswith(f"- {USAGE} is well again: measured 95.000%")


def test_a_run_that_left_no_record_is_a_no_go(desk: Desk, chat: Chat) -> None:
    said = [desk.run(), desk.run(lost=True), desk.run(lost=True), desk.run(), desk.run()]
    assert said[1] == "slack GATES_WEBHOOK: phase12: GO became NO-GO, which was sent."
    assert said[3] == "slack GATES_WEBHOOK: phase12: NO-GO became GO, which was sent."
    assert [said[run] for run in (0, 2, 4)] == [NOTHING] * 3
    texts = [posted["text"] for _, posted in chat.posts]
    assert len(texts) == 2
    assert "No record: phase12 has no decision: " in texts[0]
    assert "- " not in texts[0]
    assert "The run before left no record." in texts[1]


def test_a_record_that_cannot_be_read_is_none(desk: Desk, chat: Chat) -> None:
    desk.run()
    record_file(desk.settings.reports, "phase12").write_text("{", encoding="utf-8")
    said = desk.say(NOW + timedelta(hours=9), "phase12")
    assert said == "slack GATES_WEBHOOK: phase12: GO became NO-GO, which was sent."
    assert "has no decision that can be read" in chat.posts[0][1]["text"]


def test_the_first_run_may_leave_no_record(desk: Desk, chat: Chat) -> None:
    assert desk.run(lost=True) == "slack GATES_WEBHOOK: phase12: NO-GO, which was sent."
    assert desk.run() == "slack GATES_WEBHOOK: phase12: NO-GO became GO, which was sent."
    assert len(chat.posts) == 2


def test_what_was_told_of_gates_outlasts_a_run_without_a_record(desk: Desk, chat: Chat) -> None:
    for lost in (False, True, False):
        desk.run({USAGE: failed}, lost=lost)
    texts = [posted["text"].splitlines() for _, posted in chat.posts]
    assert texts[1][1].startswith("No record: phase12 has no decision: ")
    assert not any(USAGE in line for line in texts[1] + texts[2])
    assert texts[2][1] == "The run before left no record."
    assert desk.run({USAGE: failed}) == NOTHING


@pytest.mark.parametrize(("name", "value"), [("GATES_PROFILE", ""), ("GATES_TARGET", "bigquery")])
def test_runs_of_another_profile_or_target_are_not_compared(
    desk: Desk, chat: Chat, name: str, value: str
) -> None:
    desk.run({USAGE: failed})
    desk.environ[name] = value
    # Of these runs nobody was told anything.
    assert desk.run({USAGE: failed}) == "slack GATES_WEBHOOK: phase12: NO-GO, which was sent."
    assert desk.run({USAGE: failed}) == NOTHING
    assert len(chat.posts) == 2


def test_several_stages_are_one_message(desk: Desk, chat: Chat) -> None:
    for stage in ("phase12", "preflight", "phase4"):
        gate = desk.settings.gates_of(stages_of(stage))[0]
        recorded(desk.settings, stage, NOW, {gate.id: failed} if stage != "preflight" else {})
    said = desk.say(NOW, "phase12", "preflight", "phase4")
    assert said == "slack GATES_WEBHOOK: phase12: NO-GO; phase4: NO-GO, which was sent."
    ((_, posted),) = chat.posts
    lines = posted["text"].splitlines()
    assert [line.split(" (")[0] for line in lines if line.startswith("nba-gates")] == [
        "nba-gates phase12: NO-GO",
        "nba-gates phase4: NO-GO",
    ]
    assert (lines[2], lines[-1]) == ("", LINK.replace("&", "&amp;"))
    assert desk.say(NOW, "phase4", "phase12") == NOTHING


def test_other_windows_and_another_configuration_are_said(
    desk: Desk, chat: Chat, tmp_path: Path
) -> None:
    desk.run()
    text = (ROOT / "gates.toml").read_text(encoding="utf-8")
    other = tmp_path / "gates.toml"
    other.write_text(text.replace("phase1 = [2021-10-19", "phase1 = [2022-10-18"), encoding="utf-8")
    desk.environ["GATES_CONFIG"] = str(other)
    desk.run({USAGE: failed})
    lines = chat.posts[0][1]["text"].splitlines()
    assert "That run read another window." in lines
    assert "That run had another gates.toml or waivers.toml." in lines


HOSTILE = "@channel <!here> [bill](https://evil.example) \u202e\x1b[31m\nnba-gates: GO & more"


def test_what_others_wrote_is_shown_and_never_obeyed(desk: Desk, chat: Chat) -> None:
    def hostile(gate: Gate) -> Verdict:
        return judge(gate, Measurement(Fraction(1), Fraction(100), note=HOSTILE))

    desk.run()
    desk.run({USAGE: hostile})
    text = chat.posts[0][1]["text"]
    (line,) = (line for line in text.splitlines() if USAGE in line)
    assert "&lt;!here&gt;" in line
    assert "GO &amp; more" in line
    for live in ("@channel", "](", "https://", "<", "\u202e", "\x1b"):
        assert live not in line
    assert len(text.splitlines()) == 4


def test_without_a_webhook_one_sentence_says_so(desk: Desk, chat: Chat) -> None:
    desk.environ["GATES_WEBHOOK"] = ""
    desk.run()
    said = desk.run({USAGE: failed})
    assert said == ("phase12: GO became NO-GO; nothing was sent, because GATES_WEBHOOK is not set.")
    del desk.environ["GATES_WEBHOOK"]
    # The run before was a NO-GO too, and nobody was told.
    assert desk.run({USAGE: failed}) == said.replace("GO became NO-GO", "NO-GO as before")
    desk.environ["GATES_WEBHOOK"] = chat.webhook
    assert desk.run({USAGE: failed}).endswith("NO-GO as before, which was sent.")
    assert len(chat.posts) == 1


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_message_that_is_refused_is_an_error_and_tried_again_by_the_next_run(
    desk: Desk, chat: Chat, status: int
) -> None:
    chat.status = status
    desk.run()
    said = desk.run({USAGE: failed}, status=1)
    assert said == (
        "error: slack GATES_WEBHOOK: phase12: GO became NO-GO, and sending it failed "
        f"(status {status}; correct GATES_WEBHOOK); the next run tries again."
    )
    # A redirect would carry the message, and the secret, elsewhere.
    assert len(chat.posts) == 1
    assert not (desk.settings.state / announced.FILE).exists()
    chat.status = 200
    assert desk.run({USAGE: failed}).endswith("which was sent.")
    first, again = (posted["text"].splitlines() for _, posted in chat.posts)
    assert first[1] == again[1]
    assert desk.run({USAGE: failed}) == NOTHING


def test_what_nobody_was_told_of_and_is_well_again_is_no_news(desk: Desk, chat: Chat) -> None:
    chat.status = 500
    desk.run({USAGE: failed}, status=1)
    chat.status = 200
    assert desk.run() == NOTHING


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize(
    ("webhook", "kind"),
    [
        (f"http://127.0.0.1:{closed_port()}/{SECRET}", "ConnectionError"),
        (f"{SECRET}", "MissingSchema"),
        (f"ftp://127.0.0.1/{SECRET}", "InvalidSchema"),
        (f"http://[{SECRET}", "InvalidURL"),
        (f"http://127.0.0.1:99999999/{SECRET}", "InvalidURL"),
        (f"http://{SECRET}..invalid/", "LocationParseError"),
    ],
    ids=["nobody listens", "no scheme", "another scheme", "no host", "no port", "no name"],
)
def test_a_post_that_fails_says_only_the_kind_of_error(desk: Desk, webhook: str, kind: str) -> None:
    desk.environ |= {"GATES_WEBHOOK": webhook, "GITHUB_ACTIONS": "true"}
    desk.run()
    said = desk.run({USAGE: failed}, status=1)
    assert said == (
        "::error::slack GATES_WEBHOOK: phase12: GO became NO-GO, and sending it failed "
        f"({kind}; correct GATES_WEBHOOK); the next run tries again."
    )


def test_a_history_that_cannot_be_read_costs_no_message(desk: Desk, chat: Chat) -> None:
    desk.run({USAGE: failed})
    (desk.settings.state / history.FILE).write_text("no database", encoding="utf-8")
    recorded(desk.settings, "phase12", desk.now, {USAGE: failed, MINUTES: failed})
    warning, sent = desk.say(desk.now, "phase12").splitlines()
    assert warning.startswith("warning: phase12: The history ")
    assert sent == "slack GATES_WEBHOOK: phase12: NO-GO as before, which was sent."
    assert len(chat.posts) == 2


def test_a_history_without_this_run_compares_it_with_the_newest(desk: Desk, chat: Chat) -> None:
    desk.run()
    recorded(desk.settings, "phase12", NOW + timedelta(hours=5), {USAGE: failed})
    assert desk.say(NOW, "phase12").endswith("phase12: GO became NO-GO, which was sent.")
    assert len(chat.posts) == 1


def test_settings_that_cannot_be_used_end_it(
    desk: Desk, chat: Chat, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.environ["GATES_PROFILE"] = "schedule"
    words = ["phase12", "--link", LINK]
    assert program.ended(lambda: announce.main(words, desk.environ, NOW)) == 4
    assert "GATES_PROFILE is 'schedule'" in capsys.readouterr().err
    assert chat.posts == []


@pytest.mark.parametrize(
    "words", [[], ["phase12"], ["final", "--link", LINK], ["x", "--link", "y"]]
)
def test_words_that_are_not_understood(desk: Desk, words: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        announce.main(words, desk.environ, NOW)


def test_as_a_program_after_real_runs(project: GatesProject, chat: Chat) -> None:
    environ = {"GATES_PROFILE": "scheduled", "GATES_WEBHOOK": chat.webhook}

    def run() -> str:
        project.run(environ=environ)
        words = ("-m", "gates", "announce", "phase12", "--link", LINK)
        done = project.python(*words, environ=environ)
        assert done.returncode == 0, done.stderr
        assert SECRET not in done.stdout + done.stderr
        return done.stdout.strip().removesuffix("\nNext: make history")

    # The suite's tables end there, on whatever day this is.
    project.edit("gates.toml", '"yesterday"]', "2026-01-02]")
    assert run() == NOTHING
    project.edit("gates.toml", "at_least = 5_600", "at_least = 6_000")
    assert run() == "slack GATES_WEBHOOK: phase12: GO became NO-GO, which was sent."
    ((_, posted),) = chat.posts
    assert "- phase1.team_offense_game_summary.game_count fails: " in posted["text"]
    assert run() == NOTHING
