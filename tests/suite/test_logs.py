"""A job's log vouches for a run only with a whole summary of the last one."""

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from gates.logs import LogError, backfill_log, newest
from gates.measurement import Measurement

Job = Callable[..., list[str]]
STAMP = "2026-01-03 13:15:20,001 - INFO - "


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
        "  ✓ 2024-11-03: 212 records",
        "  ✓ 2024-11-01: 318 records",
        *["  ✗ 2024-11-02: Processing failed"][:failed],
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


def success_rate(folder: Path, lines: list[str] | str) -> Measurement:
    text = lines if isinstance(lines, str) else "".join(f"{line}\n" for line in lines)
    (folder / "job.log").write_text(text, encoding="utf-8")
    return backfill_log(folder, "*.log").success_rate


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
    assert measured.note == "job.log says so"


@each_job
@pytest.mark.parametrize("failed", [0, 3], ids=["no failure", "failures"])
def test_a_log_that_is_cut_off_anywhere_before_its_last_count_says_nothing(
    job: Job, failed: int, tmp_path: Path
) -> None:
    text = "\n".join(job(failed))
    whole = success_rate(tmp_path, text)
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
    measured = backfill_log(tmp_path / "nowhere", "team_*.log").success_rate
    assert measured.why == f"no log {tmp_path / 'nowhere' / 'team_*.log'} was found"
    assert measured.remedy is not None
    assert "GATES_LOGS" in measured.remedy


def test_a_folder_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "job.log").mkdir()
    assert "no log" in str(backfill_log(tmp_path, "*.log").success_rate.why)


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
    for name, lines in (("old", sequential()), ("new", sequential(3))):
        text = "\n".join(lines)
        moment = "2026-01-04" if name == "new" else "2026-01-03"
        text = text.replace("2026-01-03", moment)
        (tmp_path / f"{name}_player_summary.log").write_text(text, encoding="utf-8")
    os.utime(tmp_path / "new_player_summary.log", (1_000, 1_000))
    assert newest(tmp_path, "*.log").name == "new_player_summary.log"


def test_windows_line_ends(tmp_path: Path) -> None:
    measured = success_rate(tmp_path, "\r\n".join(parallel(38)))
    assert (measured.numerator, measured.denominator) == (Fraction(1_499), Fraction(1_537))
