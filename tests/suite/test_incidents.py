"""Broken data does not pass, and healthy data does: the corpus through the real gates."""

from collections.abc import Mapping

import pytest
from corpus import STANDING, Fault, decisions_on, faults, healthy_states
from harness import GatesProject, TestWarehouse

from gates.config.stages import DECISIONS

FAULTS = faults()
HEALTHY = healthy_states()
AGED = [fault for fault in FAULTS if fault.fails <= STANDING]


def beyond_standing(found: Mapping[str, str]) -> dict[str, str]:
    """The gates that did not pass, without the warnings that are there on any tables."""
    return {gate: status for gate, status in found.items() if gate not in STANDING}


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_fault_is_caught_by_its_gates_and_no_others(
    fault: Fault, project: GatesProject, complete_warehouse: TestWarehouse
) -> None:
    project.host = complete_warehouse.host
    for edit in fault.logs:
        log = project.logs / edit["file"]
        text = log.read_text(encoding="utf-8")
        assert edit["old"] in text
        log.write_text(text.replace(edit["old"], edit["new"]), encoding="utf-8")
    with complete_warehouse.fault(*fault.fault):
        found = project.run_all(decisions_on(fault))
    assert beyond_standing(found) == beyond_standing(fault.statuses)


@pytest.mark.parametrize("fault", AGED, ids=[fault.name for fault in AGED])
def test_rows_that_are_older_than_their_source_are_found_beside_those_that_always_are(
    fault: Fault, project: GatesProject, complete_warehouse: TestWarehouse
) -> None:
    project.host = complete_warehouse.host
    (stage,) = decisions_on(fault)[-1:] if "phase4" in decisions_on(fault) else ["phase12"]
    (gate,) = fault.fails
    before = project.run(stage=stage).gate(gate)["measured"]
    with complete_warehouse.fault(*fault.fault):
        assert project.run(stage=stage).gate(gate)["measured"] > before


@pytest.mark.parametrize("state", HEALTHY, ids=[state.name for state in HEALTHY])
def test_a_healthy_state_is_a_go(
    state: Fault, project: GatesProject, complete_warehouse: TestWarehouse
) -> None:
    project.host = complete_warehouse.host
    changed = decisions_on(state)
    assert changed
    with complete_warehouse.fault(*state.fault):
        assert beyond_standing(project.run_all(changed)) == state.statuses


def test_without_a_fault_nothing_fails(
    project: GatesProject, complete_warehouse: TestWarehouse
) -> None:
    project.host = complete_warehouse.host
    assert project.run_all(list(DECISIONS)) == dict.fromkeys(STANDING, "fail")


def test_tidy_seasons_trip_no_gate(project: GatesProject, tidy_warehouse: TestWarehouse) -> None:
    project.host = tidy_warehouse.host
    assert project.run_all(["phase12", "preflight"]) == {}
