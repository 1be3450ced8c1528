"""Identity tokens as the platform takes them: valid for a time, or here for a number of requests.

Tokens are neither logged nor kept, only their hashes.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus


@dataclass
class Tokens:
    """Which Authorization headers are good; without a limit none is asked for."""

    requests: int | None = None  # each token is good for so many
    seconds: float | None = None  # and for so long from its first use
    clock: Callable[[], float] = time.monotonic
    _used: dict[str, tuple[int, float]] = field(default_factory=dict)

    def refuse(self, authorization: str | None) -> HTTPStatus | None:
        """401 for a token that is used up, 403 without one, None when the request may pass."""
        if self.requests is None and self.seconds is None:
            return None
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return HTTPStatus.FORBIDDEN
        key = hashlib.sha256(token.strip().encode()).hexdigest()
        used, first = self._used.get(key, (0, self.clock()))
        if self._is_over(used, self.clock() - first):
            return HTTPStatus.UNAUTHORIZED
        self._used[key] = (used + 1, first)
        return None

    def _is_over(self, used: int, age: float) -> bool:
        return (self.requests is not None and used >= self.requests) or (
            self.seconds is not None and age > self.seconds
        )
