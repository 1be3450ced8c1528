"""A job's log vouches for a run only with a whole summary of the last one."""

import os
import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from harness import ROOT
from hypothesis import given
from hypothesis import settings as property_of
from hypothesis import strategies as st

from gates.config.settings import Settings, load
from gates.measure.job_log import BackfillLog, backfill_log
from gates.measure.logs import LONGEST, LogError, lines, newest, telling
from gates.measure.result import Measurement

Job = Callable[..., list[str]]
STAMP = "2026-01-03 13:15:20,001 - INFO - "
# The jobs below have these twenty days, each a success.
WINDOW = (date(2024, 11, 1), date(2024, 11, 20))
NOW = datetime(2026, 1, 4, tzinfo=UTC)
SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, NOW)


def prefixed(*lines: str) -> list[str]:
    return [STAMP + line for line in lines]


def sequential(failed: int = 0, days: int = 20) -> list[str]:
    """The lines of a day-by-day job; the first `failed` days fail."""
    lines = []
    for day in range(1, days + 1):
        outcome = f"  ✗ Failed: 2024-11-{day:02}" if day <= failed else "  ✓ Success: 16 records"
        lines += [f"Processing day {day}/{days}: 2024-11-{day:02}", outcome]
        if day % 10 == 0:
            lines.append(f"Progress: {day}/{days} days (100.0% success), 160 records, ETA: 1 min")
    return prefixed(*lines, "=" * 80, *sequential_summary(failed, days), "=" * 80)


def sequential_summary(failed: int, days: int) -> list[str]:
    return [
        "DAY-BY-DAY BACKFILL SUMMARY:",
        "  Date range: 2024-11-01 to 2024-11-20",
        f"  Total days: {days}",
        f"  Successful days: {days - failed}",
        f"  Failed days: {failed}",
        f"  Success rate: {100 * (days - failed) / days:.1f}%",
        "  Total records processed: 320",
        *([f"  Failed dates ({failed} total):", "    2024-11-01"] if failed else []),
    ]


def parallel(failed: int = 0, days: int = 1_537) -> list[str]:
    """The lines of a job with workers, with thousands commas as the player job writes them."""
    return prefixed(
        "🚀 PARALLEL BACKFILL MODE - 15 CONCURRENT WORKERS",
        f"Processing {days} days with 15 parallel workers",
        *[f"  ✓ 2024-11-{day:02}: 212 records" for day in range(20, 2, -1)],
        "  ✓ 2024-11-01: 318 records",
        "  ✗ 2024-11-02: Processing failed" if failed else "  ✓ 2024-11-02: 0 records",
        f"PROGRESS: 100/{days} days (6.5%)",
        "PARALLEL BACKFILL COMPLETE",
        f"  Total days: {days:,}",
        f"  Successful: {days - failed:,}",
        f"  Failed: {failed:,}",
        f"  Success rate: {100 * (days - failed) / days:.1f}%",
        "  Total records: 127,412",
    )


JOBS = {"sequential": sequential, "parallel": parallel}
each_job = pytest.mark.parametrize("job", JOBS.values(), ids=JOBS.keys())


def settings_of(folder: Path, pattern: str = "*.log") -> Settings:
    windows = {**SETTINGS.windows, "phase1": WINDOW}
    return replace(SETTINGS, logs=folder, log_files={"phase1": pattern}, windows=windows)


def read(folder: Path, lines: list[str] | str) -> BackfillLog:
    text = lines if isinstance(lines, str) else "".join(f"{line}\n" for line in lines)
    (folder / "job.log").write_text(text, encoding="utf-8")
    return backfill_log(settings_of(folder), "phase1")


def success_rate(folder: Path, lines: list[str] | str) -> Measurement:
    return read(folder, lines).success_rate


def days_done(folder: Path, lines: list[str] | str) -> tuple[object, object]:
    measured = read(folder, lines).window_days
    return measured.numerator, measured.denominator


def assert_vouches_for_nothing(measured: Measurement, how: str) -> None:
    assert (measured.numerator, measured.denominator) == (None, None)
    assert measured.why is not None
    assert "job.log" in measured.why
    assert how in measured.why
    assert measured.why.endswith(", so it vouches for nothing")


@pytest.mark.parametrize(
    ("lines", "rate"),
    [
        (sequential(), (20, 20)),
        (sequential(3), (17, 20)),
        (parallel(), (1_537, 1_537)),
        (parallel(38), (1_499, 1_537)),
        ([line for line in parallel() if "Success rate" not in line], (1_537, 1_537)),
        ([line.replace("127,412", "3074") for line in parallel(days=900)], (900, 900)),
    ],
    ids=["sequential", "failed days", "parallel", "failed", "team job", "without commas"],
)
def test_the_rate_is_that_of_the_summary(
    lines: list[str], rate: tuple[int, int], tmp_path: Path
) -> None:
    measured = success_rate(tmp_path, lines)
    assert (measured.numerator, measured.denominator) == tuple(map(Fraction, rate))
    place = next(n for n, line in enumerate(lines, 1) if re.search("SUMMARY:|COMPLETE", line))
    assert measured.note == f"{tmp_path / 'job.log'}:{place} says so"


@each_job
@pytest.mark.parametrize("failed", [0, 3], ids=["no failure", "failures"])
def test_a_log_that_is_cut_off_anywhere_before_its_last_count_says_nothing(
    job: Job, failed: int, tmp_path: Path
) -> None:
    text = "\n".join(job(failed))
    whole = success_rate(tmp_path, text)
    assert whole.numerator is not None
    last_count = text.index("Total records")
    summary = text.index("Total days")
    for end in (*range(0, summary, 50), *range(summary, len(text))):
        measured = success_rate(tmp_path, text[:end])
        assert measured.numerator is None or (measured == whole and end > last_count)


@each_job
def test_a_log_that_is_cut_off_at_a_line_says_so(job: Job, tmp_path: Path) -> None:
    lines = job()
    last = next(n for n, line in enumerate(lines) if "Total records" in line)
    begins = next(n for n, line in enumerate(lines) if "SUMMARY" in line or "COMPLETE" in line)
    for end in range(1, last + 1):
        how = "ends without the summary" if end <= begins else "has a summary that is cut off"
        assert_vouches_for_nothing(success_rate(tmp_path, lines[:end]), how)


@pytest.mark.parametrize("text", ["", "\n \n", "\x1b[0m\n"], ids=["empty", "blank", "colour"])
def test_an_empty_log(text: str, tmp_path: Path) -> None:
    assert_vouches_for_nothing(success_rate(tmp_path, text), "is empty")


def test_a_missing_log_names_the_file_that_was_looked_for(tmp_path: Path) -> None:
    measured = backfill_log(settings_of(tmp_path / "nowhere", "team_*.log"), "phase1").success_rate
    assert measured.why == f"no log {tmp_path / 'nowhere' / 'team_*.log'} was found"
    assert measured.remedy is not None
    assert "GATES_LOGS" in measured.remedy


def test_a_folder_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "job.log").mkdir()
    assert "no log" in str(backfill_log(settings_of(tmp_path), "phase1").success_rate.why)


@each_job
@pytest.mark.parametrize("second", JOBS.values(), ids=[f"then {name}" for name in JOBS])
def test_a_second_run_that_has_not_finished_takes_the_first_ones_word_back(
    job: Job, second: Job, tmp_path: Path
) -> None:
    unfinished = job() + second()[:1]
    assert_vouches_for_nothing(success_rate(tmp_path, unfinished), "of its last run")


def test_a_run_that_goes_on_after_a_summary_is_not_finished(tmp_path: Path) -> None:
    resumed = sequential() + prefixed("Processing day 1,001/1,537: 2024-11-21")
    assert_vouches_for_nothing(success_rate(tmp_path, resumed), "of its last run")


def test_of_two_finished_runs_the_last_one_counts(tmp_path: Path) -> None:
    measured = success_rate(tmp_path, sequential() + parallel(38))
    assert (measured.numerator, measured.denominator) == (Fraction(1_499), Fraction(1_537))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Failed: 0", "Failed: 1"),
        ("Successful: 1,537", "Successful: 1,53"),
        ("Successful: 1,537", "Successful: 1,600"),
        ("Total days: 1,537", "Total days: 0"),
    ],
    ids=["too many", "too few", "more than all", "none at all"],
)
def test_a_summary_that_does_not_add_up(old: str, new: str, tmp_path: Path) -> None:
    lines = [line.replace(old, new) for line in parallel()]
    assert lines != parallel()
    assert_vouches_for_nothing(success_rate(tmp_path, lines), "counts ")


def test_a_run_of_no_days(tmp_path: Path) -> None:
    lines = prefixed("PARALLEL BACKFILL COMPLETE", "  Total days: 0", "  Successful: 0")
    lines += prefixed("  Failed: 0", "  Total records: 0")
    assert_vouches_for_nothing(success_rate(tmp_path, lines), "counts 0 successful and 0 failed")


@each_job
def test_lines_of_libraries_in_between(job: Job, tmp_path: Path) -> None:
    noise = ["INFO:google.cloud.bigquery:Failed: 3", "INFO:backfill:retry 2/3", "", "Traceback"]
    lines = [piece for line in job() for piece in (line, *noise)]
    measured = success_rate(tmp_path, lines)
    assert measured.numerator == measured.denominator != 0
    assert measured.denominator is not None


def test_the_newest_log_is_known_by_the_time_in_its_name(tmp_path: Path) -> None:
    for name, written in (("20260103_134700", 1), ("20260102_235959", 2), ("20251231_090000", 3)):
        file = tmp_path / f"orchestrator_{name}.log"
        file.touch()
        os.utime(file, (written, written))
    assert newest(tmp_path, "*.log").name == "orchestrator_20260103_134700.log"


def test_else_by_when_it_was_written(tmp_path: Path) -> None:
    for name, written in (("b_player_summary", 1_000), ("a_player_summary", 2_000)):
        file = tmp_path / f"{name}.log"
        file.touch()
        os.utime(file, (written, written))
    assert newest(tmp_path, "*player*summary*.log").name == "a_player_summary.log"


def test_of_no_log_none_is_the_newest(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="was found"):
        newest(tmp_path, "*.log")


def test_a_second_run_that_broke_off_at_once_takes_the_first_ones_word_back(tmp_path: Path) -> None:
    begun = prefixed("Starting day-by-day backfill from 2021-10-19 to 2026-01-02")
    assert_vouches_for_nothing(
        success_rate(tmp_path, sequential() + begun + ["Traceback (most recent call last):"]),
        "of its last run",
    )


def test_a_count_after_the_end_of_a_summary_is_not_of_it(tmp_path: Path) -> None:
    lines = [line for line in sequential() if "Total records" not in line]
    lines += prefixed("  Total records processed: 12")
    assert_vouches_for_nothing(success_rate(tmp_path, lines), "has a summary that is cut off")


def test_a_copy_is_as_new_as_its_last_line(tmp_path: Path) -> None:
    for name, written in (("old", sequential()), ("new", sequential(3))):
        text = "\n".join(written)
        moment = "2026-01-04" if name == "new" else "2026-01-03"
        text = text.replace("2026-01-03", moment)
        (tmp_path / f"{name}_player_summary.log").write_text(text, encoding="utf-8")
    os.utime(tmp_path / "new_player_summary.log", (1_000, 1_000))
    assert newest(tmp_path, "*.log").name == "new_player_summary.log"


def test_windows_line_ends(tmp_path: Path) -> None:
    measured = success_rate(tmp_path, "\r\n".join(parallel(38)))
    assert (measured.numerator, measured.denominator) == (Fraction(1_499), Fraction(1_537))


@each_job
def test_the_days_of_the_window_are_counted_by_their_own_lines(job: Job, tmp_path: Path) -> None:
    assert days_done(tmp_path, job()) == (20, 20)
    assert days_done(tmp_path, job(1)) == (19, 20)
    wider = [line.replace("2024-11-0", "2023-11-0") for line in job()]
    assert days_done(tmp_path, wider) == (11, 20)


@each_job
def test_a_run_of_one_day_has_done_no_more_than_that(job: Job, tmp_path: Path) -> None:
    days = [line for line in job(days=1) if "2024-11-" not in line or "2024-11-01" in line]
    rate = success_rate(tmp_path, days)
    assert rate.numerator == rate.denominator == 1
    assert days_done(tmp_path, days) == (1, 20)


def test_a_day_counts_by_its_last_outcome_of_all_runs(tmp_path: Path) -> None:
    again = prefixed("Processing day 1/1: 2024-11-02", "  ✓ Success: 16 records from 8 games")
    summary = prefixed(*sequential_summary(0, 1))
    assert days_done(tmp_path, [*sequential(3), *again, *summary]) == (18, 20)
    failed = prefixed("Processing day 1/1: 2024-11-09", "  ✗ Exception: no \x1b[31mteams")
    assert days_done(tmp_path, [*parallel(), *failed, *summary]) == (19, 20)


@each_job
@pytest.mark.parametrize(
    ("day", "how"),
    [
        ("2016-01-03", "is of 2016-01-03, before the window's last day, 2024-11-20"),
        ("2024-11-19", "is of 2024-11-19, before the window's last day, 2024-11-20"),
        ("2026-01-06", "is of 2026-01-06, after today, 2026-01-04"),
        ("9999-12-31", "is of 9999-12-31, after today, 2026-01-04"),
        ("2026-13-45", "has a summary without a date"),
    ],
)
def test_a_log_of_another_time(job: Job, day: str, how: str, tmp_path: Path) -> None:
    log = read(tmp_path, [line.replace("2026-01-03", day) for line in job()])
    for measured in (log.success_rate, log.window_days, log.failed_validations):
        assert_vouches_for_nothing(measured, how)


@each_job
@pytest.mark.parametrize("day", ["2024-11-20", "2026-01-04"])
def test_a_log_may_be_of_the_windows_last_day_and_of_a_clock_elsewhere(
    job: Job, day: str, tmp_path: Path
) -> None:
    lines_of = [line.replace("2026-01-03", day) for line in job()]
    assert success_rate(tmp_path, lines_of).numerator is not None


def test_a_log_older_than_the_targets_limit(tmp_path: Path) -> None:
    (tmp_path / "job.log").write_text("\n".join(parallel()), encoding="utf-8")
    settings = settings_of(tmp_path)
    for limit, days, says in ((30, 30, False), (30, 31, True), (None, 3_000, False)):
        target = settings.target.model_copy(update={"log_age_days": limit})
        later = datetime(2026, 1, 3, 13, tzinfo=UTC) + timedelta(days=days)
        measured = backfill_log(replace(settings, target=target, now=later), "phase1").success_rate
        assert ("more than 30 days ago" in str(measured.why)) is says


@each_job
@pytest.mark.parametrize(
    "says",
    ["🔍 DRY RUN MODE - nothing is written", "Arguments: --dry-run --workers 15", "dry_run=True"],
)
def test_a_dry_run_has_done_nothing(job: Job, says: str, tmp_path: Path) -> None:
    for lines_of in (
        prefixed(says) + job(),
        job() + prefixed(says),
        [*job()[:3], says, *job()[3:]],
    ):
        assert_vouches_for_nothing(success_rate(tmp_path, lines_of), "is of a dry run")
    before = prefixed(says) + job() + job()
    assert success_rate(tmp_path, before).numerator is not None


def test_a_run_that_says_it_is_no_dry_run(tmp_path: Path) -> None:
    says = prefixed("Arguments: dry_run=False", "Dry run: no")
    assert success_rate(tmp_path, says + sequential()).numerator == 20


@each_job
def test_a_summary_that_a_later_line_quotes_is_none(job: Job, tmp_path: Path) -> None:
    texts = [line.removeprefix(STAMP) for line in job()]
    begins = next(n for n, line in enumerate(texts) if "SUMMARY" in line or "COMPLETE" in line)
    cut = job()[:begins]
    for quoted in (
        [f"INFO:mail:sent: {line}" for line in texts[begins:]],
        texts[begins:],
        prefixed(*[f"last time: {line}" for line in texts[begins:]]),
        prefixed("sent " + " ".join(texts[begins:])),
        prefixed("sent " + "\r".join(["", *prefixed(*texts[begins:])])),
    ):
        how = "ends without the summary"
        assert_vouches_for_nothing(success_rate(tmp_path, cut + quoted), how)


@each_job
@pytest.mark.parametrize(
    "begun",
    [
        "2026-01-03 14:00:00,000 - INFO - Starting player_game_summary backfill",
        "2026-01-03 14:00:00,000 - INFO - Date range: 2024-11-01 to 2024-11-20",
        "2026-01-03 14:00:00,000 - INFO - Resuming from the checkpoint",
        "2026-01-03 14:00:00,000 - INFO -   ✗ 2024-11-02: Processing failed",
        "Traceback (most recent call last):",
    ],
)
def test_a_second_start_that_breaks_off_takes_the_first_ones_word_back(
    job: Job, begun: str, tmp_path: Path
) -> None:
    after = [*job(), begun, "ModuleNotFoundError: no module"]
    assert_vouches_for_nothing(success_rate(tmp_path, after), "of its last run")


@each_job
def test_a_validation_that_failed_after_the_summary_is_counted(job: Job, tmp_path: Path) -> None:
    def failed(*after: str) -> object:
        return read(tmp_path, job() + list(after)).failed_validations.numerator

    assert failed() == failed(*prefixed("POST-BACKFILL VALIDATION PASSED")) == 0
    assert failed(*prefixed("Starting post-backfill validation", "validation: 0 failed")) == 0
    assert failed(*prefixed("❌ POST-BACKFILL VALIDATION FAILED")) == 1
    assert failed("ERROR:validator:Validation of 2024-11-02 failed") == 1
    again = read(tmp_path, [*job(), *prefixed("POST-BACKFILL VALIDATION FAILED"), *job()])
    assert again.failed_validations.numerator == 0


def test_a_log_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "job.log").symlink_to("/proc/self/mem")
    measured = backfill_log(settings_of(tmp_path), "phase1").success_rate
    assert "job.log cannot be read" in str(measured.why)


def test_a_line_without_end_is_cut_and_never_read_as_several(tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    log.write_text("x" * LONGEST + STAMP + "PARALLEL BACKFILL COMPLETE\nnext", encoding="utf-8")
    assert list(lines(log)) == ["x" * LONGEST, "next"]


def test_what_is_shown_of_a_log_is_printable_and_not_more_than_asked_for(tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    log.write_text("".join(f"✗ failed {n}\x1b]0;x\x07\r\n" for n in range(9)), encoding="utf-8")
    assert telling(log, 2) == [
        (9, "✗ failed 8\N{REPLACEMENT CHARACTER}]0;x\N{REPLACEMENT CHARACTER}"),
        (8, "✗ failed 7\N{REPLACEMENT CHARACTER}]0;x\N{REPLACEMENT CHARACTER}"),
    ]


@each_job
@property_of(max_examples=150, deadline=None)
@given(draw=st.randoms(use_true_random=False))
def test_no_damage_ends_in_a_traceback_or_in_days_that_no_line_names(
    job: Job, tmp_path_factory: pytest.TempPathFactory, draw: random.Random
) -> None:
    damaged = _damaged(job(2), draw)
    log = read(tmp_path_factory.getbasetemp(), damaged)
    days = log.window_days.numerator
    assert (days is None) == (log.success_rate.numerator is None)
    # A colour within a date is none of its letters.
    told = "\n".join(damaged).replace("\x1b[0m", "")
    named = set(re.findall(r"2024-11-(?:0[1-9]|1\d|20)", told))
    assert days is None or days <= len(named)


@each_job
@property_of(max_examples=150, deadline=None)
@given(draw=st.randoms(use_true_random=False))
def test_what_is_lost_of_a_log_never_makes_it_better(
    job: Job, tmp_path_factory: pytest.TempPathFactory, draw: random.Random
) -> None:
    whole = read(tmp_path_factory.getbasetemp(), job(1))
    kept = [line for line in job(1) if draw.random() > draw.choice([0.01, 0.1])]
    log = read(tmp_path_factory.getbasetemp(), kept)
    assert log.success_rate.numerator in (None, whole.success_rate.numerator)
    assert log.success_rate.denominator in (None, whole.success_rate.denominator)
    assert whole.window_days.numerator is not None
    assert (log.window_days.numerator or 0) <= whole.window_days.numerator


def _damaged(found: list[str], draw: random.Random) -> list[str]:
    """A few lines dropped, doubled, swapped, cut, or with other characters in them."""
    for _ in range(draw.randint(1, 6)):
        place, other = draw.randrange(len(found)), draw.randrange(len(found))
        line = found[place]
        cut = draw.randint(0, len(line))
        odd = draw.choice(
            ["\x00", "\u2028", "9" * 40, "-", "٣", "✓", "✗", "\r", "\x1b[0m", "\ud800"]
        )
        change = draw.choice(
            [[], [line, line], [found[other]], [line[:cut]], [line[:cut] + odd + line[cut:]]]
        )
        found = [*found[:place], *change, *found[place + 1 :]] or [""]
    return [line.encode("utf-8", "replace").decode() for line in found]
