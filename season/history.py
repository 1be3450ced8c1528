"""What a player or team has done so far: sums over its last rows or its last days."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from season.arrays import Floats, Ints

_SPAN = 1 << 20  # more days than any date is since 1970-01-01


class History:
    """Rows of (key, day) with values; NaN counts as not there."""

    def __init__(self, keys: Ints, days: Ints, values: Mapping[str, npt.NDArray[Any]]) -> None:
        place = keys * _SPAN + days
        order = np.argsort(place, kind="stable")
        self.places = place[order]
        self.values = {name: column[order].astype(float) for name, column in values.items()}
        self._sums: dict[str, Floats] = {}
        self._counts: dict[str, Floats] = {}

    def sums(self, name: str) -> Floats:
        """What is there up to each row, added up."""
        if name not in self._sums:
            values = self.values[name]
            self._sums[name] = _running(np.where(np.isnan(values), 0.0, values))
        return self._sums[name]

    def counts(self, name: str) -> Floats:
        """How many are there up to each row."""
        if name not in self._counts:
            self._counts[name] = _running(~np.isnan(self.values[name]))
        return self._counts[name]

    @property
    def days(self) -> Ints:
        """The day of each row, in the order of keys and days."""
        return self.places % _SPAN

    def before(self, keys: Ints, days: Ints) -> "Past":
        """What lies before each of `days`, for each of `keys`."""
        first = np.searchsorted(self.places, keys * _SPAN)
        return Past(self, keys, days, first, np.searchsorted(self.places, keys * _SPAN + days))


def _running(values: npt.NDArray[Any]) -> Floats:
    return np.concatenate([[0.0], np.cumsum(values)])


@dataclass(frozen=True)
class Past:
    """A stretch of rows [first, end) of a history for each row that asked."""

    history: History
    keys: Ints
    days: Ints
    first: Ints
    end: Ints

    @property
    def games(self) -> Ints:
        """How many rows."""
        return self.end - self.first

    def last(self, games: int) -> "Past":
        """Of these, the last `games` rows."""
        first = np.maximum(self.first, self.end - games)
        return Past(self.history, self.keys, self.days, first, self.end)

    def within(self, days: int) -> "Past":
        """Of these, the rows of the last `days` days."""
        first = np.searchsorted(self.history.places, self.keys * _SPAN + self.days - days)
        return Past(self.history, self.keys, self.days, np.maximum(first, self.first), self.end)

    def total(self, name: str) -> Floats:
        """The sum of what is there."""
        sums = self.history.sums(name)
        return np.asarray(sums[self.end] - sums[self.first])

    def count(self, name: str) -> Floats:
        """How many are there."""
        counts = self.history.counts(name)
        return np.asarray(counts[self.end] - counts[self.first])

    def mean(self, name: str) -> Floats:
        """The mean of what is there; NaN where nothing is."""
        return ratio(self.total(name), self.count(name))

    def spread(self, name: str, squares: str) -> Floats:
        """The standard deviation, from a column and the column of its squares; NaN below two."""
        count = self.count(name)
        mean = self.mean(name)
        variance = ratio(self.total(squares) - count * mean**2, np.where(count > 1, count - 1, 0))
        return np.asarray(np.sqrt(np.maximum(variance, 0)))

    def latest(self, name: str, back: int = 1) -> Floats:
        """The value `back` rows ago; NaN where there are fewer rows."""
        place = self.end - back
        padded = np.append(self.history.values[name], np.nan)
        return np.asarray(np.where(place >= self.first, padded[place], np.nan))


def ratio(numerator: Floats | Ints, denominator: Floats | Ints) -> Floats:
    """Quotient; NaN where the denominator is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(denominator > 0, numerator / denominator, np.nan))
