"""Minutes of the players of a game, in tenths, as exact as the clock."""

import numpy as np

from local.season.arrays import Bools, Floats, Ints
from local.season.lineups import WIDTH

REGULATION, OVERTIME = 48, 5
ON_THE_FLOOR = 5
# Usual minutes by place in the lineup, and how far a game goes from them, relatively.
USUAL = np.array([35.0, 33.5, 32, 30.5, 28, 23, 20, 17, 13.5, 10, 7, 5])
SPREAD = np.array([0.08] * 5 + [0.16] * 3 + [0.30] * (WIDTH - 8))
MOST, LEAST = 43.5, 1.5


def minutes(in_play: Bools, overtimes: Ints, rng: np.random.Generator) -> Ints:
    """(rows, 12) tenths of a minute; a row sums to 240 minutes and 25 for each overtime."""
    weights = np.where(in_play, USUAL * np.exp(rng.normal(0, SPREAD, in_play.shape)), 0)
    total = float(ON_THE_FLOOR * REGULATION)
    share: Floats = weights
    for _ in range(4):
        share = share * total / share.sum(axis=1, keepdims=True)
        share = np.where(in_play, np.clip(share, LEAST, MOST), 0)
    length = 10 * ON_THE_FLOOR * (REGULATION + OVERTIME * overtimes)
    exact = share * (length / share.sum(axis=1))[:, None]
    whole = np.floor(exact).astype(np.int64)
    # The largest remainders are rounded up, as many as are missing.
    rank = np.argsort(np.argsort(whole - exact, axis=1), axis=1)
    return np.asarray(whole + (rank < (length - whole.sum(axis=1))[:, None]))
