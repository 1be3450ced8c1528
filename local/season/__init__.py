"""Five seasons of made-up games, as the platform's eleven tables and three logs."""

from local.season.calendar import CalendarError
from local.season.tables import generate

__all__ = ["CalendarError", "generate"]
