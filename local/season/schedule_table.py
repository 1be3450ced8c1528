"""nbac_schedule: the league's own list of games, All-Star games among them."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pyarrow as pa

from local.season.arrays import Ints, day, months, weekdays
from local.season.calendar import season_label
from local.season.columns import Column, fractions, stamps, take
from local.season.games import ALL_STAR_ID, PLAYOFF_ID, REGULAR_ID, Pairing
from local.season.league import League
from local.season.provenance import times
from local.season.teams import ALL_STARS, HOURS_BEHIND, IN_EAST, TEAMS

SCHEDULE = "nba_raw.nbac_schedule"
FINAL = 3
FIRST_CUP = 2023  # the season of the first in-season tournament
CUP_MONTH, CUP_WEEKDAYS = 11, (1, 4)


def schedule_table(league: League) -> dict[str, Column]:
    """Columns of the schedule, in order of date."""
    games = sorted([*league.games.pairings, *league.all_star], key=lambda g: (g.day, g.nba_id))
    days = np.array([game.day for game in games])
    score = _scores(league, games)
    away, home = _teams(games, "away"), _teams(games, "home")
    winners = [
        (two if points[1] > points[0] else one)[0]
        for one, two, points in zip(away, home, score, strict=True)
    ]
    return {
        **_identity(games, days, [f"{a[0]}{h[0]}" for a, h in zip(away, home, strict=True)]),
        **_side("away", away),
        **_side("home", home),
        **_kind(games, days),
        "game_status": FINAL,
        "game_status_text": "Final",
        "away_team_score": score[:, 0],
        "home_team_score": score[:, 1],
        "winning_team_tricode": _texts(winners),
        "data_source": "nba_com",
        **times(SCHEDULE, days, np.zeros(len(days), dtype=np.int64)),
    }


def tip_off(places: Ints, numbers: Ints) -> Ints:
    """Seconds after 0:00 UTC of the day after the game, up to 3:00, by the home team's clock."""
    hours = HOURS_BEHIND[places]
    return np.asarray(3_600 * hours + 1_800 * ((hours < 3) & (numbers % 3 == 0)))


def _texts(values: Sequence[str | None]) -> Column:
    return take(pa.array(values, pa.string()), np.arange(len(values)))


def _identity(games: Sequence[Pairing], days: Ints, teams: Sequence[str]) -> dict[str, Column]:
    label = _texts([season_label(game.season) for game in games])
    homes = np.array([0 if game.kind == ALL_STAR_ID else game.home for game in games])
    numbers = np.array([game.number for game in games])
    files = [f"nba-com/schedule/{day(game.day) + timedelta(days=1)}.json" for game in games]
    codes = [f"{day(g.day):%Y%m%d}/{code}" for g, code in zip(games, teams, strict=True)]
    return {
        "game_id": _texts([game.nba_id for game in games]),
        "game_code": _texts(codes),
        "season": label,
        "season_nba_format": label,
        "season_year": np.array([game.season for game in games]),
        "game_date": days,
        "game_date_est": stamps(days + 1, tip_off(homes, numbers)),
        "source_file_path": _texts(files),
    }


def _teams(games: Sequence[Pairing], side: str) -> list[tuple[str, int, str]]:
    """Tricode, id and name of each game's team."""
    stars = [ALL_STARS[getattr(game, side) % len(ALL_STARS)] for game in games]
    return [
        star if game.kind == ALL_STAR_ID else (team.tricode, team.nba_id, team.name)
        for game, star in zip(games, stars, strict=True)
        for team in [TEAMS[getattr(game, side)]]
    ]


def _side(side: str, teams: Sequence[tuple[str, int, str]]) -> dict[str, Column]:
    return {
        f"{side}_team_tricode": _texts([team[0] for team in teams]),
        f"{side}_team_id": np.array([team[1] for team in teams]),
        f"{side}_team_name": _texts([team[2] for team in teams]),
    }


def _kind(games: Sequence[Pairing], days: Ints) -> dict[str, Column]:
    kind = np.array([game.kind for game in games])
    near = np.array([IN_EAST[game.away] == IN_EAST[game.home] for game in games])
    cup = (months(days) == CUP_MONTH) & np.isin(weekdays(days), CUP_WEEKDAYS) & near
    seasons = np.array([game.season for game in games])
    return {
        "is_regular_season": kind == REGULAR_ID,
        "is_playoffs": kind == PLAYOFF_ID,
        "is_all_star": kind == ALL_STAR_ID,
        "is_emirates_cup": cup & (kind == REGULAR_ID) & (seasons >= FIRST_CUP),
        "playoff_round": _texts([game.round for game in games]),
        "neutral_site_flag": kind == ALL_STAR_ID,
    }


def _scores(league: League, games: Sequence[Pairing]) -> Ints:
    """(games, 2): away, home."""
    points = league.results.team("points").reshape(-1, 2)
    known = {game.nba_id: points[n] for n, game in enumerate(league.games.pairings)}
    numbers = np.array([[game.day, game.number] for game in games])
    stars = 150 + np.floor(40 * fractions(numbers[:, 0], numbers[:, 1])).astype(np.int64)
    made_up = np.stack([stars, stars + 1 + numbers[:, 1] % 7], axis=1)
    return np.array([known.get(game.nba_id, made_up[n]) for n, game in enumerate(games)])
