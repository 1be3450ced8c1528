"""Broken data does not pass, and healthy data does: the corpus through the real gates."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import pytest
from corpus import STANDING, Fault, changed_by, decisions_on, faults, healthy_states, read_by
from harness import GatesProject, TestWarehouse

from gates.config.stages import DECISIONS
from gates.measure import queries

FAULTS = faults()
HEALTHY = healthy_states()


def is_value(gate: str) -> bool:
    """Whether a gate computes values again: its query takes ten times as long as the others."""
    return gate.split(".")[1].endswith(queries.VALUES)


def cover() -> list[Fault]:
    """The platform's own incidents, and faults that trip every other gate that any fault trips.

    Without the gates of values, which have both sides of their thresholds in tests of their own.
    """
    found = [fault for fault in FAULTS if fault.incident]
    tripped = {gate for fault in found for gate in fault.statuses}
    # The most telling ones first: those with the fewest gates.
    for fault in sorted(FAULTS, key=lambda fault: (len(fault.statuses), fault.name)):
        if new := {gate for gate in fault.statuses if not is_value(gate)} - tripped:
            found.append(fault)
            tripped |= new
    return found


COVER = cover()
each_fault = pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
AGED = [fault for fault in FAULTS if fault.statuses and fault.statuses.keys() <= STANDING]


def beyond_standing(found: Mapping[str, str]) -> dict[str, str]:
    """The gates that did not pass, without the warnings that are there on any tables."""
    return {gate: status for gate, status in found.items() if gate not in STANDING}


def measured(project: GatesProject, stage: str, gate: str) -> float:
    record = project.run(stage=stage).record or {"gates": []}
    (found,) = (each["measured"] for each in record["gates"] if each["id"] == gate)
    return float(found)


def counted(found: Mapping[str, str]) -> dict[str, str]:
    """Those of the other gates that did not pass."""
    return {gate: status for gate, status in beyond_standing(found).items() if not is_value(gate)}


@contextmanager
def damaged(
    faults: Iterable[Fault], project: GatesProject, warehouse: TestWarehouse
) -> Iterator[None]:
    project.host = warehouse.host
    whole = {log: log.read_text(encoding="utf-8") for log in project.logs.iterdir()}
    for edit in (edit for fault in faults for edit in fault.logs):
        log = project.logs / edit["file"]
        text = log.read_text(encoding="utf-8")
        assert edit["old"] in text
        log.write_text(text.replace(edit["old"], edit["new"]), encoding="utf-8")
    with warehouse.fault(*(statement for fault in faults for statement in fault.fault)):
        yield
    for log, text in whole.items():
        log.write_text(text, encoding="utf-8")


def told_apart(fault: Fault, other: Fault) -> bool:
    """Whether neither can have to do with a gate of the other: they share no gate and no table.

    The tables of a fault are those that it damages and, of its gates, those that they read.
    """
    return not (
        counted(fault.statuses).keys() & counted(other.statuses).keys()
        or changed_by(fault) & (changed_by(other) | read_by(counted(other.statuses)))
        or changed_by(other) & read_by(counted(fault.statuses))
    )


def in_one_run(faults: Iterable[Fault]) -> list[list[Fault]]:
    groups: list[list[Fault]] = []
    for fault in faults:
        for group in groups:
            if all(told_apart(fault, other) for other in group):
                group.append(fault)
                break
        else:
            groups.append([fault])
    return groups


def found_and_expected(
    faults: list[Fault], project: GatesProject, warehouse: TestWarehouse
) -> tuple[dict[str, str], dict[str, str]]:
    """Without the gates of values, which have their edges in tests of their own."""
    stages = [stage for stage in DECISIONS if any(stage in decisions_on(each) for each in faults)]
    with damaged(faults, project, warehouse):
        found = counted(project.run_all(stages, "-k", f"not {queries.VALUES}"))
    return found, {gate: how for each in faults for gate, how in counted(each.statuses).items()}


GROUPS = in_one_run(COVER)


@pytest.mark.parametrize("group", GROUPS, ids=["-".join(f.name for f in each) for each in GROUPS])
def test_a_fault_is_caught_by_its_gates_and_no_others(
    group: list[Fault], project: GatesProject, complete_warehouse: TestWarehouse
) -> None:
    found, expected = found_and_expected(group, project, complete_warehouse)
    if found != expected:
        for fault in group:
            alone, its_own = found_and_expected([fault], project, complete_warehouse)
            assert alone == its_own, fault.name
    assert found == expected


@pytest.mark.soak
@each_fault
def test_a_fault_is_caught_by_its_gates_and_no_others_of_all(
    fault: Fault, project: GatesProject, complete_warehouse: TestWarehouse
) -> None:
    with damaged([fault], project, complete_warehouse):
        found = project.run_all(decisions_on(fault))
    assert beyond_standing(found) == beyond_standing(fault.statuses)


@pytest.mark.parametrize("fault", AGED, ids=[fault.name for fault in AGED])
def test_rows_that_are_older_than_their_source_are_found_beside_those_that_always_are(
    fault: Fault, project: GatesProject, complete_warehouse: TestWarehouse
) -> None:
    project.host = complete_warehouse.host
    (gate,) = fault.fails
    stage = "phase4" if gate.startswith("phase4") else "phase12"
    before = measured(project, stage, gate)
    with complete_warehouse.fault(*fault.fault):
        assert measured(project, stage, gate) > before


def in_company() -> list[list[Fault]]:
    """The healthy states, together where they change different tables."""
    groups: list[list[Fault]] = []
    for state in sorted(HEALTHY, key=lambda state: -len(changed_by(state))):
        for group in groups:
            if not any(changed_by(state) & changed_by(other) for other in group):
                group.append(state)
                break
        else:
            groups.append([state])
    return groups


@pytest.mark.parametrize("group", in_company(), ids=lambda group: "-".join(s.name for s in group))
def test_healthy_states_of_several_tables_are_a_go(
    group: list[Fault], project: GatesProject, complete_warehouse: TestWarehouse
) -> None:
    """Each alone in `make corpus`."""
    assert all(decisions_on(state) for state in group)
    changes = [statement for state in group for statement in state.fault]
    warns = {gate: status for state in group for gate, status in state.statuses.items()}
    project.host = complete_warehouse.host
    with complete_warehouse.fault(*changes):
        assert beyond_standing(project.run_all(list(DECISIONS))) == warns


@pytest.mark.soak
@pytest.mark.parametrize("state", HEALTHY, ids=[state.name for state in HEALTHY])
def test_a_healthy_state_is_a_go(
    state: Fault, project: GatesProject, complete_warehouse: TestWarehouse
) -> None:
    project.host = complete_warehouse.host
    with complete_warehouse.fault(*state.fault):
        assert beyond_standing(project.run_all(decisions_on(state))) == state.statuses


def test_without_a_fault_nothing_fails(
    project: GatesProject, complete_warehouse: TestWarehouse
) -> None:
    project.host = complete_warehouse.host
    assert project.run_all(list(DECISIONS)) == dict.fromkeys(STANDING, "fail")


def test_tidy_seasons_trip_no_gate(project: GatesProject, warehouse: TestWarehouse) -> None:
    project.host = warehouse.host
    assert project.run_all(["phase12", "preflight"]) == {}
