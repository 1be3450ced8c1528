"""The twelve thresholds of the runbook by other tools, and all gates of phase12 here, by turns.

A suite written by hand asks the same server. dbt and Pointblank read a DuckDB file with the
same rows, so their processor time has that of the engine in it, which the gates' has not.
"""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

from measuring import (
    RESULTS,
    ROOT,
    Cost,
    Row,
    by_turns,
    cost,
    environ,
    environment,
    ratios,
    warehouse,
    write,
)

PEERS = ROOT / "bench/peers"
sys.path.insert(0, str(PEERS))

from thresholds import WINDOWS, thresholds  # noqa: E402

HOME, FILE, DBT = RESULTS / "home-now", RESULTS / "tables.duckdb", RESULTS / "dbt"
_COPY = """
import duckdb, shutil, sys, tempfile
source, target, *tables = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    shutil.copytree(source, folder, dirs_exist_ok=True)
    connection = duckdb.connect(target)
    connection.execute(f"ATTACH '{folder}/bqemulator.duckdb' AS served")
    for table in tables:
        (schema,) = connection.execute(
            "SELECT table_schema FROM information_schema.tables WHERE table_catalog = 'served' "
            "AND table_name = ? AND table_schema LIKE '%nba_analytics'", [table]).fetchone()
        connection.execute(f'CREATE TABLE {table} AS FROM served."{schema}".{table}')
"""


def export() -> None:
    """The two tables as a DuckDB file; the server is down."""
    FILE.unlink(missing_ok=True)
    words = [".venv-local/bin/python", "-c", _COPY, str(HOME / "warehouse"), str(FILE), *WINDOWS]
    subprocess.run(words, cwd=ROOT, check=True)


def write_dbt() -> None:
    """A dbt project with a test for each threshold."""
    (DBT / "tests").mkdir(parents=True, exist_ok=True)
    project = {"name": "gates", "profile": "gates", "config-version": 2}
    output = {"type": "duckdb", "path": str(FILE), "threads": 3}
    profiles = {"gates": {"target": "here", "outputs": {"here": output}}}
    # JSON is YAML.
    (DBT / "dbt_project.yml").write_text(json.dumps(project))
    (DBT / "profiles.yml").write_text(json.dumps(profiles))
    for (table, name), holds in thresholds("duckdb").items():
        rows = f"SELECT ({holds}) AS holds FROM {table} WHERE {WINDOWS[table]}"
        text = f"SELECT * FROM ({rows}) WHERE holds IS NOT TRUE"
        (DBT / f"tests/{table}_{name}.sql").write_text(text)


def well(name: str, command: list[str | Path], folder: Path, host: str) -> Cost:
    """The cost of a command that ends in 0."""
    done = cost(command, folder, {**environ(HOME, host), "DBT_SEND_ANONYMOUS_USAGE_STATS": "0"})
    if done.status:
        raise SystemExit(f"{name} ended with {done.status}")
    return done


def main() -> None:
    """Measure and write."""
    with warehouse(ROOT, HOME):
        pass
    export()
    write_dbt()
    pythons = {
        name: environment(RESULTS / f"venv-{name}", PEERS / f"{name}.txt")
        for name in ("pytest", "dbt", "pointblank")
    }
    dbt = [pythons["dbt"].with_name("dbt"), "--quiet", "test", "--project-dir", DBT]
    by_hand = [pythons["pytest"], "-m", "pytest", "-q", "--noconftest", "-c", "/dev/null"]
    commands: dict[str, tuple[list[str | Path], Path]] = {
        "gates": ([".venv/bin/python", "-m", "gates", "validate", "phase12"], ROOT),
        "pytest by hand": ([*by_hand, "--rootdir", PEERS, PEERS / "test_by_hand.py"], PEERS),
        "dbt": ([*dbt, "--profiles-dir", DBT], DBT),
        "Pointblank": ([pythons["pointblank"], PEERS / "by_pointblank.py", FILE], PEERS),
    }
    with warehouse(ROOT, HOME) as host:
        found = by_turns(
            {name: partial(well, name, *command, host) for name, command in commands.items()}
        )
    gates = found.pop("gates")
    rows = [
        Row("all gates of phase12: processor time", "s", [each.processor_s for each in gates]),
        Row("all gates of phase12: wall", "s", [each.wall_s for each in gates]),
    ]
    for name, costs in found.items():
        for what, of in (("processor time", "processor_s"), ("wall", "wall_s")):
            own, theirs = ([getattr(each, of) for each in some] for some in (gates, costs))
            is_bound = (name, what) == ("pytest by hand", "processor time")
            bound = 1.6 if is_bound else None
            rows += [
                Row(f"{name}, 12 thresholds: {what}", "s", theirs),
                Row(f"all gates, of {name}: {what}", "ratio", ratios(own, theirs), bound),
            ]
    write("peers", rows)


if __name__ == "__main__":
    main()
