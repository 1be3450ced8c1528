"""What the environment and --window say goes over gates.toml, and is checked like it."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from freezegun import freeze_time
from harness import ROOT

from gates.config.schema import ConfigError
from gates.config.settings import Settings, load
from gates.measure.warehouse import Warehouse

TEXT = (ROOT / "gates.toml").read_text(encoding="utf-8")
HERE = {"GATES_CONFIG": str(ROOT / "gates.toml")}
EMULATOR = "localhost:9050"
CREDENTIALS = (
    '{"type": "authorized_user", "client_id": "id", "client_secret": "none", '
    '"refresh_token": "none"}'
)


def settings(environ: dict[str, str] | None = None, *windows: str) -> Settings:
    return load(HERE | (environ or {}), datetime.now(UTC), windows)


def refusal(environ: dict[str, str], *windows: str) -> str:
    with pytest.raises(ConfigError) as found:
        settings(environ, *windows)
    sentence = str(found.value)
    assert sentence.endswith(".")
    assert len(sentence.splitlines()) == 1
    assert str(ROOT) not in sentence
    return sentence


def endpoint(found: Settings) -> str:
    """Where the real client sends its requests."""
    return str(Warehouse(found)._open()[0]._connection.API_BASE_URL)


def test_without_an_environment_the_target_is_local() -> None:
    found = load({}, datetime.now(UTC))
    assert (found.target_name, found.emulator_host) == ("local", None)
    assert (found.logs, found.reports) == (Path(".local/logs"), Path("reports"))


def test_another_gates_toml(tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_text(TEXT.replace("at_least = 5_600", "at_least = 5_700"), encoding="utf-8")
    found = settings({"GATES_CONFIG": str(config)})
    (bound,) = found.gates["phase1.team_offense_game_summary.game_count"].bound.numbers
    assert bound == 5_700
    assert found.config_sha256 != settings().config_sha256


def test_another_folder_for_logs_and_reports() -> None:
    found = settings({"GATES_LOGS": "elsewhere/logs", "GATES_REPORTS": "elsewhere/reports"})
    assert (found.logs, found.reports) == (Path("elsewhere/logs"), Path("elsewhere/reports"))


def test_a_setting_that_is_empty_is_not_set() -> None:
    names = ("GATES_TARGET", "GATES_LOGS", "GATES_REPORTS", "BIGQUERY_EMULATOR_HOST")
    assert settings(dict.fromkeys(names, "")) == settings()


@pytest.mark.parametrize("name", ["prod", "Local", "local "])
def test_an_unknown_target_is_refused(name: str) -> None:
    assert refusal({"GATES_TARGET": name}).startswith(f"GATES_TARGET is {name!r}, expected one of")


@pytest.mark.parametrize("name", ["GATES_TARGET", "GATES_PROFILE", "PHASE4_AUTH"])
def test_what_is_not_known_is_said_in_a_line_of_bounded_length(name: str) -> None:
    said = refusal({name: "x\n\x1b[31m" * 1_000})
    assert said.startswith(f"{name} is ")
    assert len(said) < 1_000
    assert "\x1b" not in said


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda _: None, "No such file or directory"),
        (Path.mkdir, "Is a directory"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "not UTF-8 text"),
    ],
    ids=["missing", "folder", "binary"],
)
def test_a_file_that_cannot_be_read(make: object, why: str, tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    assert callable(make)
    make(config)
    sentence = refusal({"GATES_CONFIG": str(config)})
    assert sentence == f"{config} cannot be read ({why}); check GATES_CONFIG."


def test_a_local_target_talks_to_the_server_that_is_named() -> None:
    found = settings({"BIGQUERY_EMULATOR_HOST": EMULATOR})
    assert found.emulator_host == EMULATOR
    assert endpoint(found) == f"http://{EMULATOR}"


def test_googles_endpoint_never_gives_way_to_an_emulator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "key.json"
    key.write_text(CREDENTIALS, encoding="utf-8")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key))
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "nba-props-platform")
    # The client looks for this one itself.
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", f"http://{EMULATOR}")
    found = settings({"GATES_TARGET": "bigquery", "BIGQUERY_EMULATOR_HOST": EMULATOR})
    assert found.emulator_host is None
    assert endpoint(found) == "https://bigquery.googleapis.com"


def test_a_window_of_the_command_line_goes_over_the_file() -> None:
    found = settings({}, "phase1=2024-10-22..2025-06-22").windows
    assert found["phase1"] == (date(2024, 10, 22), date(2025, 6, 22))
    assert found["phase2"] == settings().windows["phase2"]


def test_it_repairs_a_window_of_the_file(tmp_path: Path) -> None:
    config = tmp_path / "gates.toml"
    config.write_text(TEXT.replace("phase1 = [2021", "phase1 = [2027"), encoding="utf-8")
    environ = {"GATES_CONFIG": str(config)}
    assert "windows.phase1 starts on 2027-10-19" in refusal(environ)
    assert settings(environ, "phase1=2024-10-22..2024-10-22").windows["phase1"][0].year == 2024


@pytest.mark.parametrize(
    ("window", "says"),
    [
        ("phase1=2021-10-19", "expected STAGE=FIRST..LAST"),
        ("phase1", "expected STAGE=FIRST..LAST"),
        ("phase9=2021-10-19..2026-01-02", "expected STAGE=FIRST..LAST"),
        ("", "expected STAGE=FIRST..LAST"),
        ("phase1=2021-10-19..tomorrow", "'tomorrow' is not a date"),
        ("phase1=..2026-01-02", "'' is not a date"),
        ("phase1=2021-02-30..2026-01-02", "'2021-02-30' is not a date"),
        ("phase1=2026-01-02..2021-10-19", "starts on 2026-01-02, after its end 2021-10-19"),
    ],
)
def test_a_window_that_is_not_understood(window: str, says: str) -> None:
    sentence = refusal({}, window)
    assert sentence.startswith(f"--window {window.partition('=')[0]}")
    assert says in sentence


@pytest.mark.parametrize(
    ("clock", "last"),
    [
        ("2026-01-04 00:00:00", date(2026, 1, 2)),
        ("2026-01-04 06:59:59", date(2026, 1, 2)),
        ("2026-01-04 07:00:00", date(2026, 1, 3)),
    ],
    ids=["at midnight UTC", "before the last game is over", "when it is over"],
)
def test_a_window_may_end_yesterday(clock: str, last: date, tmp_path: Path) -> None:
    config = tmp_path / "gates.toml"
    ends = 'phase2 = [2024-05-01, "yesterday"]'
    text = TEXT.replace("phase2 = [2024-05-01, 2026-01-02]", ends)
    config.write_text(text, encoding="utf-8")
    with freeze_time(clock):
        found = settings({"GATES_CONFIG": str(config)}, "phase1=2021-10-19..yesterday").windows
    assert found["phase1"] == (date(2021, 10, 19), last)
    assert found["phase2"] == (date(2024, 5, 1), last)


@pytest.mark.parametrize(
    ("window", "first", "last"),
    [
        ("2023-24", date(2023, 10, 24), date(2024, 9, 30)),
        ("2020-21", date(2020, 10, 1), date(2021, 9, 30)),
        ("2026-27", date(2026, 10, 1), date(2026, 11, 27)),
        ("2024-10-22..2025-06-22", date(2024, 10, 22), date(2025, 6, 22)),
        ("2026-10-20..yesterday", date(2026, 10, 20), date(2026, 11, 27)),
    ],
    ids=["configured", "not configured", "under way", "dates", "since"],
)
def test_one_window_of_every_stage(window: str, first: date, last: date) -> None:
    with freeze_time("2026-11-28 12:00:00"):
        found = settings({}, window).windows
    assert found == dict.fromkeys(("phase1", "phase2", "preflight", "phase4"), (first, last))


@pytest.mark.parametrize("window", ["2023-25", "2023", "23-24", "phase1=2023-25", "1023-24"])
def test_a_season_that_is_not_understood(window: str) -> None:
    assert "a season, e.g. 2023-24" in refusal({}, window)


def test_a_stage_has_one_window() -> None:
    assert "is a second window of a stage" in refusal({}, "2023-24", "phase1=2024-10-22..yesterday")


COUNT = "phase1.team_offense_game_summary.game_count"


def test_a_count_holds_as_it_is_in_its_own_window_alone(tmp_path: Path) -> None:
    assert settings().gates[COUNT].per_game is None
    assert settings({}, "phase2=2025-26").gates[COUNT].per_game is None
    assert str(settings({}, "phase1=2025-26").gates[COUNT].per_game) == "0.966"
    moving = tmp_path / "gates.toml"
    days = "phase1 = [2021-10-19, 2026-01-02]"
    moving.write_text(TEXT.replace(days, 'phase1 = [2021-10-19, "yesterday"]'), encoding="utf-8")
    assert settings({"GATES_CONFIG": str(moving)}).gates[COUNT].per_game is not None


def test_a_profile_with_another_window_has_another_bound(tmp_path: Path) -> None:
    config = tmp_path / "gates.toml"
    longer = '[profile.longer.windows]\nphase1 = [2021-10-19, "yesterday"]\n'
    config.write_text(f"{TEXT}\n{longer}", encoding="utf-8")
    environ = {"GATES_CONFIG": str(config)}
    assert settings(environ).gates[COUNT].per_game is None
    assert settings(environ | {"GATES_PROFILE": "longer"}).gates[COUNT].per_game is not None
