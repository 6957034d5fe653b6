from collections import Counter

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from staff import solve_posts

from instances.design import BINHE, ROOM_SIZES
from instances.drawing import draw
from instances.generator import write_district
from instances.names import name_schools
from instances.people import apportion
from instances.small import design_small
from optimizer.checks import check_source
from optimizer.io import build_district, read_source, scenario_names


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_new_district_has_no_fault_in_any_scenario(tmp_path, language):
    write_district(tmp_path / "here", seed=7, language=language)
    for scenario in ("base", *scenario_names(tmp_path / "here")):
        report = check_source(read_source(tmp_path / "here", scenario))
        assert report.faults == ()
    assert (tmp_path / "here" / "README.md").stat().st_size > 0


def test_it_has_the_size_asked_for(tmp_path):
    write_district(tmp_path, units=30, schools=5)
    district = build_district(read_source(tmp_path))
    assert (len(district.units), len(district.schools)) == (30, 5)


def test_a_district_larger_than_its_supply_of_names_has_phases_and_numbers():
    """Either bank has some 400 names for units and 40 for the schools of a type."""
    drawing = draw(design_small(7, 1000, 110))
    schools = name_schools(drawing.sites, drawing.names, drawing.land)
    assert (len(set(drawing.names)), len(set(schools))) == (1000, 110)
    assert any(name.endswith("2期") for name in drawing.names)
    assert any("第2" in name for name in schools)


def test_its_staff_is_that_of_todays_classes(tmp_path):
    """In the classes of today's catchments fewer than a tenth of the posts stay vacant, and every rule can be kept."""
    write_district(tmp_path, units=12, schools=3)
    district = build_district(read_source(tmp_path))
    teachers, current, caps = district.teachers, district.current, district.settings.policy.class_size.cap
    assert sorted(teachers.school[teachers.is_one_of("role", "principal")].tolist()) == [0, 1, 2]
    school_of = dict(zip(zip(current.unit, current.stage, strict=True), current.school, strict=True))
    children = Counter()
    for unit, row in enumerate(district.demand.students.tolist()):
        for cohort, count in zip(district.demand.cohorts, row, strict=True):
            school = district.schools.ids[school_of[unit, cohort.stage]]
            children[school, cohort.stage, cohort.grade] += count
    posted = solve_posts(district, [(*key, n, -(-n // caps[key[1]])) for key, n in children.items()])
    assert posted.vacancies < 0.1 * posted.plan.staff.posts["required"].sum()


def test_seeds_tell_districts_apart_and_repeat(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_district(tmp_path / name, seed, units=20, schools=4)
    first, again, other = ((tmp_path / name / "units.geojson").read_bytes() for name in "abc")
    assert first == again != other


def test_a_folder_name_cannot_break_the_settings(tmp_path):
    write_district(tmp_path / 'x" # [y]', units=20, schools=4)
    assert build_district(read_source(tmp_path / 'x" # [y]')).settings.instance.name == "x-----y-"


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "schools.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError):
        write_district(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["schools.csv"]


@pytest.mark.parametrize(("units", "schools"), [(10, 1), (11, 3), (0, 0)])
def test_too_small_a_district_is_refused(tmp_path, units, schools):
    with pytest.raises(ValueError, match="at least two schools"):
        write_district(tmp_path, units=units, schools=schools)
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 14), st.integers(4, 9))
def test_every_drawing_holds_together(seed, schools, units_a_school):
    """Whatever the seed: one piece, a unit of its own for every school, catchments whole and round their school."""
    design = design_small(seed, schools * units_a_school, schools)
    drawing = draw(design)
    graph = nx.Graph(drawing.land.pairs.tolist())
    assert len(drawing.land.units) == len(graph) == design.units
    assert nx.is_connected(graph)
    assert len(set(drawing.sites.unit.tolist())) == schools
    assert drawing.people.children.sum() == sum(design.children.values())
    assert all(size in ROOM_SIZES[kind] for kind, size in zip(drawing.sites.kind, drawing.rooms, strict=True))
    for stage, school_of in drawing.current.items():
        for school in drawing.sites.serving(stage):
            area = np.flatnonzero(school_of == school).tolist()
            assert drawing.sites.unit[school] in area
            assert nx.is_connected(graph.subgraph(area))


@given(st.integers(0, 10_000), st.lists(st.floats(0.001, 1000), min_size=1, max_size=30))
def test_apportioned_numbers_add_up_and_stay_within_one(total, weights):
    exact = total * np.array(weights) / sum(weights)
    whole = apportion(total, np.array(weights))
    assert whole.sum() == total
    assert (np.abs(whole - exact) < 1 + 1e-6).all()


def test_binhe_is_a_design_like_any_other():
    assert BINHE.units == 600
    assert sum(sum(bank.schools.values()) for bank in BINHE.banks.values()) == 72
