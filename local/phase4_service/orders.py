"""The file of ordered faults: date -> a list that is used up, an order for each request."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from local.home import EmbeddedError
from season.precompute import PROCESSORS

ANY_DATE: Literal["*"] = "*"


class Order(BaseModel):
    """A fault and what it is told; `times` it happens before the next of the list does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fault: str
    times: Annotated[int, Field(strict=True, gt=0)] | Literal["always"] = 1
    processor: str | list[str] | None = None
    status: Literal["error", "exception"] | None = None
    error: str | None = None
    retry_after: int | str | None = None
    seconds: float = 600
    share: Annotated[float, Field(ge=0, le=1)] = 0.5
    games: Annotated[int, Field(ge=0)] = 1
    after_write: bool = False
    body: Any = None

    @property
    def names(self) -> list[str]:
        """The processors that are meant; all when none is named."""
        if self.processor is None:
            return list(PROCESSORS)
        return [self.processor] if isinstance(self.processor, str) else self.processor


_FILE = TypeAdapter(dict[date | Literal["*"], list[Order]])
_Orders = dict[date | Literal["*"], list[Order]]


class Orders:
    """The orders of a file, read anew for each request; how many are used up is remembered."""

    def __init__(self, file: Path | None, options: Mapping[str, frozenset[str]]) -> None:
        self._file = file
        self._options = options
        self._used: dict[date, tuple[list[Order], int]] = {}

    def check(self) -> None:
        """EmbeddedError, in one sentence, for a file that cannot be used."""
        if self._file is not None:
            self._read(self._file)

    def next(self, day: date) -> Order | None:
        """The order for this request to `day`; None when there is none, or none is left.

        The list of "*" is for every date without one, and used up by each of them for itself. A
        list that has been changed begins anew. Raises EmbeddedError.
        """
        if self._file is None:
            return None
        every = self._read(self._file)
        orders = every.get(day) or every.get(ANY_DATE) or []
        known, used = self._used.get(day, (orders, 0))
        used = used if known == orders else 0
        self._used[day] = (orders, used + 1)
        for order in orders:
            if isinstance(order.times, str) or used < order.times:
                return order
            used -= order.times
        return None

    def _read(self, file: Path) -> _Orders:
        try:
            found = _FILE.validate_python(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise EmbeddedError(
                f"The faults in {file} cannot be used ({_first(error)}), expected "
                '{"DATE": [{"fault": NAME, ...}, ...]}; correct the file.'
            ) from error
        for order in (order for orders in found.values() for order in orders):
            self._check(file, order)
        return found

    def _check(self, file: Path, order: Order) -> None:
        if order.fault not in self._options:
            raise EmbeddedError(
                f"{file} orders the fault {order.fault!r}, expected one of "
                f"{', '.join(self._options)}; correct it."
            )
        options = self._options[order.fault]
        if unknown := order.model_fields_set - options - {"fault", "times"}:
            raise EmbeddedError(
                f"{file} tells the fault {order.fault} {min(unknown)!r}, expected "
                f"{', '.join(sorted(options)) or 'nothing'} or times; correct it."
            )
        if unknown_names := set(order.names) - set(PROCESSORS):
            raise EmbeddedError(
                f"{file} names the processor {min(unknown_names)!r}, expected one of "
                f"{', '.join(PROCESSORS)}; correct it."
            )


def _first(error: OSError | ValueError) -> str:
    if isinstance(error, ValidationError):
        found = error.errors()[0]
        return f"{'.'.join(map(str, found['loc']))}: {found['msg']}"
    return " ".join(str(error).split())
