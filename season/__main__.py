"""Write the seasons by hand: python -m season --out DIR [--calendar FILE | --until DATE]."""

import argparse
import sys
from datetime import date
from pathlib import Path

from season import CalendarError, generate
from season.calendar import LAST_KNOWN

SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"


def main() -> int:
    """Parquet files into DIR, the logs into DIR/logs; 1 for a calendar that cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m season")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--calendar", type=Path)
    parser.add_argument("--until", type=date.fromisoformat, default=LAST_KNOWN)
    asked = parser.parse_args()
    try:
        generate(
            asked.out,
            asked.out / "logs",
            schemas=SCHEMAS,
            calendar=asked.calendar,
            until=asked.until,
        )
    except CalendarError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
