"""A table of which rows may be hidden: without a past state, nothing would say so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import GatesProject, TestWarehouse, running

TABLE = "nba_precompute.player_composite_factors"
SAID = f"rows of {TABLE} may be hidden by its row access policies (west)"


@pytest.fixture(scope="module")
def server(filled_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestWarehouse]:
    """A warehouse of this module's own, in which a policy hides a part of a table."""
    with running(filled_home, tmp_path_factory.mktemp("policies") / "home") as found:
        found.rows(
            f"CREATE ROW ACCESS POLICY west ON {TABLE} GRANT TO ('allUsers') "
            "FILTER USING (player_lookup < 'm')"
        )
        yield found


@pytest.mark.parametrize(
    "words",
    [
        ("backfill", "plan"),
        ("gates", "diagnose", "phase4.player_composite_factors.coverage"),
        ("gates", "diagnose", "phase4.factors.duplicate_rows"),
    ],
    ids=["plan", "rows", "keys"],
)
def test_a_table_with_policies_is_not_read_as_of_now(
    project: GatesProject, server: TestWarehouse, words: tuple[str, ...]
) -> None:
    project.host = server.host
    done = project.python("-m", *words)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(SAID)
    assert "Ask for a table without them" in done.stderr


def test_other_tables_are(project: GatesProject, server: TestWarehouse) -> None:
    project.host = server.host
    done = project.python("-m", "gates", "diagnose", "phase1.team_offense_games.duplicate_rows")
    assert (done.returncode, done.stderr) == (0, "")
