"""Games that stand in the schedule alone: none of them was played for the league.

Preseason games, Cup finals, games on the dates from which they were put off, and playoff games that
a series did not need; besides, the games of the season that are yet to be played.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from season.arrays import Ints, number
from season.columns import Column, fractions, take
from season.games import CUP_FINAL_ID, PLAYOFF_ID, PRESEASON_ID, Pairing
from season.league import League
from season.playoffs import AT_HOME, LENGTHS
from season.provenance import times
from season.schedule_table import FINAL, SCHEDULE, identity, kinds, team, teams
from season.teams import IN_EAST

DUE, POSTPONED = 1, 9
TEXTS = {FINAL: "Final", DUE: "TBD", POSTPONED: "PPD"}
PRESEASON = (-17, -4)  # days before a season's first
PRESEASON_GAMES = (3, 7)  # of a day, the last is none
CUP_FINALS = {2023: date(2023, 12, 9), 2024: date(2024, 12, 17), 2025: date(2025, 12, 16)}
PUT_OFF = 4  # games a season
PUT_OFF_FROM = 30  # day of a season
PUT_OFF_BY = (14, 61)  # days
WINS = LENGTHS[0]  # of a series


@dataclass(frozen=True)
class _Entry:
    game: Pairing
    status: int


def other_games(league: League, rng: np.random.Generator) -> tuple[dict[str, Column], int]:
    """Columns of the schedule and the number of rows, in order of date.

    A tidy schedule has of these the games alone that are yet to be played.
    """
    entries = [_Entry(game, DUE) for game in league.ahead]
    if not league.tidy:
        entries += _preseason(league, rng)
        entries += [*_cup_finals(league), *_put_off(league, rng), *_not_needed(league)]
    entries.sort(key=lambda entry: (entry.game.day, entry.game.nba_id))
    games = [entry.game for entry in entries]
    status = np.array([entry.status for entry in entries], dtype=np.int64)
    return _columns(games, status, number(league.until)), len(games)


def _columns(games: Sequence[Pairing], status: Ints, last: int) -> dict[str, Column]:
    days = np.array([game.day for game in games], dtype=np.int64)
    away, home = teams(games, "away"), teams(games, "home")
    cup = np.array([game.kind == CUP_FINAL_ID for game in games], dtype=np.bool_)
    return {
        **identity(games, days, [f"{a[0]}{h[0]}" for a, h in zip(away, home, strict=True)]),
        **team("away", away),
        **team("home", home),
        **kinds(games, days),
        "is_emirates_cup": cup,
        "neutral_site_flag": cup,
        "game_status": status,
        "game_status_text": take([TEXTS.get(n, "") for n in range(POSTPONED + 1)], status),
        **_scores(games, status, [team[0] for team in away], [team[0] for team in home]),
        "data_source": "nba_com",
        # What is ahead was loaded with the last day.
        **times(SCHEDULE, np.minimum(days, last), np.zeros(len(days), dtype=np.int64)),
    }


def _scores(
    games: Sequence[Pairing], status: Ints, away: Sequence[str], home: Sequence[str]
) -> dict[str, Column]:
    """Scores of the games that were played, none of which was a tie."""
    numbers = np.array([game.number for game in games], dtype=np.int64)
    days = np.array([game.day for game in games], dtype=np.int64)
    points = 95 + np.floor(30 * fractions(days, numbers))
    margin = np.where(fractions(numbers, days) < 0.5, -1, 1) * (1 + numbers % 17)
    played = status == FINAL
    winner = np.where(played, np.arange(len(games)) + len(games) * (margin > 0), -1)
    return {
        "away_team_score": np.where(played, points, np.nan),
        "home_team_score": np.where(played, points + margin, np.nan),
        "winning_team_tricode": take([*away, *home], winner),
    }


def _preseason(league: League, rng: np.random.Generator) -> Iterator[_Entry]:
    """Some games a day until a few days before the season."""
    for season, start in league.starts.items():
        nth = 0
        first, end = (number(start) + days for days in PRESEASON)
        for day in range(first, min(end, number(league.until) + 1)):
            count = int(rng.integers(*PRESEASON_GAMES))
            for away, home in rng.permutation(len(IN_EAST))[: 2 * count].reshape(-1, 2):
                nth += 1
                game = Pairing(PRESEASON_ID, nth, season, day, int(away), int(home))
                yield _Entry(game, FINAL)


def _cup_finals(league: League) -> Iterator[_Entry]:
    """East against West, two teams that do not play on that day."""
    for season, day in CUP_FINALS.items():
        today = number(day)
        if season in league.starts and today <= league.games.day.max():
            playing = league.games.teams[league.games.day == today]
            free = np.setdiff1d(np.arange(len(IN_EAST)), playing)
            away, home = free[~IN_EAST[free]], free[IN_EAST[free]]
            if len(away) and len(home):
                game = Pairing(CUP_FINAL_ID, 1, season, today, int(away[0]), int(home[0]))
                yield _Entry(game, FINAL)


def _put_off(league: League, rng: np.random.Generator) -> Iterator[_Entry]:
    """Regular games on an earlier date with games on which neither of their teams played."""
    games = league.games
    dates = set(games.day[games.is_regular])
    busy = set(zip(np.repeat(games.day, 2), games.teams.ravel(), strict=True))
    for season, start in league.starts.items():
        first = number(start) + PUT_OFF_FROM
        later = games.is_regular & (games.season == season) & (games.day >= first + PUT_OFF_BY[0])
        found = 0
        for place in rng.permutation(np.flatnonzero(later)):
            day = int(games.day[place] - rng.integers(*PUT_OFF_BY))
            if (
                day >= first
                and day in dates
                and not busy & {(day, team) for team in games.teams[place]}
            ):
                yield _Entry(replace(games.pairings[place], day=day), POSTPONED)
                found += 1
            if found == PUT_OFF:
                break


def _not_needed(league: League) -> Iterator[_Entry]:
    """The games of each playoff series after the one that decided it, every other day."""
    series: dict[tuple[int, frozenset[int]], list[int]] = defaultdict(list)
    for place, game in enumerate(league.games.pairings):
        if game.kind == PLAYOFF_ID:
            series[game.season, frozenset((game.away, game.home))].append(place)
    winners = league.games.teams[np.arange(len(league.games)), league.results.winners]
    numbers = Counter(game.season for game in league.games.pairings if game.kind == PLAYOFF_ID)
    for (season, _), places in series.items():
        if max(Counter(int(team) for team in winners[places]).values()) < WINS:
            continue  # the calendar ends within the series
        first, last = (league.games.pairings[places[n]] for n in (0, -1))
        for nth in range(len(places), LENGTHS[-1]):
            numbers[season] += 1
            at_home = (first.away, first.home) if AT_HOME[nth] else (first.home, first.away)
            day = last.day + 2 * (nth + 1 - len(places))
            game = Pairing(PLAYOFF_ID, numbers[season], season, day, *at_home, round=first.round)
            yield _Entry(game, DUE)
