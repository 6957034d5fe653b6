"""What differs in the input: settings, schools, children, teachers, ways, files."""

from dataclasses import replace

import numpy as np
import pandas as pd
from builders import make_district, make_schools, make_travel, make_units
from compare.sides import draw, remember
from postings import make_pool, make_staff_plan

from models.district import Cohort, Travel
from optimizer.compare.inputs import Inputs, Staff, Ways, compare_inputs


def compare(one=None, other=None, **travel) -> Inputs:
    first, second = (draw("A" * len((each or make_district()).units), each) for each in (one, other))
    return compare_inputs(first, second)


def rows(table: pd.DataFrame) -> list[list[object]]:
    return table.to_numpy(object).tolist()


def test_the_same_input() -> None:
    assert compare().same


def test_settings_by_their_keys_however_deep() -> None:
    inputs = compare(
        make_district(policy={"class_size": {"cap": {"primary": 45}}}),
        make_district(
            policy={"class_size": {"cap": {"primary": 40}}, "travel": {"max_m": {"primary": 3000.0}}},
            objective={"order": ["stability", "travel"]},
        ),
    )
    found = {each.key: (each.before, each.after) for each in inputs.settings}
    assert found.pop("objective.order")[1] == ["stability", "travel"]
    assert found == {"policy.class_size.cap.primary": (45, 40), "policy.travel.max_m.primary": (None, 3000.0)}
    assert not inputs.same


def test_another_year_is_told() -> None:
    (setting,) = compare(make_district(), make_district(instance={"year": 2028})).settings
    assert (setting.key, setting.before, setting.after) == ("year", 2027, 2028)


def test_cells_of_schools_and_schools_that_come_and_go() -> None:
    one = make_schools({"A": 0, "B": 3, "C": 2}, classrooms=np.array([12.0, np.nan, 6.0]))
    other = make_schools(
        {"A": 0, "B": 3, "D": 1},
        classrooms=np.array([12.0, 18.0, 6.0]),
        places=np.array([75.0, 60.0, 60.0]),
        status=("open", "closed", "open"),
    )
    inputs = compare(make_district(schools=one), make_district(schools=other))
    assert rows(inputs.schools) == [
        ["A", "places", 60.0, 75.0],
        ["B", "status", "open", "closed"],
        ["B", "classrooms", None, 18.0],
    ]
    assert (inputs.added, inputs.gone) == (("D",), ("C",))


def test_children_by_stage_and_kind_by_unit_and_by_zone() -> None:
    """U1 and U2 are of the zone N, the others of none; U4's 10 more migrant children differ most."""
    units = make_units(zone=("N", "N", "", ""))
    local, migrant = Cohort("primary", "", "local"), Cohort("primary", "", "migrant")
    one = make_district(units=units, students={local: (30, 30, 30, 30), migrant: (0, 0, 0, 5)})
    other = make_district(units=units, students={local: (27, 32, 30, 30), migrant: (0, 0, 0, 15)})
    inputs = compare(one, other)
    assert rows(inputs.children) == [["primary", "local", 120, 119], ["primary", "migrant", 5, 15]]
    assert rows(inputs.units) == [["U4", "primary", 35, 45], ["U1", "primary", 30, 27], ["U2", "primary", 30, 32]]
    assert rows(inputs.zones) == [["N", "primary", 60, 59]]


def test_ways_that_differ_and_ways_that_are_cut() -> None:
    """U4 has 500 m more to A; or no way at all."""
    district = make_district()
    straight = make_travel(district)
    for metres, ways in ((3500.0, Ways(1, 8, 500.0)), (np.inf, Ways(1, 8, np.inf))):
        longer = straight.metres.copy()
        longer[3, 0] = metres
        other = draw("AABB", district, travel=Travel(longer, straight.neighbours))
        assert compare_inputs(draw("AABB", district), other).ways == ways


def test_teachers_who_come_go_and_are_described_otherwise() -> None:
    one = make_pool([{"school": "A"}, {"school": "B"}, {"school": "B"}])
    other = make_pool([{"school": "A", "backbone": True}, {"school": "B"}, {"ids": "T9", "school": "B"}])
    first, second = (remember(pool, make_staff_plan(pool)) for pool in (one, other))
    assert compare_inputs(first, second).staff == Staff(3, 3, joining=1, leaving=1, changed=1)
    assert compare_inputs(first, first).staff is None


def test_other_files_are_told_by_their_fingerprints() -> None:
    one = replace(make_district(), fingerprints={"current.csv": "1", "schools.csv": "1", "scenarios.toml#a": "1"})
    other = replace(one, fingerprints={"current.csv": "2", "schools.csv": "2", "feeders.csv": "1"})
    assert compare(one, other).files == ("current.csv", "feeders.csv")


def test_without_the_instances_the_runs_tell_settings_and_files() -> None:
    one = replace(make_district(), fingerprints={"schools.csv": "1"})
    other = replace(
        make_district(schools=make_schools(places=np.array([75.0, 60.0]))), fingerprints={"schools.csv": "2"}
    )
    first, second = draw("AABB", one), replace(draw("AABB", other), basis=None, lacking="gone")
    inputs = compare_inputs(first, second)
    assert (inputs.known, inputs.settings, inputs.files, len(inputs.schools)) == (False, (), ("schools.csv",), 0)
    assert not inputs.same


def test_without_the_instances_another_scenario_is_not_the_same_input() -> None:
    """What its overrides change is told by nothing but their fingerprints, and by the patch of a variation."""
    exhibits = []
    for scenario, rooms in (("a", 24), ("b", 30)):
        drawn = draw("AABB", replace(make_district(), fingerprints={f"scenarios.toml#{scenario}": scenario}))
        record = {**drawn.record, "variation": {"schools": {"A": {"classrooms": rooms}}}}
        exhibits.append(replace(drawn, stored=replace(drawn.stored, record=record), basis=None, lacking="gone"))
    inputs = compare_inputs(*exhibits)
    assert inputs.files == ("scenarios.toml#a", "scenarios.toml#b")
    assert [(each.key, each.before, each.after) for each in inputs.settings] == [
        ("variation.schools.A.classrooms", 24, 30)
    ]


def test_a_section_that_an_older_version_did_not_know_is_no_difference() -> None:
    old = draw("AABB")
    record = {key: value for key, value in old.record.items() if key != "costs"}
    old = replace(old, stored=replace(old.stored, record=record), basis=None, lacking="gone")
    assert compare_inputs(old, draw("AABB")).settings == ()
