"""The schedule itself against the league's known shape: where it stops, gaps, games, its age."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from harness import ROOT, GatesProject, TestWarehouse

from gates.config.settings import load
from gates.decide.verdict import Verdict, judge
from gates.measure.runner import MeasurementRun

SCHEDULE = "nba_raw.nbac_schedule"
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
MEASURES = ("days_short", "long_gaps", "short_seasons", "days_stale")
DEFAULT = "2021-10-19..2026-01-02"
Failed = Callable[..., dict[str, str]]


@pytest.fixture
def failed(warehouse: TestWarehouse, tmp_path: Path) -> Failed:
    """Measure -> sentence, of the schedule's gates that fail in a window of Phase 1."""

    def found(window: str = DEFAULT) -> dict[str, str]:
        environ = {
            "GATES_CONFIG": str(ROOT / "gates.toml"),
            "BIGQUERY_EMULATOR_HOST": warehouse.host,
        }
        settings = load(environ, NOW, [f"phase1={window}"])
        shared = tmp_path / f"run-{len(list(tmp_path.iterdir()))}"
        shared.mkdir()
        measures = MeasurementRun(settings, shared)
        measures.start(["phase1/full_schedule"])
        row = measures.of("phase1/full_schedule")
        verdicts: dict[str, Verdict] = {
            name: judge(settings.gates[f"phase1.full_schedule.{name}"], getattr(row, name))
            for name in MEASURES
        }
        assert {verdict.status for verdict in verdicts.values()} <= {"pass", "fail"}
        return {n: verdict.detail for n, verdict in verdicts.items() if verdict.status == "fail"}

    return found


@pytest.mark.parametrize(
    "window",
    [
        DEFAULT,
        "2024-05-01..2026-01-02",
        "2024-10-01..2026-01-02",
        "2021-10-01..2021-10-20",
        "2024-10-22..2024-10-22",
        "2024-10-22..2025-04-13",
        "2025-01-10..2025-02-16",
        "2025-04-13..2025-04-14",
        "2024-10-01..2025-06-03",
        "2024-10-01..2025-06-22",
        "2024-10-01..2025-07-20",
        "2022-10-18..2023-10-23",
        "2021-10-19..2025-11-27",
        "2021-10-19..2025-12-24",
    ],
)
def test_a_whole_schedule_passes_in_any_window(window: str, failed: Failed) -> None:
    assert failed(window) == {}


def test_eleven_months_after_the_last_game_it_is_no_go(project: GatesProject) -> None:
    last = "2026-11-26"
    run = project.run("--window", f"phase1=2021-10-19..{last}")
    assert (run.decision, run.status) == ("NO-GO", 1)
    found = {name: run.details[f"phase1.full_schedule.{name}"] for name in MEASURES}
    assert "measured 328 days" in found["days_short"]
    assert found["days_short"].endswith("last game: 2026-01-02")
    assert "first: 2026-01-02 to 2026-11-27" in found["long_gaps"]
    assert "2025: 512 of at least 1230" in found["short_seasons"]
    assert "measured 328 days" in found["days_stale"]
    # The log is older than the window too, and vouches for nothing.
    assert run.statuses["phase1.backfill_log.success_rate"] == "not_evaluated"


def test_a_window_of_the_future_is_refused(project: GatesProject) -> None:
    run = project.run("--window", "phase1=2021-10-19..2050-01-01")
    assert (run.status, run.record) == (4, None)
    assert "--window phase1 ends on 2050-01-01, whose games are not all over at" in run.output


@pytest.mark.parametrize(
    ("after", "until", "is_gap"),
    [
        ("2025-01-10", "2025-01-14", False),
        ("2025-01-10", "2025-01-15", True),
        # All-Star weekend, 2025-02-14 to 19 without league games, and a day or two more.
        ("2025-02-13", "2025-02-22", False),
        ("2025-02-13", "2025-02-23", True),
        ("2025-05-25", "2025-06-03", False),
        ("2025-05-25", "2025-06-04", True),
    ],
)
def test_a_gap_on_both_sides_of_what_the_calendar_allows(
    after: str, until: str, is_gap: bool, failed: Failed, warehouse: TestWarehouse
) -> None:
    # A playoff date that has no game in the generated season gets one of a date that has.
    gap = f"game_date > '{after}' AND game_date < '{until}'"
    near = f"SELECT MAX(game_date) FROM {SCHEDULE} WHERE game_date < '{after}'"
    ends = [
        f"UPDATE {SCHEDULE} SET game_date = '{day}' "
        f"WHERE game_date = ({near}) AND game_id = "
        f"(SELECT {pick}(game_id) FROM {SCHEDULE} WHERE game_date = ({near}))"
        for day, pick in ((after, "MIN"), (until, "MAX"))
    ]
    with warehouse.fault(f"DELETE FROM {SCHEDULE} WHERE {gap}", *ends):
        assert ("long_gaps" in failed()) is is_gap


def test_a_season_is_short_by_one_game(failed: Failed, warehouse: TestWarehouse) -> None:
    one = f"(SELECT MAX(game_id) FROM {SCHEDULE} WHERE game_date = '2023-12-01')"
    with warehouse.fault(
        f"DELETE FROM {SCHEDULE} WHERE game_date = '2023-12-01' AND game_id = {one}"
    ):
        found = failed()
    assert found.keys() == {"short_seasons"}
    assert found["short_seasons"].endswith("first: 2023: 1229 of at least 1230")


@pytest.mark.parametrize(("games", "is_short"), [(448, False), (447, True)])
def test_a_season_under_way_is_held_to_an_even_pace(
    games: int, is_short: bool, failed: Failed, warehouse: TestWarehouse
) -> None:
    # 74 of 174 days: 523 of 1,230 games, less 75.
    drop = (
        f"DELETE FROM {SCHEDULE} WHERE game_date >= '2025-10-21' AND game_id NOT IN ("
        f"SELECT game_id FROM {SCHEDULE} WHERE game_date >= '2025-10-21' "
        f"ORDER BY SUBSTR(game_id, 1, 3) = '002' DESC, TO_HEX(MD5(game_id)) LIMIT {games})"
    )
    with warehouse.fault(drop):
        assert ("short_seasons" in failed()) is is_short


def test_a_cup_final_is_none_of_a_seasons_games(failed: Failed, warehouse: TestWarehouse) -> None:
    one = f"(SELECT MAX(game_id) FROM {SCHEDULE} WHERE game_date = '2023-12-01')"
    final = f"UPDATE {SCHEDULE} SET game_id = '0062300001' WHERE game_id = {one}"
    with warehouse.fault(f"{final} AND game_date = '2023-12-01'"):
        assert "2023: 1229 of at least 1230" in failed()["short_seasons"]


@pytest.mark.parametrize(
    ("loaded", "says"),
    [
        ("TIMESTAMP '2026-01-03 05:00:00+00'", None),
        ("TIMESTAMP '2026-01-03 04:59:59+00'", "measured 1 day,"),
        ("TIMESTAMP '2025-10-01 12:00:00+00'", "measured 94 days"),
    ],
)
def test_a_schedule_is_loaded_after_the_window(
    loaded: str, says: str | None, failed: Failed, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(f"UPDATE {SCHEDULE} SET processed_at = {loaded} WHERE TRUE"):
        found = failed()
        assert set(found) == ({"days_stale"} if says else set())
        assert (says or "") in found.get("days_stale", "")


def test_a_schedule_ahead_counts_for_its_end_and_for_no_game(
    failed: Failed, warehouse: TestWarehouse
) -> None:
    ahead = (
        f"UPDATE {SCHEDULE} SET game_date = '2026-01-05', game_status = 1, "
        "processed_at = TIMESTAMP '2026-01-05 12:00:00+00' WHERE game_date = '2026-01-02'"
    )
    with warehouse.fault(ahead):
        assert failed("2021-10-19..2026-01-04") == {}
        assert failed("2021-10-19..2026-01-05").keys() == {"long_gaps", "days_stale"}


def test_where_no_row_has_a_time_the_sentence_says_so(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(
        f"CREATE OR REPLACE TABLE {SCHEDULE} AS SELECT * REPLACE (CAST(NULL AS TIMESTAMP) AS "
        f"processed_at) FROM {SCHEDULE}"
    ):
        run = project.run()
    assert run.others_than_pass() == {}
    detail = run.details["phase1.full_schedule.days_stale"]
    assert detail.endswith("last loaded: unknown, no row has a time")
