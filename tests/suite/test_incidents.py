"""Broken data does not pass: every fault of the corpus through the real gates."""

import pytest
from corpus import Fault, decisions_on, faults
from harness import GatesProject, TestWarehouse

from gates.config.stages import DECISIONS

FAULTS = faults()


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
        assert project.run_all(decisions_on(fault)) == fault.statuses


def test_without_a_fault_nothing_fails(
    project: GatesProject, complete_warehouse: TestWarehouse
) -> None:
    project.host = complete_warehouse.host
    assert project.run_all(list(DECISIONS)) == {}
