"""A damaged ledger is refused in one sentence, whatever the damage; and never says more is done."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from builders import begun, http, summarized
from harness import ROOT, GatesProject

from backfill import entries
from backfill.attempts import Attempt
from backfill.entries import Content, LedgerError, read
from backfill.ledger import opened
from backfill.summary import status_lines
from gates.config.settings import Settings, load
from gates.config.stages import ALLOWING
from gates.decide import after_backfill, execution
from gates.decide.record import Record, Target
from gates.files import write_json
from gates.measure.all_runs import file_in, ledger_in

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
DAYS = [date(2025, 1, 3) + timedelta(days=n) for n in range(40)]
WINDOW = (date(2024, 10, 1), date(2026, 1, 2))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of forty dates: every third failed twice, the last five are still pending."""
    file = tmp_path_factory.mktemp("ledger") / "backfill.sqlite"
    with opened(file, "local", WINDOW) as ledger:
        ledger.run(begun(NOW - timedelta(hours=5)))
        ledger.plan(DAYS)
        for place, day in enumerate(DAYS[:-5]):
            error = [] if place % 3 else http(503, "the service is at its limit")
            for _ in range(2 if error else 1):
                started = NOW - timedelta(hours=4, minutes=-place)
                number = ledger.begin(day, started)
                ended = Attempt(
                    day,
                    number,
                    started,
                    started + timedelta(seconds=98),
                    503 if error else 200,
                    {} if error else {"PlayerDailyCacheProcessor": "success"},
                    {} if error else {"player_composite_factors": 171},
                    error,
                )
                ledger.end(ended, "failed" if error else "complete")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    return file


def complete(content: Content) -> set[date]:
    return {day for day, state in content.states.items() if state == "complete"}


def damaged(data: bytes, rnd: random.Random) -> bytes:
    """One of the ways in which a file comes to harm."""
    kind, at = rnd.randrange(6), rnd.randrange(len(data))
    size = rnd.choice([1, 1, 2, 8, 64, 512, 4096])
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + b"\0" * size + data[at + size :]
    if kind == 2:
        return data[:at] + rnd.randbytes(size) + data[at + size :]
    if kind == 3:
        return data[:at] + data[at + size :]
    if kind == 4:
        return data[:at] + rnd.randbytes(size) + data[at:]
    return data[:at] + bytes([data[at] ^ 1 << rnd.randrange(8)]) + data[at + 1 :]


def held_or_sentence(file: Path) -> Content | str:
    """What a reader and a writer see of a ledger, or why they refuse it."""
    try:
        found = read(file)
        assert found is not None
        with opened(file, found.target, found.window) as ledger:
            assert ledger.content() == found
    except LedgerError as problem:
        return str(problem)
    return found


@pytest.mark.usefixtures("long_search")
@pytest.mark.parametrize("seed", range(10))
def test_any_damage_is_a_sentence_or_costs_nothing(seed: int, whole: Path, tmp_path: Path) -> None:
    data, known = whole.read_bytes(), read(whole)
    assert known is not None
    rnd, file, refused = random.Random(seed), tmp_path / "backfill.sqlite", 0  # noqa: S311
    for _ in range(60):
        file.write_bytes(damaged(data, rnd))
        found = held_or_sentence(file)
        if isinstance(found, str):
            assert len(found.splitlines()) == 1
            assert "backfill.sqlite" in found
            refused += 1
        else:
            assert complete(found) <= complete(known)
            assert list(status_lines(found, NOW))
        for left in tmp_path.iterdir():
            left.unlink()
    assert refused


VALUES: list[tuple[str, str]] = [
    *(("attempts", f"processors = {text}") for text in ("'null'", "'[]'", "'{'", "'{\"a\": 1}'")),
    *(("attempts", f"held = {text}") for text in ("'null'", "'{\"a\": -1}'", "'{\"a\": null}'")),
    ("attempts", "held = '{\"a\": 1.5}'"),
    *(("attempts", f"failures = {text}") for text in ("'null'", "'{}'", "'[1]'", "'['")),
    ("attempts", 'failures = \'[{"code": "http", "parameters": {}}]\''),
    ("attempts", 'failures = \'[{"code": "x", "parameters": {}}]\''),
    ("attempts", "held = '" + "[" * 100_000 + "'"),
    ("attempts", "http_status = -5"),
    *(("attempts", f"started = {text}") for text in ("'now'", "''", "'2026-01-03T12:00:00'")),
    ("attempts", "started = '9999-12-31T23:59:59+00:00'"),
    ("attempts", "ended = '2020-01-01T00:00:00+00:00'"),
    ("attempts", "ended = 'never'"),
    ("attempts", "attempt = -attempt"),
    *(("dates", f"day = {text}") for text in ("'2025-02-30'", "'20250103'", "'x'", "''")),
    *(("run", f"first = {text}") for text in ("'x'", "''", "'2024-W40-2'")),
    *(("runs", f"decisions = {text}") for text in ("'null'", "'{\"phase12\": 1}'", "''", "'[1]'")),
    ("runs", "started = 'x'"),
]


@pytest.mark.parametrize(("table", "value"), VALUES, ids=[v[:60] for _, v in VALUES])
def test_a_junk_value_is_a_sentence(table: str, value: str, whole: Path, tmp_path: Path) -> None:
    file = tmp_path / "backfill.sqlite"
    shutil.copy(whole, file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(f"UPDATE {table} SET {value} WHERE rowid = 1")
    with pytest.raises(LedgerError, match="cannot be used"):
        read(file)
    with (
        pytest.raises(LedgerError, match="builds a new one from the tables"),
        opened(file, "local", WINDOW),
    ):
        pass


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (
            # The rows of one table by the index of another.
            "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = "
            "'sqlite_autoindex_dates_1') WHERE name = 'sqlite_autoindex_runs_1'",
            "integrity_check(1): ",
        ),
        ("DELETE FROM dates WHERE day = '2025-01-03'", "foreign_key_check: attempts); `mv "),
        ("UPDATE dates SET state = 'lost'", "lost is not a state); `mv "),
        (f"UPDATE dates SET state = '{'lost' * 20}'", f"{('lost' * 20)[:39]}… is not a state"),
    ],
    ids=["an index", "attempts of a date that is gone", "a state", "a long state"],
)
def test_what_does_not_belong_in_it_is_said(
    damage: str, why: str, whole: Path, tmp_path: Path
) -> None:
    file = tmp_path / "backfill.sqlite"
    shutil.copy(whole, file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(damage)
    with pytest.raises(LedgerError) as found:
        read(file)
    assert str(found.value).startswith(f"The ledger {file} cannot be used ({why}")


LONG = "x" * 60
MOMENT = "2026-01-03T12:00:00"


@pytest.mark.parametrize(
    ("table", "value", "why"),
    [
        ("attempts", "held = '{\"a\": -1}'", "-1 is not a count"),
        ("attempts", f'held = \'{{"a": "{LONG}"}}\'', f"{LONG[:39]}… is not a count"),
        ("attempts", f"started = '{MOMENT}'", f"{MOMENT} is not a time with its zone"),
        (
            "attempts",
            f"started = '{MOMENT}.{'1' * 40}'",
            f"{MOMENT}.{'1' * 19}… is not a time with its zone",
        ),
        (
            "attempts",
            f'failures = \'{{"a": "{LONG}"}}\'',
            f'{{"a": "{LONG[:32]}… is not a JSON array of failures',
        ),
        ("attempts", f"processors = '[\"{LONG}\"]'", f'["{LONG[:37]}… is not a JSON object'),
        ("attempts", f'processors = \'{{"a": ["{LONG}"]}}\'', f"['{LONG[:37]}… is not text"),
        (
            "attempts",
            "ended = '2020-01-01T00:00:00+00:00'",
            "an attempt of 2025-01-03 ended before it started",
        ),
        ("run", "first = '20241001'", "20241001 is not a date"),
    ],
    ids=["count", "long", "time", "long time", "array", "object", "text", "order", "date"],
)
def test_of_a_value_that_cannot_be_used_as_much_is_shown_as_tells_it(
    table: str, value: str, why: str, whole: Path, tmp_path: Path
) -> None:
    file = tmp_path / "backfill.sqlite"
    shutil.copy(whole, file)
    _script(file, f"UPDATE {table} SET {value} WHERE rowid = 1")
    with pytest.raises(LedgerError) as found:
        read(file)
    assert str(found.value) == (
        f"The ledger {file} cannot be used ({why}); `mv {file} {file}.old && make backfill` builds "
        "a new one from the tables."
    )


@pytest.mark.parametrize("several", [1, 3, 1_000])
@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("started = '2026-01-03T08:00:00'", "2026-01-03T08:00:00 is not a time with its zone"),
        ("ended = '2026-01-03T08:00:00'", "2026-01-03T08:00:00 is not a time with its zone"),
        ("ended = '2201-01-01T00:00:00-05:00'", "2201-01-01T00:00:00-05:00 is not a time with its"),
        (
            "started = '1899-12-31T23:00:00-01:00'",
            "1899-12-31T23:00:00-01:00 is not a time with its",
        ),
        ("started = ended, ended = started", "an attempt of {day} ended before it started"),
    ],
    ids=["no zone", "an end without zone", "too late", "too early", "order"],
)
def test_a_time_is_looked_at_wherever_it_stands(
    value: str, why: str, several: int, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "SEVERAL", several)
    # Those of the newest attempts are looked at once more, with all else of these.
    for place in (1, 2, 3, 4, 20, 47):
        file = tmp_path / f"{place}.sqlite"
        shutil.copy(whole, file)
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute(f"UPDATE attempts SET {value} WHERE rowid = {place}")
            (day,) = connection.execute(
                f"SELECT day FROM attempts WHERE rowid = {place}"
            ).fetchone()
        with pytest.raises(LedgerError) as found:
            read(file)
        assert f"cannot be used ({why.format(day=day)}" in str(found.value)


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(b""),
        lambda file: (file.unlink(), file.mkdir()),
        lambda file: _script(file, "DROP TABLE runs"),
        lambda file: _script(file, "DELETE FROM run"),
        lambda file: _script(file, "PRAGMA user_version = 2"),
        lambda file: _script(file, "PRAGMA user_version = 0"),
    ],
    ids=["empty", "folder", "no table", "no target", "older", "no version"],
)
def test_what_is_no_ledger_is_refused(
    damage: Callable[[Path], object], whole: Path, tmp_path: Path
) -> None:
    file = tmp_path / "backfill.sqlite"
    shutil.copy(whole, file)
    damage(file)
    with pytest.raises(LedgerError, match=r"`mv .* && make backfill` builds a new one"):
        read(file)
    with pytest.raises(LedgerError), opened(file, "local", WINDOW):
        pass


@pytest.mark.parametrize("text", [b"state TEXT", b"sqlite_autoindex_dates_1", b"ended TEXT"])
def test_a_schema_that_is_no_text_is_a_sentence(text: bytes, whole: Path, tmp_path: Path) -> None:
    file = tmp_path / "backfill.sqlite"
    file.write_bytes(whole.read_bytes().replace(text, text[:-5] + b"\x86" + text[-4:]))
    with pytest.raises(LedgerError, match="cannot be used"):
        read(file)
    with pytest.raises(LedgerError, match="cannot be used"), opened(file, "local", WINDOW):
        pass


def _script(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(statement)
        connection.commit()


def test_a_new_ledger_takes_nothing_from_one_that_was_moved_away(tmp_path: Path) -> None:
    file = tmp_path / "backfill.sqlite"
    with opened(file, "local", WINDOW) as ledger:
        ledger.plan(DAYS)
        # As a killed process leaves it: the changes are not in the file itself.
        for name in ("", "-wal", "-shm"):
            shutil.copy(f"{file}{name}", tmp_path / f"copy{name}")
    for name in ("-wal", "-shm"):
        (tmp_path / f"copy{name}").rename(f"{file}{name}")
    file.unlink()
    with opened(file, "local", WINDOW) as ledger:
        assert ledger.content().states == {}
    names = ["backfill.json", "backfill.sqlite", "copy"]
    assert sorted(each.name for each in tmp_path.iterdir()) == names


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    environ = {
        "GATES_CONFIG": str(ROOT / "gates.toml"),
        "GATES_REPORTS": str(tmp_path / "reports"),
        "GATES_STATE": str(tmp_path),
    }
    return replace(load(environ, NOW), server="here")


def taken(whole: Path, settings: Settings) -> None:
    """The whole ledger as that of the state folder, and what the gates are told of it."""
    shutil.copy(whole, ledger_in(settings.state))
    with opened(ledger_in(settings.state), "local", WINDOW):
        pass


def phase4(began: datetime, server: str = "here") -> Record:
    """As much of a phase4 record as the ledger is compared with."""
    target = Target(name="local", project="p", datasets={}, server=server)
    return Record.model_construct(started_at=began, target=target)


def objection(settings: Settings, began: datetime, server: str = "here") -> str:
    (why,) = after_backfill.read(settings, phase4(began, server)).objections
    return why


LAST_END = NOW - timedelta(hours=4) + timedelta(minutes=34, seconds=98)


def test_phase4_has_to_be_run_after_the_last_attempt(settings: Settings, whole: Path) -> None:
    taken(whole, settings)
    assert after_backfill.read(settings, phase4(LAST_END)).objections == []
    assert objection(settings, LAST_END - timedelta(seconds=1)) == (
        "phase4 was run at 2026-01-03T08:35:37+00:00, before the backfill's last attempt was over "
        "at 2026-01-03T08:35:38+00:00; run `make validate-phase4`."
    )


def test_an_attempt_without_an_end_may_go_on_for_the_services_own_time(
    settings: Settings, whole: Path
) -> None:
    taken(whole, settings)
    with opened(ledger_in(settings.state), "local", WINDOW) as ledger:
        ledger.begin(DAYS[-1], NOW - timedelta(hours=1))
    own_time = timedelta(seconds=float(settings.target.phase4.service_timeout_s))
    over = NOW - timedelta(hours=1) + own_time
    assert after_backfill.read(settings, phase4(over)).objections == []
    assert "before the backfill's" in objection(settings, over - timedelta(seconds=1))


def test_phase4_has_to_be_of_the_server_that_was_written_to(
    settings: Settings, whole: Path
) -> None:
    taken(whole, settings)
    assert objection(settings, NOW, "there") == (
        "phase4 was decided on another server (there) than the backfill wrote to (here); run "
        "`make validate-phase4`."
    )


@pytest.mark.parametrize(
    "decisions",
    [{}, {"phase12": NOW - timedelta(hours=6)}, dict.fromkeys(ALLOWING, NOW)],
    ids=["nothing", "one decision", "decisions after its start"],
)
def test_a_run_that_nothing_allowed_is_no_backfill(
    decisions: dict[str, datetime], settings: Settings, whole: Path
) -> None:
    taken(whole, settings)
    with opened(ledger_in(settings.state), "local", WINDOW) as ledger:
        ledger.run(begun(NOW - timedelta(hours=1), decisions=decisions))
    assert objection(settings, NOW) == (
        "The backfill's ledger does not say what allowed its last run; run `make backfill`."
    )


def test_attempts_of_no_run_are_allowed_by_nothing(settings: Settings) -> None:
    with opened(ledger_in(settings.state), "local", WINDOW) as ledger:
        ledger.plan(DAYS[:1])
        ledger.begin(DAYS[0], NOW - timedelta(hours=4))
    assert "does not say what allowed its last run" in objection(settings, NOW)


def test_a_decision_of_the_moment_of_the_start_allows_it(settings: Settings, whole: Path) -> None:
    taken(whole, settings)
    began = NOW - timedelta(hours=1)
    with opened(ledger_in(settings.state), "local", WINDOW) as ledger:
        ledger.run(begun(began, decisions=dict.fromkeys(ALLOWING, began)))
    assert after_backfill.read(settings, phase4(NOW)).objections == []


def test_of_many_overrides_the_last_is_said(settings: Settings, whole: Path) -> None:
    taken(whole, settings)
    with opened(ledger_in(settings.state), "local", WINDOW) as ledger:
        for hours, why in ((3, "a drill"), (2, "a rehearsal"), (1, "a repair")):
            ledger.run(begun(NOW - timedelta(hours=hours), decisions={}, reason=why))
    found = after_backfill.read(settings, phase4(NOW))
    assert found.objections == []
    assert found.notes == [
        "The backfill was started by override 3 times, last at 2026-01-03T11:00:00+00:00: a repair"
    ]


def test_what_the_ledger_holds_has_to_be_told(settings: Settings, whole: Path) -> None:
    taken(whole, settings)
    file_in(settings.state).write_text("{", encoding="utf-8")
    assert objection(settings, NOW).endswith(
        "cannot be used (Invalid JSON: EOF while parsing an object at line 1 column 1); run "
        "`make backfill-status`, which writes it anew."
    )


def test_an_override_is_said_and_stays_said(settings: Settings, whole: Path) -> None:
    taken(whole, settings)
    with opened(ledger_in(settings.state), "local", WINDOW) as ledger:
        ledger.run(begun(NOW - timedelta(hours=2), decisions={}, reason="a drill"))
        ledger.run(begun(NOW - timedelta(hours=1)))
    found = after_backfill.read(settings, phase4(NOW))
    assert found.objections == []
    assert found.notes == [
        "The backfill was started by override once, last at 2026-01-03T10:00:00+00:00: a drill"
    ]


def test_a_ledger_of_another_target_or_without_attempts_asks_for_no_order(
    settings: Settings, whole: Path
) -> None:
    assert after_backfill.read(settings, phase4(NOW)) == after_backfill.After()
    taken(whole, settings)
    other = replace(settings, target_name="bigquery")
    assert after_backfill.read(other, phase4(NOW - timedelta(days=1))) == after_backfill.After()
    ledger_in(settings.state).unlink()
    with opened(ledger_in(settings.state), "local", WINDOW) as ledger:
        ledger.run(begun(NOW, nothing="Nothing to backfill."))
    assert after_backfill.read(settings, phase4(NOW - timedelta(days=1))) == after_backfill.After()


def test_a_ledger_that_is_gone_is_missed_where_a_summary_is_there(
    settings: Settings, whole: Path
) -> None:
    moment = (NOW - timedelta(hours=5)).isoformat()
    content = summarized(started_at=moment, finished_at=moment)
    write_json(execution.summary_file(settings), content)
    assert objection(settings, NOW) == (
        f"The backfill of 2026-01-03T07:00:00+00:00 is in no ledger of {settings.state}; set "
        "GATES_STATE to the folder of its ledger, or run `make backfill`."
    )
    taken(whole, settings)
    assert after_backfill.read(settings, phase4(NOW)).objections == []


def test_as_a_user_sees_it(project: GatesProject) -> None:
    ledger = project.folder / "state/backfill.sqlite"
    ledger.parent.mkdir()
    ledger.write_bytes(b"SQLite format 3\0" + b"\x10" * 5_000)
    for words in (["status"], ["plan"]):
        done = project.python("-m", "backfill", *words)
        assert (done.returncode, done.stdout) == (1, "")
        assert len(done.stderr.splitlines()) == 1
        assert "cannot be used" in done.stderr
