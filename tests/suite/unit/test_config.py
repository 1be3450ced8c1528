"""gates.toml checked as a whole: whatever is wrong is one sentence that names the key."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from harness import ROOT

from gates.config.schema import ConfigError
from gates.config.settings import Settings, load

TEXT = (ROOT / "gates.toml").read_text(encoding="utf-8")
NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
COUNT = "phase1.team_offense_game_summary.game_count"
PAIR = "phase1.team_offense_game_summary.records_per_game"
PLAYERS = "nba_analytics.player_game_summary"
DAYS = "phase1 = [2021-10-19, 2026-01-02]"
# What a name must not become part of: a query.
INJECTIONS = ["x`; DROP TABLE y; --", "x y", "x-y", "x.y", "x\\n", "x' OR '1'='1", "1x", "", "ü"]


def read(folder: Path, text: str) -> Settings:
    config = folder / "gates.toml"
    config.write_text(text, encoding="utf-8")
    return load({"GATES_CONFIG": str(config)}, NOW)


def refusal(folder: Path, text: str) -> str:
    """The one sentence with which `text` is refused."""
    with pytest.raises(ConfigError) as found:
        read(folder, text)
    sentence = str(found.value)
    assert sentence.startswith("gates.toml: ")
    assert sentence.endswith(".")
    assert len(sentence.splitlines()) == 1
    assert str(folder) not in sentence
    assert str(ROOT) not in sentence
    return sentence


def edited(old: str, new: str) -> str:
    assert old in TEXT, f"gates.toml has no {old!r}"
    return TEXT.replace(old, new, 1)


def renamed(lines: str) -> str:
    return f'{TEXT}\n[targets.local.tables."{PLAYERS}"]\n{lines}\n'


def slips(cases: dict[str, tuple[str, str]]) -> pytest.MarkDecorator:
    """Cases by what is wrong: the text of gates.toml, what the sentence must say."""
    return pytest.mark.parametrize(("text", "says"), cases.values(), ids=cases.keys())


@slips(
    {
        "section": (f"{TEXT}\n[windws]\n", "windws is not a known key"),
        "a setting by its old name": (
            TEXT.replace("max_retries = 4", "repeats = 4"),
            "backfill.repeats is called max_retries now; rename it",
        ),
        "one of a target": (
            TEXT.replace("settle_s = 1", "still_s = 1"),
            "targets.local.phase4.still_s is called settle_s now; rename it",
        ),
        "a gate by its old name": (
            TEXT.replace("games.incomplete_games]", "games.thin_games]"),
            "team_offense_games.thin_games: it is called incomplete_games now; rename it",
        ),
        "in a gate": (edited("at_least = 5_600", "at_leest = 5_600"), f"{COUNT}.at_leest is not a"),
        "in a gate beside the bound": (
            edited("at_least = 5_600", "at_least = 5_600\napprover = 'me'"),
            f"{COUNT}.approver is not a known key",
        ),
        "in a target": (
            edited("query_timeout_s = 120", "query_timeout_s = 120\nretries = 3"),
            "targets.local.retries is not a known key",
        ),
        "in a renamed table": (renamed("nam = 'x'"), f"tables.{PLAYERS}.nam is not a known key"),
        "dataset": (edited("{ nba_raw", "{ nba_rwa"), "targets.local.datasets.nba_rwa: 'nba_rwa'"),
        "table": (
            f'{TEXT}\n[targets.local.tables."nba_raw.players"]\n',
            "targets.local.tables.nba_raw.players: 'nba_raw.players' is not a table of schemas/",
        ),
        "window": (edited(DAYS, f"{DAYS}\nphase9 = [2021-10-19]"), "windows.phase9 is not a known"),
        "log": (edited('phase1 = "team', 'phase3 = "x"\nphase1 = "team'), "logs.phase3 is not a"),
        "process": (
            edited("[processes]", "[processes]\norchestratr = 'x'\n#"),
            "processes.orchestratr is not a known key",
        ),
        "stage": (
            edited("[orchestrator.run.stopped]", "[orchestratr.run.stopped]"),
            "orchestratr is not a known key",
        ),
    }
)
def test_an_unknown_key_is_refused(text: str, says: str, tmp_path: Path) -> None:
    assert says in refusal(tmp_path, text)


@slips(
    {
        "bound": (edited("at_least = 5_600", "at_least = 5_600\nat_least = 1"), "`at_least = 1`"),
        "gate": (f"{TEXT}\n[{COUNT}]\nat_least = 1\n", f"[{COUNT}]"),
        "window": (edited(DAYS, f"{DAYS}\n{DAYS}"), f"`{DAYS}`"),
        "target": (f"{TEXT}\n[targets.local]\n", "[targets.local]"),
    }
)
def test_a_duplicate_is_refused(text: str, says: str, tmp_path: Path) -> None:
    sentence = refusal(tmp_path, text)
    assert says in sentence
    assert "twice" in sentence


@slips(
    {
        "gate without a title": (edited('title = "Game count"', ""), f"{COUNT}.title is missing"),
        "gate without a remedy": (
            edited('remedy = "Find the game dates without rows', '#"'),
            COUNT,
        ),
        "percent in words": (
            edited('unit = "%"\nof = "days"', 'unit = "percent"\nof = "days"'),
            'backfill_log.success_rate: unit: write "%"',
        ),
        "two starts in a season": (
            edited("2021-10-19, 2022-10-18", "2021-10-19, 2022-01-01, 2022-10-18"),
            "calendar.season_starts: two of these dates lie in one season",
        ),
        "label key": (edited('{ app = "nba-gates" }', '{ 1app = "x" }'), "labels.1app"),
        "percentage of nothing": (edited('of = "days"', ""), "backfill_log.success_rate: unit"),
        "window": (edited(DAYS, ""), "windows.phase1 is missing"),
        "log": (edited('phase1 = "team_offense', '#"'), "logs.phase1 is missing"),
        "process": (edited('orchestrator = "backfill', '#"'), "processes.orchestrator is missing"),
        "everything": ("", "targets is missing"),
    }
)
def test_what_is_missing_is_named(text: str, says: str, tmp_path: Path) -> None:
    assert says in refusal(tmp_path, text)


@pytest.mark.parametrize(
    "bound", ['"5600"', "true", "nan", "inf", "-inf", "[1]", "2021-01-01", "{ a = 1 }"]
)
def test_a_bound_is_a_number(bound: str, tmp_path: Path) -> None:
    sentence = refusal(tmp_path, edited("at_least = 5_600", f"at_least = {bound}"))
    assert f"{COUNT}.at_least: " in sentence
    assert sentence.endswith((" is not a number.", " is not a finite number."))


@slips(
    {
        "two": (
            edited("at_least = 5_600", "at_least = 5_600\nat_most = 6_000"),
            "at_least and at_m",
        ),
        "none": (edited("at_least = 5_600", ""), "found none"),
    }
)
def test_a_gate_has_one_bound(text: str, says: str, tmp_path: Path) -> None:
    sentence = refusal(tmp_path, text)
    assert f"{COUNT}: expected exactly one bound" in sentence
    assert says in sentence


@pytest.mark.parametrize(
    ("bounds", "says"),
    [
        ("[2.05, 1.95]", "the lower bound is above the upper one"),
        ("[1.95]", "expected [low, high]"),
        ("[1, 2, 3]", "expected [low, high]"),
        ("1.95", "expected [low, high]"),
        ('[1.95, "2.05"]', "'2.05' is not a number"),
        ("[nan, 2.05]", "is not a finite number"),
    ],
)
def test_between_takes_two_numbers_in_order(bounds: str, says: str, tmp_path: Path) -> None:
    sentence = refusal(tmp_path, edited("between = [1.95, 2.05]", f"between = {bounds}"))
    assert PAIR in sentence
    assert "between" in sentence
    assert says in sentence


@pytest.mark.parametrize(
    ("days", "says"),
    [
        ("[2026-01-03, 2026-01-02]", "starts on 2026-01-03, after its end 2026-01-02"),
        ('["yesterday", 2026-01-01]', "starts on 2026-01-02, after its end 2026-01-01"),
        ("[2021-02-30, 2026-01-02]", "`phase1 = [2021-02-30, 2026-01-02]`"),
        ('["19.10.2021", 2026-01-02]', "'19.10.2021' is not a date"),
        ('[2021-10-19, "today"]', "'today' is not a date"),
        ("[2021-10-19]", "expected [first date, last date]"),
        ("[2021-10-19, 2022-10-18, 2026-01-02]", "expected [first date, last date]"),
        ('"2021-10-19"', "expected [first date, last date]"),
        ("[0, 2026-01-02]", "expected [first date, last date]"),
        ("[2021-10-19T00:00:00, 2026-01-02]", "expected [first date, last date]"),
    ],
)
def test_a_window_is_two_dates_in_order(days: str, says: str, tmp_path: Path) -> None:
    sentence = refusal(tmp_path, edited(DAYS, f"phase1 = {days}"))
    assert "phase1" in sentence
    assert says in sentence


@pytest.mark.parametrize(
    ("clock", "last", "is_refused"),
    [
        ("2026-01-03 06:59", "2026-01-02", True),
        ("2026-01-03 07:00", "2026-01-02", False),
        ("2026-01-03 07:00", "2026-01-03", True),
        ("2026-01-03 07:00", "2031-01-01", True),
        ("2026-01-03 06:59", "yesterday", False),
    ],
)
def test_a_window_that_ends_before_its_games_are_over_is_refused(
    clock: str, last: str, is_refused: bool
) -> None:
    def ends(window: str) -> str:
        now = datetime.fromisoformat(f"{clock}:00+00:00")
        given = {"GATES_CONFIG": str(ROOT / "gates.toml"), "GATES_PROFILE": ""}
        windows = [f"{stage}=2025-10-21..yesterday" for stage in ("phase2", "preflight", "phase4")]
        return str(load(given, now, [*windows, window]).windows["phase1"][1])

    window = f"phase1=2025-10-21..{last}"
    if not is_refused:
        assert ends(window) == (last if last != "yesterday" else "2026-01-01")
        return
    over = "2026-01-01" if clock.endswith("59") else "2026-01-02"
    with pytest.raises(ConfigError) as refused:
        ends(window)
    assert str(refused.value) == (
        f"--window phase1 ends on {last}, whose games are not all over at {clock} UTC; "
        f'end it on {over} at the latest, or write "yesterday".'
    )


@pytest.mark.parametrize("name", INJECTIONS)
@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("targets.local.project", edited('project = "nba-props-platform"', 'project = "NAME"')),
        ("targets.local.datasets.nba_raw", edited('nba_raw = "nba_raw"', 'nba_raw = "NAME"')),
        (f"targets.local.tables.{PLAYERS}.name", renamed('name = "NAME"')),
        (f"targets.local.tables.{PLAYERS}.columns.points", renamed('columns.points = "NAME"')),
    ],
    ids=["project", "dataset", "table", "column"],
)
def test_a_name_that_goes_into_sql_is_plain(key: str, text: str, name: str, tmp_path: Path) -> None:
    assert f"{key}: " in refusal(tmp_path, text.replace("NAME", name))


@slips(
    {
        "empty list": (edited('["all_sources_failed", ', '[] # ["'), "parameters.blocking_issues"),
        "fraction": (edited("[parameters]", "[parameters]\nlimit = 1.5 #"), "parameters.limit"),
        "free of charge": (
            edited("maximum_bytes_billed = 10_000_000_000", "maximum_bytes_billed = 0"),
            "targets.local.maximum_bytes_billed",
        ),
        "yes for a number": (
            edited("query_timeout_s = 120", "query_timeout_s = true"),
            "targets.local.query_timeout_s",
        ),
        "log elsewhere": (edited('"team_offense_backfill', '"../x'), "logs.phase1"),
        "label": (edited('app = "nba-gates"', 'app = "NBA gates"'), "targets.local.labels.app"),
        "severity": (
            edited('severity = "warn"', 'severity = "low"'),
            "failed_validations.severity",
        ),
    }
)
def test_other_values_that_cannot_be_used(text: str, says: str, tmp_path: Path) -> None:
    assert f"{says}: " in refusal(tmp_path, text)


def test_bounds_stay_exact(tmp_path: Path) -> None:
    low, high = read(tmp_path, TEXT).gates[PAIR].bound.numbers
    assert (str(low), str(high)) == ("1.95", "2.05")
