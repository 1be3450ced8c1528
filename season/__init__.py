"""Seasons of made-up games, as the platform's eleven tables and three logs."""

from season.calendar import CalendarError
from season.tables import generate

__all__ = ["CalendarError", "generate"]
