"""A gate's name stands in gates.toml, in sql/ and in tests/; one that is missing is named here."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest
from harness import ROOT

from gates.commands.docs import REFERENCE, pages
from gates.config.gate import Gate
from gates.config.settings import load
from gates.config.stages import STAGES
from gates.decide.collector import gate_id
from gates.measure import queries, readback

SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime.now(UTC))


def functions_in(folder: Path) -> list[str]:
    """Node ids of the test functions below a folder, read without running them."""
    return [
        f"{file.relative_to(ROOT).as_posix()}::{node.name}"
        for file in sorted(folder.rglob("test_*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def without_column(gate: str) -> str:
    """phase4.source.null_rate[column] -> phase4.source.null_rate."""
    return gate.partition("[")[0]


def lines_to_add(gate: str) -> str:
    stage, source, measure = gate.split(".")
    return (
        f"in gates.toml: [{gate}]; in sql/{stage}/{source}.sql: ... AS {measure}; "
        f"in tests/{stage}/test_{source}.py: def test_{measure}(row: Row, gate: Judge) -> None: "
        f"assert gate(row.{measure})"
    )


def test_every_test_is_a_gate_and_every_gate_has_one_test() -> None:
    tested = [gate_id(node) for stage in STAGES for node in functions_in(ROOT / "tests" / stage)]
    assert len(tested) == len(set(tested))
    for gate in set(tested).symmetric_difference(map(without_column, SETTINGS.gates)):
        pytest.fail(f"{gate} is not in all three places; add {lines_to_add(gate)}")


@pytest.mark.parametrize(
    ("stage", "source"),
    [
        (stage, file.stem)
        for stage in STAGES
        for folder in (stage, queries.EVERY_STAGE)
        # The orchestrator's stage reads no table.
        if stage != "orchestrator"
        for file in sorted((ROOT / "sql" / folder).glob("*.sql"))
        # A row per date: gates/measure/readback.py makes the measures of it.
        if f"{stage}/{file.stem}" != readback.SOURCE
    ],
)
def test_every_column_is_a_gate_and_every_gate_a_column(stage: str, source: str) -> None:
    gates = [g for g in SETTINGS.gates.values() if (g.stage, g.source) == (stage, source)]
    sources = {found for g in gates if (found := queries.source_of(g))}
    # Asked for one column, a measure of each is one measure.
    measures = {measure for found in sources for measure in queries.read(found, ("x",)).measures}
    counted = measures - {queries.WINDOW_ROWS, queries.SCHEDULED_GAMES}
    judged = {each for each in counted if not each.startswith(queries.SERIES)}
    names = {measure.removesuffix("__x") for measure in judged}
    columns = {f"{stage}.{source}.{name}" for name in names}
    for gate in columns.symmetric_difference(without_column(g.id) for g in gates):
        pytest.fail(f"{gate} is not in all three places; add {lines_to_add(gate)}")


@pytest.mark.parametrize("gate", SETTINGS.gates.values(), ids=lambda gate: str(gate.id))
def test_a_test_asserts_the_measure_of_its_own_name(gate: Gate) -> None:
    file = ROOT / f"tests/{gate.stage}/test_{gate.source}.py"
    (function,) = (
        node
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name == f"test_{gate.measure}"
    )
    (statement,) = function.body
    assert isinstance(statement, ast.Assert)
    asserted = ast.unparse(statement.test)
    # With `each` it is of one column, or of one table, which the row is of already.
    ends = [f".{gate.measure})", *([f".{gate.measure}[which])"] if gate.which else [])]
    assert asserted.startswith("gate(")
    assert any(map(asserted.endswith, ends))


def test_nothing_but_gates_lies_beside_the_gates() -> None:
    beside = {path.name for path in (ROOT / "tests").iterdir() if path.name != "__pycache__"}
    assert beside == {*STAGES, "suite"}


def test_the_reference_shows_the_gates_of_gates_toml_and_the_targets_of_make() -> None:
    found = pages(SETTINGS, REFERENCE)
    assert {file.stem for file in found} == {"gates", "commands", "records", "messages"}
    for file, text in found.items():
        assert file.read_text(encoding="utf-8") == text, "run `make docs`"
