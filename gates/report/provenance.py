"""Where a decision's figures come from: shown at the top of every report and document."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any


def moment(time: datetime | None) -> str:
    """ISO 8601 to the second, empty where there is none."""
    return time.isoformat(timespec="seconds") if time else ""


def facts(record: Mapping[str, Any]) -> dict[str, str]:
    """Name -> fact, from decision.json's content."""
    target = record["target"]
    return {
        "Target": f"{target['name']} ({target['project']})",
        **{
            f"Window {stage}": f"{first} to {last}"
            for stage, (first, last) in record["windows"].items()
        },
        "Snapshot": record["snapshot_at"] or "none, no table was read",
        "Finished": record["finished_at"],
        "Commit": record["code_version"] or "unknown",
        "Configuration": f"SHA-256 {record['config_sha256']}",
    }
