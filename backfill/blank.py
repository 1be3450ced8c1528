"""Tokens blanked in what a service says: whole, in part, and in the forms that it may repeat."""

import base64
import threading
from itertools import groupby
from operator import itemgetter
from urllib.parse import quote

# So many characters of a token in a row are blanked, wherever they stand: what a service repeats
# may be cut, wrapped or only a part.
TELLING = 12
BLANKED = "[token]"
# One character each, so that places stay the same (str.lower makes two of some).
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


class Blank:
    """Knows every token of a run; `blank(text)` is the text without them. For many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Pieces by their length, which is TELLING but for a token that is shorter.
        self._pieces: dict[int, set[str]] = {}

    def learn(self, token: str) -> None:
        """Blank `token` from now on."""
        if not token:
            return
        size = min(TELLING, len(token))
        found = {
            form[start : start + size]
            for form in _forms(token)
            for start in range(len(form) - size + 1)
        }
        with self._lock:
            self._pieces[size] = self._pieces.get(size, set()) | found

    def __call__(self, text: str) -> str:
        """`text` with a word in the place of each piece of a token."""
        lower = text.translate(_LOWER)
        hidden = [False] * len(text)
        with self._lock:
            every = list(self._pieces.items())
        for size, pieces in every:
            for start in range(len(text) - size + 1):
                if lower[start : start + size] in pieces:
                    hidden[start : start + size] = [True] * size
        runs = groupby(zip(text, hidden, strict=True), key=itemgetter(1))
        return "".join(
            BLANKED if is_hidden else "".join(each for each, _ in characters)
            for is_hidden, characters in runs
        )


def _forms(token: str) -> list[str]:
    """The token in lower case as it is, in a URL, and in Base64 wherever it begins there."""
    coded = [token, quote(token, safe="")]
    for before in range(3):
        # Less the ends, which depend on what stands before and behind the token.
        text = base64.b64encode(b"\0" * before + token.encode())[4:-4].decode()
        coded += [text, text.replace("+", "-").replace("/", "_")]
    return [each.translate(_LOWER) for each in coded]
