"""Two answers to one statement, cell by cell."""

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

# Floating-point sums depend on the order of the rows, which GoogleSQL leaves open.
RELATIVE = 1e-12


def differences(embedded: Any, reference: Any, where: str = "") -> Iterator[str]:
    """A sentence for each cell that is not the same; none when the answers agree."""
    if isinstance(embedded, Mapping) and isinstance(reference, Mapping):
        if list(embedded) != list(reference):
            yield f"{where}: columns {list(embedded)}, at Google {list(reference)}"
            return
        for name in reference:
            yield from differences(embedded[name], reference[name], f"{where}.{name}")
    elif isinstance(embedded, list) and isinstance(reference, list):
        if len(embedded) != len(reference):
            yield f"{where}: {len(embedded)} elements, at Google {len(reference)}"
            return
        for number, pair in enumerate(zip(embedded, reference, strict=True)):
            yield from differences(*pair, f"{where}[{number}]")
    elif not same(embedded, reference):
        yield f"{where}: {embedded!r}, at Google {reference!r}"


def same(one: Any, other: Any) -> bool:
    """Whether two cells are equal; numbers exactly, unless one is a floating-point number."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    numbers = (int, float, Decimal)
    if isinstance(one, numbers) and isinstance(other, numbers):
        if isinstance(one, float) or isinstance(other, float):
            both_nan = math.isnan(one) and math.isnan(other)
            return both_nan or math.isclose(one, other, rel_tol=RELATIVE)
        return one == other
    return type(one) is type(other) and bool(one == other)
