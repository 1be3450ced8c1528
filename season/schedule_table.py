"""nbac_schedule: the league's own list of games, All-Star games among them."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pyarrow as pa

from season.arrays import Bools, Ints, day, months, weekdays
from season.calendar import season_label
from season.columns import Column, fractions, stamps, take
from season.games import ALL_STAR_ID, PLAYOFF_ID, REGULAR_ID, Pairing
from season.league import League
from season.provenance import times
from season.teams import ALL_STARS, HOURS_BEHIND, IN_EAST, TEAMS

SCHEDULE = "nba_raw.nbac_schedule"
FINAL = 3
FIRST_CUP = 2023  # the season of the first in-season tournament
CUP_MONTH, CUP_WEEKDAYS = 11, (1, 4)
ABROAD = (150, 640)  # numbers of regular games, in November and January


def schedule_table(league: League) -> dict[str, Column]:
    """Columns of the schedule, in order of date."""
    games = sorted([*league.games.pairings, *league.all_star], key=lambda g: (g.day, g.nba_id))
    days = np.array([game.day for game in games])
    score = _scores(league, games)
    away, home = teams(games, "away"), teams(games, "home")
    winners = [
        (two if points[1] > points[0] else one)[0]
        for one, two, points in zip(away, home, score, strict=True)
    ]
    return {
        **identity(games, days, [f"{a[0]}{h[0]}" for a, h in zip(away, home, strict=True)]),
        **team("away", away),
        **team("home", home),
        **kinds(games, days),
        **({} if league.tidy else {"neutral_site_flag": _abroad(games)}),
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


def identity(games: Sequence[Pairing], days: Ints, teams: Sequence[str]) -> dict[str, Column]:
    """Ids, season and dates; `teams` are both tricodes of each game."""
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


def teams(games: Sequence[Pairing], side: str) -> list[tuple[str, int, str]]:
    """Tricode, id and name of each game's team."""
    stars = [ALL_STARS[getattr(game, side) % len(ALL_STARS)] for game in games]
    return [
        star if game.kind == ALL_STAR_ID else (team.tricode, team.nba_id, team.name)
        for game, star in zip(games, stars, strict=True)
        for team in [TEAMS[getattr(game, side)]]
    ]


def team(side: str, teams: Sequence[tuple[str, int, str]]) -> dict[str, Column]:
    """The columns of the away or home `side`."""
    return {
        f"{side}_team_tricode": _texts([team[0] for team in teams]),
        f"{side}_team_id": np.array([team[1] for team in teams]),
        f"{side}_team_name": _texts([team[2] for team in teams]),
    }


def kinds(games: Sequence[Pairing], days: Ints) -> dict[str, Column]:
    """What kind of game each is."""
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


def _abroad(games: Sequence[Pairing]) -> Bools:
    """Games on neutral ground: two of a season's, and those of the stars."""
    abroad = [
        game.kind == ALL_STAR_ID or (game.kind == REGULAR_ID and game.number in ABROAD)
        for game in games
    ]
    return np.array(abroad, dtype=np.bool_)


def _scores(league: League, games: Sequence[Pairing]) -> Ints:
    """(games, 2): away, home."""
    points = league.results.team("points").reshape(-1, 2)
    known = {game.nba_id: points[n] for n, game in enumerate(league.games.pairings)}
    numbers = np.array([[game.day, game.number] for game in games])
    stars = 150 + np.floor(40 * fractions(numbers[:, 0], numbers[:, 1])).astype(np.int64)
    made_up = np.stack([stars, stars + 1 + numbers[:, 1] % 7], axis=1)
    return np.array([known.get(game.nba_id, made_up[n]) for n, game in enumerate(games)])
