"""Box scores: every player's line, drawn so that lines add up to teams and opponents mirror."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from season.arrays import Bools, Floats, Ints, months
from season.games import Games
from season.lineups import WIDTH, Lineups
from season.minutes import OVERTIME, REGULATION, minutes
from season.players import Players
from season.style import WHOLE_ROSTERS

# Points of a player and game by month; players of a team who play, on average.
POINTS = {10: 10.12, 11: 10.3, 12: 10.45, 1: 10.6, 2: 10.75, 3: 10.9, 4: 10.8, 5: 10.6, 6: 10.4}
PLAYING, PLAYING_SINCE = 10.28, 11.1  # since whole rosters are listed
HOME_ADVANTAGE = 1.6  # points for the home team, and as many less for the other
STRENGTH = 5.5  # standard deviation of a team's margin against the league, in points
# Chance alone makes too many blow-outs; on a floor the margin draws the reserves and shrinks.
BLOW_OUT = 24.0
WILL = 6.0  # points for a team that a playoff series needs to win, and as many against
FREE_THROWS_PER_SHOT = 0.235
OVERTIMES, HOW_OFTEN = (0, 1, 2), (0.94, 0.052, 0.008)
CLOSE = 12  # the widest margin after overtime
# Shares: of missed shots rebounded by the shooting team and by the other, of turnovers that are
# steals, of misses that are blocks, of made shots with a free throw.
OWN_REBOUND, THEIR_REBOUND, STOLEN = 0.245, 0.93, 0.54
BLOCKED = {"paint": 0.19, "mid_range": 0.06, "three_pt": 0.02}
AND_ONE = 0.045
TURNOVERS_PER_SHOT = 0.152
FOULS_A_MINUTE = 0.078

Lines = dict[str, Ints]


@dataclass(frozen=True)
class Results:
    """Per team and game and place in its lineup, (2 games, 12); minutes in tenths."""

    lines: Lines
    overtimes: Ints  # (games)

    def team(self, name: str) -> Ints:
        """(2 games): the team's sum."""
        return np.asarray(self.lines[name].sum(axis=1))

    @property
    def winners(self) -> Ints:
        """(games): 0 where the away team won, 1 where the home team did."""
        points = self.team("points").reshape(-1, 2)
        return (points[:, 1] > points[:, 0]).astype(np.int64)


def play(
    games: Games, lineups: Lineups, players: Players, rng: np.random.Generator, *, tidy: bool
) -> Results:
    """Draw every game; again where it ends in a tie or the planned winner does not win."""
    setting = _Setting(games, lineups, players, rng, tidy)
    shape = (2 * len(games), WIDTH)
    lines: Lines = {}
    pending = np.arange(len(games))
    while len(pending):
        drawn = setting.draw(pending, rng)
        good = setting.stands(pending, drawn["points"].sum(axis=1).reshape(-1, 2), rng)
        rows = _rows(pending[good])
        for name, values in drawn.items():
            found = lines.setdefault(name, np.zeros(shape, dtype=np.int64))
            found[rows] = values[np.repeat(good, 2)]
        pending = pending[~good]
    return Results(lines, setting.overtimes)


def _rows(games: Ints) -> Ints:
    """The two rows of each game."""
    return np.asarray((2 * games[:, None] + [0, 1]).ravel())


class _Setting:
    """What is known of the games before they are played."""

    def __init__(
        self,
        games: Games,
        lineups: Lineups,
        players: Players,
        rng: np.random.Generator,
        tidy: bool,
    ) -> None:
        self._tidy = tidy
        self._games = games
        self._who = lineups.players[:, :WIDTH]
        self._in_play = lineups.in_play
        self._skill = players.skill
        self.overtimes: Ints = rng.choice(OVERTIMES, len(games), p=HOW_OFTEN)
        whole = (games.season >= WHOLE_ROSTERS) & (not tidy)
        playing = np.where(whole, PLAYING_SINCE, PLAYING)
        self._usual = np.array([POINTS.get(m, 10.5) for m in months(games.day)]) * playing
        self._wanted = self._usual[:, None] + self._strengths(lineups, players)

    def _strengths(self, lineups: Lineups, players: Players) -> Floats:
        """(games, 2): points above what is usual, by talent, opponent and place."""
        talent = players.talent[lineups.players[:, :8]].mean(axis=1).reshape(-1, 2)
        talent = STRENGTH * (talent - talent.mean()) / talent.std()
        # Half of a team's talent shows in its points, half in its opponent's.
        strengths = (talent - talent[:, ::-1]) / 2 + HOME_ADVANTAGE * np.array([-1, 1])
        needed = self._games.winners
        will = np.where(self._games.teams == needed[:, None], WILL, -WILL)
        return np.asarray(strengths + np.where(needed[:, None] < 0, 0, will))

    def stands(self, games: Ints, points: Ints, rng: np.random.Generator) -> Bools:
        """Which of the drawn games may stand."""
        margin = points[:, 1] - points[:, 0]
        needed = self._games.winners[games]
        winner = np.where(margin > 0, self._games.home[games], self._games.away[games])
        overtime = self.overtimes[games] > 0
        usual = rng.random(len(games)) < np.exp(-((margin / BLOW_OUT) ** 2) / 2)
        return np.asarray(
            (margin != 0)
            & usual
            & ((needed < 0) | (needed == winner))
            & (~overtime | (np.abs(margin) <= CLOSE))
        )

    def draw(self, games: Ints, rng: np.random.Generator) -> Lines:
        """All lines of `games`."""
        rows = _rows(games)
        overtimes = np.repeat(self.overtimes[games], 2)
        played = minutes(self._in_play[rows], overtimes, rng, tidy=self._tidy)
        skill = {name: values[self._who[rows]] for name, values in self._skill.items()}
        lines = {"minutes": played}
        lines |= self._shots(games, played, skill, rng)
        lines |= _other(lines, played, skill, rng)
        margin = lines["points"].sum(axis=1).reshape(-1, 2)
        lines["plus_minus"] = _plus_minus(
            (margin - margin[:, ::-1]).ravel(), played, self._in_play[rows], overtimes, rng
        )
        return lines

    def _shots(
        self, games: Ints, played: Ints, skill: Mapping[str, Floats], rng: np.random.Generator
    ) -> Lines:
        """Shots by zone and free throws; more of them, or better ones, for better teams."""
        share = _weights(played * skill["shots"])
        three = np.clip(skill["three_share"], 0.02, 0.75)
        paint = np.clip(skill["paint_share"], 0.3, 0.95)
        rates = {
            "paint": (1 - three) * paint,
            "mid_range": (1 - three) * (1 - paint),
            "three_pt": three,
        }
        per_shot = sum(
            (share * rates[z] * _worth(z) * skill[f"{z.removesuffix('_pt')}_pct"]).sum(axis=1)
            for z in rates
        )
        length = 1 + self.overtimes[games] * OVERTIME / REGULATION
        pace = np.repeat(self._usual[games] * length * rng.normal(1, 0.025, len(games)), 2)
        attempts = pace * rng.normal(1, 0.02, len(pace)) / (per_shot + FREE_THROWS_PER_SHOT * 0.78)
        better = (self._wanted[games] / self._usual[games, None]).ravel()[:, None]
        return _shot_lines(np.rint(attempts).astype(np.int64), share, rates, better, skill, rng)


def _worth(zone: str) -> int:
    return 3 if zone == "three_pt" else 2


def _weights(values: Floats) -> Floats:
    """Rows that sum to one."""
    return np.asarray(values / values.sum(axis=1, keepdims=True))


def _shot_lines(
    attempts: Ints,
    share: Floats,
    rates: Mapping[str, Floats],
    better: Floats,
    skill: Mapping[str, Floats],
    rng: np.random.Generator,
) -> Lines:
    shots = rng.multinomial(attempts, share)
    lines = {"three_pt_attempts": rng.binomial(shots, rates["three_pt"])}
    inside = shots - lines["three_pt_attempts"]
    nearer = rates["paint"] / (rates["paint"] + rates["mid_range"])
    lines["paint_attempts"] = rng.binomial(inside, nearer)
    lines["mid_range_attempts"] = inside - lines["paint_attempts"]
    for zone in rates:
        success = np.clip(skill[f"{zone.removesuffix('_pt')}_pct"] * better, 0.05, 0.9)
        lines[f"{zone}_makes"] = rng.binomial(lines[f"{zone}_attempts"], success)
    free = rng.binomial(2 * attempts, FREE_THROWS_PER_SHOT / 2)
    lines["ft_attempts"] = rng.multinomial(free, _weights(share * skill["free_throws"]))
    made = np.clip(skill["free_throw_pct"], 0.4, 0.95)
    lines["ft_makes"] = rng.binomial(lines["ft_attempts"], made)
    lines["fg_attempts"] = shots
    lines["fg_makes"] = sum((lines[f"{zone}_makes"] for zone in rates), np.zeros_like(shots))
    lines["points"] = 2 * lines["fg_makes"] + lines["three_pt_makes"] + lines["ft_makes"]
    return lines


def _other(
    lines: Lines, played: Ints, skill: Mapping[str, Floats], rng: np.random.Generator
) -> Lines:
    """Everything that follows from both teams' shots."""

    def shared(total: Ints, name: str) -> Ints:
        return np.asarray(rng.multinomial(total, _weights(played * skill[name])))

    misses = (lines["fg_attempts"] - lines["fg_makes"]).sum(axis=1)
    offensive = rng.binomial(misses, OWN_REBOUND)
    defensive = rng.binomial(_opponent(misses - offensive), THEIR_REBOUND)
    turnovers = rng.binomial(lines["fg_attempts"].sum(axis=1), TURNOVERS_PER_SHOT)
    found = {
        "offensive_rebounds": shared(offensive, "offensive_rebounds"),
        "defensive_rebounds": shared(defensive, "defensive_rebounds"),
        "turnovers": shared(turnovers, "turnovers"),
        "steals": shared(rng.binomial(_opponent(turnovers), STOLEN), "steals"),
        "assisted": rng.binomial(lines["fg_makes"], np.clip(skill["assisted"], 0.1, 0.9)),
        "and1": rng.binomial(np.minimum(lines["fg_makes"], lines["ft_attempts"]), AND_ONE),
        "fouls": rng.binomial(6, np.clip(played / 10 * FOULS_A_MINUTE / 6 * skill["fouls"], 0, 1)),
    }
    found["assists"] = shared(found["assisted"].sum(axis=1), "assists")
    for zone, share in BLOCKED.items():
        missed = (lines[f"{zone}_attempts"] - lines[f"{zone}_makes"]).sum(axis=1)
        found[f"{zone}_blocks"] = shared(rng.binomial(_opponent(missed), share), "blocks")
    return found


def _opponent(values: Ints) -> Ints:
    """Away and home of each game exchanged."""
    return values.reshape(-1, 2)[:, ::-1].ravel()


def _plus_minus(
    margin: Ints, played: Ints, in_play: Bools, overtimes: Ints, rng: np.random.Generator
) -> Ints:
    """Points for less points against while on the floor; five times the margin in all."""
    floor = played / (10 * (REGULATION + OVERTIME * overtimes[:, None]))
    raw = margin[:, None] * floor + rng.normal(0, 8, played.shape) * np.sqrt(floor * (1 - floor))
    raw -= (raw.sum(axis=1) - 5 * margin)[:, None] * floor / floor.sum(axis=1, keepdims=True)
    whole = np.where(in_play, np.rint(raw), 0).astype(np.int64)
    whole[:, 0] += 5 * margin - whole.sum(axis=1)
    return whole
