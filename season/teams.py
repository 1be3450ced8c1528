"""The thirty teams: ids, names, conferences and where they play."""

from dataclasses import dataclass

import numpy as np

from season.arrays import Floats

_NBA_IDS = 1_610_612_700  # team ids are this and two digits
EARTH_RADIUS_MILES = 3_959.0


@dataclass(frozen=True)
class Team:
    """A team; `hours` of its clock behind New York's, place in degrees."""

    tricode: str
    number: int
    name: str
    east: bool
    hours: int
    latitude: float
    longitude: float

    @property
    def nba_id(self) -> int:
        """The league's id of ten digits."""
        return _NBA_IDS + self.number


TEAMS = (
    Team("ATL", 37, "Hawks", True, 0, 33.76, -84.40),
    Team("BKN", 51, "Nets", True, 0, 40.68, -73.98),
    Team("BOS", 38, "Celtics", True, 0, 42.37, -71.06),
    Team("CHA", 66, "Hornets", True, 0, 35.23, -80.84),
    Team("CHI", 41, "Bulls", True, 1, 41.88, -87.67),
    Team("CLE", 39, "Cavaliers", True, 0, 41.50, -81.69),
    Team("DAL", 42, "Mavericks", False, 1, 32.79, -96.81),
    Team("DEN", 43, "Nuggets", False, 2, 39.75, -105.01),
    Team("DET", 65, "Pistons", True, 0, 42.34, -83.06),
    Team("GSW", 44, "Warriors", False, 3, 37.77, -122.39),
    Team("HOU", 45, "Rockets", False, 1, 29.75, -95.36),
    Team("IND", 54, "Pacers", True, 0, 39.76, -86.16),
    Team("LAC", 46, "Clippers", False, 3, 33.94, -118.34),
    Team("LAL", 47, "Lakers", False, 3, 34.04, -118.27),
    Team("MEM", 63, "Grizzlies", False, 1, 35.14, -90.05),
    Team("MIA", 48, "Heat", True, 0, 25.78, -80.19),
    Team("MIL", 49, "Bucks", True, 1, 43.05, -87.92),
    Team("MIN", 50, "Timberwolves", False, 1, 44.98, -93.28),
    Team("NOP", 40, "Pelicans", False, 1, 29.95, -90.08),
    Team("NYK", 52, "Knicks", True, 0, 40.75, -73.99),
    Team("OKC", 60, "Thunder", False, 1, 35.46, -97.52),
    Team("ORL", 53, "Magic", True, 0, 28.54, -81.38),
    Team("PHI", 55, "76ers", True, 0, 39.90, -75.17),
    Team("PHX", 56, "Suns", False, 2, 33.45, -112.07),
    Team("POR", 57, "Trail Blazers", False, 3, 45.53, -122.67),
    Team("SAC", 58, "Kings", False, 3, 38.58, -121.50),
    Team("SAS", 59, "Spurs", False, 1, 29.43, -98.44),
    Team("TOR", 61, "Raptors", True, 0, 43.64, -79.38),
    Team("UTA", 62, "Jazz", False, 2, 40.77, -111.90),
    Team("WAS", 64, "Wizards", True, 0, 38.90, -77.02),
)
# All-Star teams are none of the league's: the stars, then the young.
ALL_STARS = (
    ("EST", 1_610_616_833, "East All-Stars"),
    ("WST", 1_610_616_834, "West All-Stars"),
    ("RSA", 1_610_616_841, "Rising Stars A"),
    ("RSB", 1_610_616_842, "Rising Stars B"),
    ("RSC", 1_610_616_843, "Rising Stars C"),
    ("RSD", 1_610_616_844, "Rising Stars D"),
    ("RSE", 1_610_616_845, "Rising Stars E"),
    ("RSF", 1_610_616_846, "Rising Stars F"),
)
TRICODES = tuple(team.tricode for team in TEAMS)
IN_EAST = np.array([team.east for team in TEAMS])
HOURS_BEHIND = np.array([team.hours for team in TEAMS])


def _miles() -> Floats:
    latitude = np.radians([team.latitude for team in TEAMS])
    longitude = np.radians([team.longitude for team in TEAMS])
    half = (
        np.sin((latitude[:, None] - latitude) / 2) ** 2
        + np.cos(latitude[:, None])
        * np.cos(latitude)
        * np.sin((longitude[:, None] - longitude) / 2) ** 2
    )
    return np.asarray(2 * EARTH_RADIUS_MILES * np.arcsin(np.sqrt(half)))


# Great-circle miles from team to team, by their places in TEAMS.
MILES = _miles()
