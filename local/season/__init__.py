"""Five seasons of made-up games, as the platform's eleven tables and three logs."""

from local.season.calendar import CalendarError
from local.season.logs import write_logs
from local.season.tables import generate

__all__ = ["CalendarError", "generate", "write_logs"]
