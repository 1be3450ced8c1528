"""Minutes of the players of a game, in tenths, as exact as the clock."""

import numpy as np

from season.arrays import Bools, Floats, Ints
from season.lineups import WIDTH

REGULATION, OVERTIME = 48, 5
ON_THE_FLOOR = 5
# Usual minutes by place in the lineup, and how far a game goes from them, relatively.
USUAL = np.array([35.0, 33.5, 32, 30.5, 28, 23, 20, 17, 13.5, 10, 7, 5])
SPREAD = np.array([0.08] * 5 + [0.16] * 3 + [0.30] * (WIDTH - 8))
MOST, LEAST = 43.5, 1.5
# How often a team's last man comes in for less than a minute.
CAMEOS, CAMEO = 0.04, (0.1, 1.0)
# When a game goes to overtime, the two best play still more of it than of others, and up to so much
# of the regular 48 minutes, without the overtime's share.
LONG_NIGHT, LONGEST = 1.145, 46.0
TEN_PLAY = 243.0  # usual minutes of ten players


def minutes(in_play: Bools, overtimes: Ints, rng: np.random.Generator, *, tidy: bool) -> Ints:
    """(rows, 12) tenths of a minute; a row sums to 240 minutes and 25 for each overtime."""
    weights = np.where(in_play, USUAL * np.exp(rng.normal(0, SPREAD, in_play.shape)), 0)
    total = float(ON_THE_FLOOR * REGULATION)
    least, most = np.full(in_play.shape, LEAST), np.full((len(in_play), 1), MOST)
    if not tidy:
        _cameos(weights, least, in_play, rng)
        _long_nights(weights, most, overtimes)
    share: Floats = weights
    for _ in range(4):
        share = share * total / share.sum(axis=1, keepdims=True)
        share = np.where(in_play, np.clip(share, least, most), 0)
    length = 10 * ON_THE_FLOOR * (REGULATION + OVERTIME * overtimes)
    exact = share * (length / share.sum(axis=1))[:, None]
    whole = np.floor(exact).astype(np.int64)
    # The largest remainders are rounded up, as many as are missing.
    rank = np.argsort(np.argsort(whole - exact, axis=1), axis=1)
    return np.asarray(whole + (rank < (length - whole.sum(axis=1))[:, None]))


def _cameos(weights: Floats, least: Floats, in_play: Bools, rng: np.random.Generator) -> None:
    rows = np.flatnonzero(rng.random(len(in_play)) < CAMEOS)
    last = in_play[rows].sum(axis=1) - 1
    weights[rows, last] = rng.uniform(*CAMEO, len(rows))
    least[rows, last] = CAMEO[0]


def _long_nights(weights: Floats, most: Floats, overtimes: Ints) -> None:
    # Many team-mates do not shorten the best players' nights.
    team_mates = np.where(weights > 0, USUAL, 0).sum(axis=1) / TEN_PLAY
    weights[overtimes > 0, :2] *= LONG_NIGHT * team_mates[overtimes > 0, None]
    most[overtimes > 0] = LONGEST
