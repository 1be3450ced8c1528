"""Where a decision's figures come from: shown at the top of every report and document."""

from datetime import datetime

from gates.decide.record import Record


def moment(time: datetime | None) -> str:
    """ISO 8601 to the second, empty where there is none."""
    return time.isoformat(timespec="seconds") if time else ""


def facts(record: Record) -> dict[str, str]:
    """Name -> fact."""
    return {
        "Target": f"{record.target.name} ({record.target.project})",
        **{f"Window {stage}": " to ".join(window) for stage, window in record.windows.items()},
        "Snapshot": snapshot(record),
        "Finished": record.finished_at.isoformat(),
        "Commit": record.code_version or "unknown",
        "Configuration": f"SHA-256 {record.config_sha256}",
        **_columns(record),
        **_bytes(record),
    }


def _bytes(record: Record) -> dict[str, str]:
    """What was read beside what the dry runs said, where a budget asked them."""
    jobs = {query.job_id: query for query in record.queries}.values()
    expected = [job.bytes_estimated for job in jobs if job.bytes_estimated is not None]
    if not expected:
        return {}
    read = sum(job.bytes_processed or 0 for job in jobs)
    return {"Bytes read": f"{read:,} by {len(jobs)} jobs, {sum(expected):,} expected"}


def _columns(record: Record) -> dict[str, str]:
    """How much of the tables is judged at all; `make columns` names the columns."""
    shares = record.columns or {}
    if not shares:
        return {}
    judged, every = (sum(getattr(s, n) for s in shares.values()) for n in ("judged", "columns"))
    each = (f"{s.judged} of {s.columns} in {name.split('.')[-1]}" for name, s in shares.items())
    return {"Columns judged": f"{judged} of {every}: {', '.join(each)}"}


def snapshot(record: Record) -> str:
    """As of when the tables were read."""
    return record.snapshot_at.isoformat() if record.snapshot_at else "none, no table was read"
