"""The runbook's twelve thresholds of both tables, as plain SQL for other tools.

Each has a table, and an expression over its rows in the window that is true where it holds.
"""

WINDOWS = {
    "team_offense_game_summary": "game_date BETWEEN DATE '2021-10-19' AND DATE '2026-01-02'",
    "player_game_summary": "game_date BETWEEN DATE '2024-05-01' AND DATE '2026-01-02'",
}
_PLAYED = "points IS NOT NULL AND is_dnp IS NOT TRUE"


def _share(condition: str, least: int) -> str:
    """Of those who played, at least so many per cent."""
    every = f"SUM(CASE WHEN {_PLAYED} THEN 1 ELSE 0 END)"
    those = f"SUM(CASE WHEN {_PLAYED} AND {condition} THEN 1 ELSE 0 END)"
    return f"100 * {those} >= {least} * {every}"


_ISSUES = ("all_sources_failed", "missing_required", "placeholder_created")
# Arrays are another dialect in each engine: DuckDB's, and GoogleSQL's.
_NO_ISSUE = {
    "duckdb": f"SUM(CASE WHEN list_has_any(quality_issues, {list(_ISSUES)}) THEN 1 ELSE 0 END) = 0",
    "bigquery": (
        "COUNTIF(EXISTS (SELECT 1 FROM UNNEST(quality_issues) AS issue "
        f"WHERE issue IN {_ISSUES})) = 0"
    ),
}
_READY = "SUM(CASE WHEN is_production_ready THEN 1 ELSE 0 END)"


def thresholds(dialect: str) -> dict[tuple[str, str], str]:
    """(table, name) -> expression."""
    team, player = WINDOWS
    return {
        (team, "game_count"): "COUNT(DISTINCT game_id) >= 5600",
        (team, "records_per_game"): (
            "100 * COUNT(*) BETWEEN 195 * COUNT(DISTINCT game_id) AND 205 * COUNT(DISTINCT game_id)"
        ),
        (team, "quality_score"): "AVG(quality_score) >= 75",
        (team, "production_ready"): f"100 * {_READY} >= 80 * COUNT(*)",
        (team, "critical_issues"): _NO_ISSUE[dialect],
        (player, "record_count"): f"SUM(CASE WHEN {_PLAYED} THEN 1 ELSE 0 END) >= 35000",
        (player, "minutes_played"): _share("minutes_played IS NOT NULL", 99),
        (player, "usage_rate"): _share("usage_rate IS NOT NULL", 95),
        (player, "shot_zones"): _share("paint_attempts IS NOT NULL", 40),
        (player, "quality_score"): "AVG(quality_score) >= 75",
        (player, "production_ready"): f"100 * {_READY} >= 95 * COUNT(*)",
        (player, "critical_issues"): _NO_ISSUE[dialect],
    }
