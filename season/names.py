"""Made-up names: no player of these seasons has ever lived."""

import re
import unicodedata
from collections.abc import Mapping

import numpy as np

_FIRST = (
    ("Ar", "Bre", "Cal", "Da", "De", "El", "Fen", "Ga", "Ja", "Ke", "Lo", "Ma", "Ne", "O", "Ra",
     "Sha", "Te", "Tri", "Va", "Zan"),
    ("den", "dric", "las", "lon", "marn", "mir", "nix", "quan", "rell", "rick", "rin", "ron",
     "shun", "ston", "tavi", "vell", "ven", "vin", "zo", "zell"),
)  # fmt: skip
_LAST = (
    ("Al", "Bal", "Bren", "Car", "Dor", "Ever", "Fal", "Gran", "Hal", "Ing", "Kel", "Lam", "Mor",
     "Nor", "Oak", "Pel", "Quar", "Ros", "Sel", "Tar", "Ul", "Ver", "Wen", "Yar"),
    ("bard", "beck", "borne", "brook", "by", "den", "dell", "fane", "gate", "ham", "hart", "holt",
     "ley", "low", "mere", "mont", "ridge", "sett", "stead", "vane", "way", "wick", "worth"),
)  # fmt: skip


def made_up(count: int, rng: np.random.Generator) -> list[str]:
    """So many different full names, none of which is another's in small letters."""
    sizes = [len(part) for half in (_FIRST, _LAST) for part in half]
    places = np.unravel_index(rng.choice(np.prod(sizes), 2 * count, replace=False), sizes)
    names = (
        f"{_FIRST[0][a]}{_FIRST[1][b]} {_LAST[0][c]}{_LAST[1][d]}"
        for a, b, c, d in zip(*places, strict=True)
    )
    return list({lookup(name): name for name in names}.values())[:count]


_ACCENTS = str.maketrans("aeiou", "áéíöū")
_VOWEL = re.compile("[aeiou]")
_SUFFIXES = ("Jr.", "II", "III")
ACCENTED, NAMESAKE, APOSTROPHE = 20, 30, 45  # one name in so many


def as_written(names: list[str], namesakes: Mapping[int, int]) -> list[str]:
    """The same, but some with accents and apostrophes, some another's with a suffix.

    `namesakes`: the place of a younger player -> that of the older one after whom he is named.
    """
    found = list(names)
    for place in range(ACCENTED - 1, len(names), ACCENTED):
        given, family = found[place].split()
        found[place] = f"{given} {_VOWEL.sub(_with_accent, family, count=1)}"
    for place in range(APOSTROPHE - 1, len(names), APOSTROPHE):
        given, family = found[place].split()
        found[place] = f"{given} O'{family}"
    for nth, (younger, older) in enumerate(namesakes.items()):
        found[younger] = f"{found[older]} {_SUFFIXES[nth % len(_SUFFIXES)]}"
    return found


def _with_accent(vowel: re.Match[str]) -> str:
    return vowel[0].translate(_ACCENTS)


def lookup(name: str) -> str:
    """Small letters and nothing else, as the platform's player_lookup."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain if letter.isalnum()).lower()
