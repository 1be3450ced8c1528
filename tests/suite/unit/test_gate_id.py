"""A gate's name is its test's place, so it is never written twice."""

import pytest

from gates.decide.collector import gate_id


@pytest.mark.parametrize(
    ("node", "gate"),
    [
        (
            "tests/phase2/test_player_game_summary.py::test_usage_rate",
            "phase2.player_game_summary.usage_rate",
        ),
        ("tests/phase1/test_a.py::test_b", "phase1.a.b"),
        (
            "tests/phase4/test_pcf.py::test_null_rate[pace_score]",
            "phase4.pcf.null_rate[pace_score]",
        ),
        ("tests/phase4/test_pcf.py::test_null_rate[a/b::c.py]", "phase4.pcf.null_rate[a/b::c.py]"),
    ],
)
def test_a_tests_place_is_its_gates_name(node: str, gate: str) -> None:
    assert gate_id(node) == gate


@pytest.mark.parametrize(
    "node",
    [
        "",
        "tests/phase1",
        "tests/phase1/test_a.py",
        "tests/test_a.py::test_b",
        "tests/phase1/more/test_a.py::test_b",
        "tests/phase1/test_a.py::TestB::test_c",
        "tests/phase1/test_a.py::test_b[",
        "tests/phase1/a.py::test_b",
        "tests/phase1/test_a.py::test_b\n",
        "/tests/phase1/test_a.py::test_b",
        "../tests/phase1/test_a.py::test_b",
    ],
)
def test_a_test_in_another_place_has_no_gate(node: str) -> None:
    assert gate_id(node) == ""
