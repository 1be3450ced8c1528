"""Array types that the generator's modules share, and days as numbers."""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

EPOCH = date(1970, 1, 1)


def number(day: date) -> int:
    """Days since 1970-01-01, as Arrow's DATE counts them."""
    return (day - EPOCH).days


def day(number: int | np.int64) -> date:
    """The date of a number of days since 1970-01-01."""
    return EPOCH + timedelta(days=int(number))


def months(days: Ints) -> Ints:
    """1 to 12 for each number of days since 1970-01-01."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1


def weekdays(days: Ints) -> Ints:
    """0 for Monday to 6 for Sunday, for each number of days since 1970-01-01, a Thursday."""
    return (days + 3) % 7


def one_in_each_block(rng: np.random.Generator, rows: int, share: float) -> Bools:
    """A mask of about `share` of the rows, one at random in each run of 1/share neighbours.

    So every month and season comes close to the share, as it would not by chance alone.
    """
    mask = np.zeros(rows, dtype=np.bool_)
    blocks = int(np.ceil(rows * share))
    places = ((np.arange(blocks) + rng.random(blocks)) / share).astype(np.int64)
    mask[places[places < rows]] = True
    return mask
