"""The incident corpus: faults as files, and what the gates have to say to each of them.

incidents/<family>/<name>.toml: what happened, the DML (or the edit of a log) that brings it back,
and every gate that must not pass; no other may fail.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness import ROOT, TABLES

from gates.config.settings import load
from gates.config.stages import DECISIONS, stages_of
from gates.measure import queries

INCIDENTS = Path(__file__).parent / "incidents"
HEALTHY = Path(__file__).parent / "healthy"
# Family -> the measures of its integrity gates.
FAMILIES = {
    "complete": {
        *("missing_games", "unscheduled_games", "partial_dates", "incomplete_games", "longest_gap"),
        *("worst_date_players", "unfinished_games", "moved_games"),
        *("days_short", "long_gaps", "short_seasons", "days_stale"),
    },
    "unique": {
        *("duplicate_rows", "duplicate_dates", "one_sided_games"),
        *("repeated_games", "conflicting_games", "teams_twice_a_date"),
    },
    "ids": {"malformed_ids", "swapped_games", "unnamed_teams"},
    "joinable": {"joinable_games", "usage_given_team"},
    "seasons": {
        *("worst_season_minutes", "worst_season_usage", "worst_season_shot_zones"),
        *("season_drop_minutes", "season_drop_usage", "constant_columns", "usage_inputs"),
    },
    "plausible": {
        "contradictory_rows",
        *("box_score", "team_points", "team_attempts", "minutes_range", "usage_range"),
        *("zero_points", "zero_usage", "shot_attempts", "commonest_minutes", "commonest_usage"),
        *("implausible_months", "fatigue_band", "mismatch_band", "pace_band", "deferred_factors"),
        *("adjustment_sum", "fatigue_date_mean", "fatigue_month_mean", "mismatch_month_mean"),
        *("pace_month_mean", "fatigue_default_share", "mismatch_default_share"),
        *("pace_default_share", "shot_rates", "implausible_rows"),
    },
    "honest": {
        *("quality_scale", "outdated_rows", "mixed_versions"),
        *("older_than_players", "older_than_context"),
    },
    "contexts": {
        *("points_allowed", "opponent_counts", "opponent_zones", "opponent_ratings"),
        *("possessions", "pace_and_rating", "other_seasons", "home_and_opponent"),
        *("rest_and_load", "recent_points", "opponent_pace", "null_team", "roster_sizes"),
        *("two_spellings", "worst_team_players", "absent_players", "judged_values"),
    },
    "phase4_values": {
        *("points_averages", "other_averages", "games_played", "team_averages", "null_date"),
        *("first_scorers", "first_of_team", "empty_date", "zone_rates", "zone_success"),
        *("zone_attempts", "null_game", "default_game", "default_date", "pace_default_game"),
        *("mismatch_default_date", "pace_direction", "fatigue_by_load", "player_features"),
        *("factor_features", "unrated_date", "ready_date", "empty_rows", "vector_lengths"),
        *("endless_features", "absent_from_factors", "absent_from_features"),
        *("absent_from_zones", "absent_from_cache"),
    },
    "values": {
        *("schedule_scores", "results", "game_columns", "ratings", "missing_values"),
        *("implausible_counts", "worst_filled", "worst_scored", "worst_quality_score"),
        "worst_game_scored",
        *("worst_date_ready", "usage_from_shots", "shooting_rates", "two_names", "team_sums"),
        *("team_minutes", "plus_minus", "missing_counts", "partial_zones", "winners"),
        *("worst_month_usage", "worst_date_usage", "worst_game_usage", "worst_game_usage_near"),
        *("worst_month_minutes", "worst_date_minutes", "worst_game_minutes"),
        "worst_month_zones",
    },
    # What the runbook asks for is caught by its own thresholds, once they are compared.
    "logs": {"success_rate", "validations_passed", "window_days", "failed_validations"},
    "runbook": {"production_ready", "minutes_played", "bootstrap_rows", "null_rate"},
}
# Seasons like the platform's hold tables that were run again with the same values. By age alone, as
# these warnings judge, they are never without a finding: what they find more is what counts.
STANDING = {"phase2.player_games.outdated_rows", "phase4.factors.older_than_context"}


@dataclass(frozen=True)
class Fault:
    """One fault: `fails`, `marginal`, `not_evaluated` are the gates that must be so."""

    name: str
    family: str
    happened: str
    fails: frozenset[str]
    incident: int | None = None
    fault: tuple[str, ...] = ()
    logs: tuple[dict[str, str], ...] = ()
    marginal: frozenset[str] = field(default_factory=frozenset)
    not_evaluated: frozenset[str] = field(default_factory=frozenset)

    @property
    def statuses(self) -> dict[str, str]:
        """Gate id -> status, of those that must not pass."""
        return {
            **dict.fromkeys(self.fails, "fail"),
            **dict.fromkeys(self.marginal, "marginal"),
            **dict.fromkeys(self.not_evaluated, "not_evaluated"),
        }


def faults() -> list[Fault]:
    """The corpus: the platform's own incidents by number, then the others by family and name."""
    found = [_fault(file) for file in sorted(INCIDENTS.glob("*/*.toml"))]
    return sorted(found, key=lambda each: (each.incident or 99, each.family, each.name))


def healthy_states() -> list[Fault]:
    """What looks like a fault and is none, by name: all that may fail are the warnings it lists."""
    return [_healthy(file) for file in sorted(HEALTHY.glob("*.toml"))]


def changed_by(fault: Fault) -> set[str]:
    """The tables that the statements of a fault or of a healthy state write to."""
    text = " ".join(fault.fault)
    return {
        table
        for table in TABLES
        if re.search(rf"(INTO|UPDATE|DELETE FROM|TABLE) {table}\b", text, re.IGNORECASE)
    }


def decisions_on(fault: Fault) -> list[str]:
    """The decisions whose gates read a table that the fault damages, or a log."""
    damaged = changed_by(fault)
    return [stage for stage, tables in _READ.items() if fault.logs or tables & damaged]


def read_by(gates: Iterable[str]) -> set[str]:
    """The tables that gates of gates.toml read, by their ids."""
    sources = {source for gate in gates for source in queries.sources_of(_SETTINGS.gates[gate])}
    return {table for source in sources for table in queries.read(source).tables}


_SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime.now(UTC))
_READ = {
    stage: read_by(gate.id for gate in _SETTINGS.gates_of(stages_of(stage))) for stage in DECISIONS
}


def _healthy(file: Path) -> Fault:
    content: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    return Fault(
        name=file.stem,
        family="healthy",
        happened=" ".join(content["happened"].split()),
        fault=tuple(content["state"]),
        fails=frozenset(content.get("warns", ())),
    )


def _fault(file: Path) -> Fault:
    content: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    return Fault(
        name=file.stem,
        family=file.parent.name,
        happened=" ".join(content.pop("happened").split()),
        fails=frozenset(content.pop("fails", ())),
        marginal=frozenset(content.pop("marginal", ())),
        not_evaluated=frozenset(content.pop("not_evaluated", ())),
        fault=tuple(content.pop("fault", ())),
        logs=tuple(content.pop("logs", ())),
        **content,
    )
