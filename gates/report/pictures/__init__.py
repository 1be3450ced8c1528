"""The pictures of the report: what decision.json counts, as SVG that can stand inside a page.

A picture is drawn for one column of about 400 px; the page lays them out side by side. What has no
data is not drawn, and matplotlib is imported only where something is.
"""

from collections.abc import Mapping
from typing import Any

from gates.report.pictures.backfill import of_backfill
from gates.report.pictures.calendars import of_dates
from gates.report.pictures.canvas import Picture, drawn, prepare
from gates.report.pictures.coverage import of_months, of_seasons
from gates.report.pictures.margins import of_margins

__all__ = ["Picture", "pictures", "prepare"]

AFTER_THE_BACKFILL = ("phase4", "final")


def pictures(record: Mapping[str, Any], backfill: Mapping[str, Any] | None = None) -> list[Picture]:
    """Every picture that there is data for, in the order in which a page shows them.

    `record` is decision.json's content; `backfill` that of reports/backfill/summary.json, used
    where the stage is one of AFTER_THE_BACKFILL.
    """
    series = record.get("series") or {}
    gates = record["gates"]
    sketches = [
        *of_dates(series),
        *of_seasons(series, gates),
        *of_months(series, gates),
        *of_margins(gates),
    ]
    if backfill is not None and record["stage"] in AFTER_THE_BACKFILL:
        sketches += of_backfill(backfill)
    return drawn(sketches)
