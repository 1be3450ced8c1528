"""Minutes and usage of players, as far as they are known."""

from collections.abc import Mapping

import numpy as np

from season.arrays import Bools, Floats, Ints, one_in_each_block

NO_MINUTES = 0.002  # of the rows of those who played
NO_USAGE = 0.046  # of the same, those who had no usage among them
MOST_USAGE = 100.0
A_MOMENT = 1.0  # minutes; up to so many any usage is believed


def usage(lines: Mapping[str, Ints], team: Mapping[str, Ints], minutes: Floats) -> Floats:
    """100 * (FGA + 0.44 FTA + TO) * 48 / (minutes * the team's total); minutes above 0."""

    def total(of: Mapping[str, Ints]) -> Floats:
        return np.asarray(of["fg_attempts"] + 0.44 * of["ft_attempts"] + of["turnovers"])

    return np.asarray(100 * total(lines) * 48 / (minutes * total(team)))


def picked(rows: Bools, share: float, rng: np.random.Generator) -> Bools:
    """A share of the marked rows, evenly over time."""
    found = np.zeros(len(rows), dtype=np.bool_)
    found[rows] = one_in_each_block(rng, int(rows.sum()), share)
    return found


def as_known(
    minutes: Floats,
    lines: Mapping[str, Ints],
    team: Mapping[str, Ints],
    month: Ints,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Minutes and usage as the platform has them: NaN on some rows of those who played.

    `minutes` are NaN of those who did not play. Usage is missing where there was none, and in each
    month on as many rows more as make NO_USAGE.
    """
    played = ~np.isnan(minutes)
    # Without points too, such a row would say that the player sat.
    minutes = np.where(picked(played & (lines["points"] > 0), NO_MINUTES, rng), np.nan, minutes)
    exact = usage(lines, team, minutes)
    missing = ~(exact > 0) | ((exact > MOST_USAGE) & (minutes > A_MOMENT))
    for each in np.unique(month):
        rows = played & (month == each)
        short = NO_USAGE * rows.sum() - (rows & missing).sum()
        rest = rows & ~missing
        missing |= picked(rest, max(short, 0) / max(rest.sum(), 1), rng)
    return minutes, np.where(missing, np.nan, exact)
