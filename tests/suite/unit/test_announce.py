"""One message when the verdict changes, to a real server; the webhook is in no word of it."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from builders import Outcome, failed, recorded, unknown
from harness import ROOT, GatesProject

from gates import program
from gates.commands import announce
from gates.config.gate import Gate
from gates.config.settings import Settings, load
from gates.config.stages import stages_of
from gates.decide import history, records
from gates.decide.record import record_file
from gates.decide.verdict import Verdict, judge
from gates.measure.result import Measurement

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
LINK = "https://ci.example/runs/7?a=1&b=2"
SECRET = "T0KEN-of-the-webhook"  # noqa: S105
USAGE = "phase2.player_game_summary.usage_rate"
MINUTES = "phase2.player_game_summary.minutes_played"


@dataclass
class Chat:
    """A chat's webhook: what was posted to it, and the status that it answers with."""

    port: int
    posts: list[tuple[str, Any]] = field(default_factory=list)
    status: int = 200

    @property
    def webhook(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/{SECRET}"


@pytest.fixture
def chat() -> Iterator[Chat]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.posts.append((self.path, json.loads(body)))
            self.send_response(found.status)
            self.send_header("Location", f"/hook/{SECRET}/again")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Chat(server.server_port)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@dataclass
class Desk:
    """A place where runs end one after another and each is announced."""

    environ: dict[str, str]
    capsys: pytest.CaptureFixture[str]
    runs: int = 0

    @property
    def settings(self) -> Settings:
        return load(self.environ, NOW)

    def run(
        self, others: dict[str, Outcome] | None = None, stage: str = "phase12", lost: bool = False
    ) -> str:
        """A run of the gates, taken into the history, and what is said when it is announced."""
        self.runs += 1
        now = NOW + timedelta(hours=self.runs)
        file = record_file(self.settings.reports, stage)
        file.unlink(missing_ok=True)
        if not lost:
            recorded(self.settings, stage, now, others)
            left = records.load(self.settings, stage)
            history.append(self.settings.state, history.of(left))
        return self.say(now, stage)

    def say(self, now: datetime, *stages: str) -> str:
        assert announce.main([*stages, "--link", LINK], self.environ, now) == 0
        captured = self.capsys.readouterr()
        assert SECRET not in captured.out + captured.err
        assert captured.err == ""
        return captured.out.strip()


@pytest.fixture
def desk(tmp_path: Path, chat: Chat, capsys: pytest.CaptureFixture[str]) -> Desk:
    environ = {
        "GATES_CONFIG": str(ROOT / "gates.toml"),
        "GATES_REPORTS": str(tmp_path / "reports"),
        "GATES_STATE": str(tmp_path / "state"),
        "GATES_PROFILE": "scheduled",
        "GATES_WEBHOOK": chat.webhook,
    }
    return Desk(environ, capsys)


def test_the_first_run_posts_nothing(desk: Desk, chat: Chat) -> None:
    said = "phase12: nothing was posted, there is no run to compare GO with."
    assert (desk.run(), chat.posts) == (said, [])


def test_a_change_is_posted_once(desk: Desk, chat: Chat) -> None:
    outcomes: list[dict[str, Outcome]] = [{}, {}, {USAGE: failed}, {USAGE: failed}, {}, {}]
    said = [desk.run(others) for others in outcomes]
    assert [path for path, _ in chat.posts] == [f"/hook/{SECRET}"] * 2
    assert said[1] == "phase12: nothing was posted, the verdict is GO as before."
    assert said[2] == "phase12: GO became NO-GO, which was posted."
    assert said[3] == "phase12: nothing was posted, the verdict is NO-GO as before."
    assert said[4] == "phase12: NO-GO became GO, which was posted."
    assert said[5] == said[1]


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
        f"- {MINUTES}: pass became not_evaluated: not evaluated, the log is missing",
        f"- {USAGE}: pass became fail: measured 94.000% (94 of 100 rows of those who played), "
        "runbook 3.4 asks for at least 95% (1 row short)",
    ]
    assert compared == "Compared with the run of 2026-01-03T13:00:00+00:00."
    assert link == LINK.replace("&", "&amp;")


def test_more_changes_than_a_message_holds_are_counted(desk: Desk, chat: Chat) -> None:
    gates = [gate.id for gate in desk.settings.gates_of(stages_of("phase12"))]
    desk.run()
    desk.run(dict.fromkeys(gates, unknown))
    lines = chat.posts[0][1]["text"].splitlines()
    assert sum(line.startswith("- phase") for line in lines) == 10
    assert f"- and {len(gates) - 10} more" in lines


def test_gates_that_changed_without_the_verdict_post_nothing(desk: Desk, chat: Chat) -> None:
    desk.run({USAGE: failed})
    desk.run({MINUTES: failed})
    assert chat.posts == []


def test_a_run_that_left_no_record_is_a_no_go(desk: Desk, chat: Chat) -> None:
    said = [desk.run(), desk.run(lost=True), desk.run(lost=True), desk.run(), desk.run()]
    assert said[1] == "phase12: GO became NO-GO, which was posted."
    assert said[2] == "phase12: nothing was posted, the verdict is NO-GO as before."
    assert said[3] == "phase12: NO-GO became GO, which was posted."
    assert said[4] == "phase12: nothing was posted, the verdict is GO as before."
    texts = [posted["text"] for _, posted in chat.posts]
    assert len(texts) == 2
    assert "No record: phase12 has no decision: " in texts[0]
    assert "- " not in texts[0]
    assert "The run before left no record." in texts[1]


def test_a_record_that_cannot_be_read_is_none(desk: Desk, chat: Chat) -> None:
    desk.run()
    record_file(desk.settings.reports, "phase12").write_text("{", encoding="utf-8")
    said = desk.say(NOW + timedelta(hours=9), "phase12")
    assert said == "phase12: GO became NO-GO, which was posted."
    assert "has no decision that can be read" in chat.posts[0][1]["text"]


def test_the_first_run_may_leave_no_record(desk: Desk, chat: Chat) -> None:
    assert desk.run(lost=True).endswith("there is no run to compare NO-GO with.")
    assert desk.run() == "phase12: NO-GO became GO, which was posted."
    assert len(chat.posts) == 1


@pytest.mark.parametrize(("name", "value"), [("GATES_PROFILE", ""), ("GATES_TARGET", "bigquery")])
def test_runs_of_another_profile_or_target_are_not_compared(
    desk: Desk, chat: Chat, name: str, value: str
) -> None:
    desk.run()
    desk.environ[name] = value
    assert "there is no run to compare NO-GO with" in desk.run({USAGE: failed})
    assert chat.posts == []


def test_stages_are_compared_each_for_itself(desk: Desk, chat: Chat) -> None:
    desk.run(stage="phase12")
    assert "there is no run" in desk.run(stage="preflight")
    gates = desk.settings.gates_of(["preflight"])
    desk.run(dict.fromkeys([gates[0].id], failed), stage="preflight")
    said = desk.say(NOW + timedelta(hours=3), "phase12", "preflight").splitlines()
    assert [line.split(":")[0] for line in said] == ["phase12", "preflight"]
    assert len(chat.posts) == 2
    assert all("nba-gates preflight: GO became NO-GO" in p["text"] for _, p in chat.posts)


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
    assert said == (
        "phase12: GO became NO-GO; nothing was posted, because GATES_WEBHOOK is not set."
    )
    del desk.environ["GATES_WEBHOOK"]
    assert desk.run() == said.replace("GO became NO-GO", "NO-GO became GO")
    assert chat.posts == []


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_post_that_is_refused_is_a_warning_and_no_more(
    desk: Desk, chat: Chat, status: int
) -> None:
    chat.status = status
    desk.run()
    said = desk.run({USAGE: failed})
    assert said == (
        "warning: phase12: GO became NO-GO, and posting it failed "
        f"(status {status}); correct GATES_WEBHOOK."
    )
    # A redirect would carry the message, and the secret, elsewhere.
    assert len(chat.posts) == 1


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
    said = desk.run({USAGE: failed})
    assert said == (
        "::warning::phase12: GO became NO-GO, and posting it failed "
        f"({kind}); correct GATES_WEBHOOK."
    )


def test_a_history_that_cannot_be_read_is_a_warning(desk: Desk, chat: Chat) -> None:
    desk.run()
    (desk.settings.state / history.FILE).write_text("no database", encoding="utf-8")
    said = desk.say(NOW + timedelta(hours=1), "phase12")
    assert said.startswith("warning: phase12: nothing was posted. The history ")
    assert chat.posts == []


def test_a_history_without_this_run_compares_it_with_the_newest(desk: Desk, chat: Chat) -> None:
    desk.run()
    recorded(desk.settings, "phase12", NOW + timedelta(hours=5), {USAGE: failed})
    assert desk.say(NOW, "phase12") == "phase12: GO became NO-GO, which was posted."
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
        return done.stdout.strip()

    assert "there is no run to compare GO with" in run()
    project.edit("gates.toml", "at_least = 5_600", "at_least = 6_000")
    assert run() == "phase12: GO became NO-GO, which was posted."
    ((_, posted),) = chat.posts
    assert "- phase1.team_offense_game_summary.game_count: pass became fail: " in posted["text"]
