"""What a benchmark prints: a JSON object a row, `python bench/NAME.py | jq`."""

import json
from collections.abc import Callable
from statistics import median

REPEATED = 5


def row(name: str, unit: str, bound: float, measure: Callable[[], float]) -> None:
    """Print the median and the spread (least and most) of five figures after a warm-up."""
    measure()
    figures = sorted(measure() for _ in range(REPEATED))
    print(
        json.dumps(
            {
                "name": name,
                "runs": REPEATED,
                "median": round(median(figures), 4),
                "spread": [round(figures[0], 4), round(figures[-1], 4)],
                "unit": unit,
                "bound": bound,
            }
        ),
        flush=True,
    )
