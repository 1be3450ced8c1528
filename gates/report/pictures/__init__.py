"""The pictures of the report: what decision.json counts, as SVG that can stand inside a page.

A picture is drawn for one column of about 400 px; the page lays them out side by side. What has no
data is not drawn.
"""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from gates.decide.record import Entry
from gates.decide.record_series import Series
from gates.measure.summary import Summary
from gates.report.pictures.backfill import of_backfill
from gates.report.pictures.calendars import of_dates
from gates.report.pictures.canvas import Picture, drawn
from gates.report.pictures.coverage import of_months, of_seasons
from gates.report.pictures.margins import of_margins

__all__ = ["Picture", "pictures"]


def pictures(
    gates: Sequence[Entry],
    series: Series,
    backfill: Summary | None = None,
    failing: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> list[Picture]:
    """Every picture that there is data for, in the order in which a page shows them.

    `failing`: "<stage>.<table>" -> the dates that gates which do not hold show of it.
    """
    sketches = [
        *of_dates(series, failing),
        *of_seasons(series, gates),
        *of_months(series, gates),
        *of_margins(gates),
    ]
    if backfill is not None:
        sketches += of_backfill(backfill)
    return drawn(sketches)
