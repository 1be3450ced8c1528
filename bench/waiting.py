"""How many requests a run sends, how many of them in sequence, and what waiting for them costs.

A server in between holds each request for 0.1 s, and each query for 1 s more. Answers are
remembered by the embedded warehouse, so what a run takes longer than without that is its waiting.
"""

import sys

from measuring import RESULTS, ROOT, Cost, Row, by_turns, cost, environ, warehouse, write

sys.path.insert(0, str(ROOT / "tests/suite"))

from http_faults import Recording, Request, forward_to, in_sequence, serving

REQUEST_S, QUERY_S = 0.1, 1.0
STAGES = {"phase12": 8, "preflight": None, "phase4": None}


def held(request: Request) -> float:
    """Seconds for which a request is held."""
    return REQUEST_S + (QUERY_S if request.method == "POST" else 0)


def measured(stage: str, most: int | None) -> list[Row]:
    """The rows of one stage."""
    home, counts = RESULTS / "home-now", list[tuple[int, int, int]]()
    with warehouse(ROOT, home) as host:

        def run(hold: bool) -> Cost:
            recording = Recording(forward_to(host), held if hold else lambda _: 0)
            with serving(recording) as (address, _):
                words = [".venv/bin/python", "-m", "gates", "validate", stage]
                done = cost(words, ROOT, environ(home, address))
            if hold:
                asked = [each for each in recording.seen if each.request.method == "POST"]
                seen = recording.seen
                counts.append((len(seen), in_sequence(seen), in_sequence(asked)))
            return done

        found = by_turns({"held": lambda: run(True), "plain": lambda: run(False)})
    waited = [a.wall_s - b.wall_s for a, b in zip(found["held"], found["plain"], strict=True)]
    number, after, queries = zip(*counts[1:], strict=True)
    name = f"{stage}, 1 s a query, 0.1 s a request: waiting"
    return [
        Row(f"{stage}: requests", "requests", number, most),
        Row(f"{stage}: requests in sequence", "requests", after, 3),
        Row(f"{stage}: queries in sequence", "queries", queries, 1),
        Row(name, "s", waited, QUERY_S + 3 * REQUEST_S),
    ]


if __name__ == "__main__":
    write("waiting", [row for stage, most in STAGES.items() for row in measured(stage, most)])
