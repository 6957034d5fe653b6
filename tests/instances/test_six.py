"""The district of six units: the plan worked by hand in its README, found again by trying every plan."""

from itertools import product

import networkx as nx
import pytest

from optimizer.checks import check_source
from optimizer.geo.travel import measure_travel
from optimizer.io import build_district, read_source

GRADES = 6
CAP = 45


def plans(district):
    """Student-km of every plan that keeps rooms, own units and contiguity, by the school of each unit."""
    travel = measure_travel(district)
    graph = nx.Graph(travel.neighbours.tolist())
    found = {}
    for held in product(range(2), repeat=6):
        areas = [{unit for unit in range(6) if held[unit] == school} for school in range(2)]
        anchored = all(district.schools.unit[school] in areas[school] for school in range(2))
        if not anchored or not all(nx.is_connected(graph.subgraph(area)) for area in areas):
            continue
        enrolled = [district.demand.students[list(area)].sum(axis=0) for area in areas]
        classes = [sum(-(-int(n) // CAP) for n in grades) for grades in enrolled]
        if all(n <= rooms for n, rooms in zip(classes, district.schools.classrooms, strict=True)):
            metres = [travel.metres[unit, school] for unit, school in enumerate(held)]
            name = "".join(district.schools.ids[school] for school in held)
            found[name] = float(district.demand.students.sum(axis=1) @ metres) / 1000
    return found


def district_of(repository, scenario="base"):
    source = read_source(repository / "instances" / "six", scenario)
    assert check_source(source).faults == ()
    return build_district(source)


def test_neighbours_are_those_of_the_drawing(repository):
    pairs = measure_travel(district_of(repository)).neighbours
    assert [tuple(pair) for pair in pairs.tolist()] == [(0, 1), (0, 3), (1, 2), (1, 4), (2, 5), (3, 4), (4, 5)]


def test_the_best_plan_by_hand_is_the_best_plan(repository):
    found = plans(district_of(repository))
    assert min(found, key=found.get) == "AABAAB"
    assert found["AABAAB"] == pytest.approx(258.64, abs=0.05)
    assert "ABBAAB" not in found


def test_a_new_wing_lets_everybody_go_to_the_nearer_school(repository):
    found = plans(district_of(repository, "new_wing"))
    assert min(found, key=found.get) == "ABBAAB"
    assert found["ABBAAB"] == pytest.approx(240.0, abs=0.05)


def test_a_closed_wing_leaves_no_plan(repository):
    assert plans(district_of(repository, "wing_closed")) == {}
