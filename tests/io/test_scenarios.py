"""Overrides and scenarios: sections merge, lists replace, rows change by id, demand rounds half up row by row."""

from pathlib import Path

import districts as d
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.district import District
from models.faults import Fault
from models.rounding import scale_half_up
from optimizer.checks import check_source
from optimizer.io import ScenarioNotFound, build_district, read_source, scenario_names


def faults(folder: Path, scenario: str = "base") -> tuple[Fault, ...]:
    return check_source(read_source(folder, scenario)).faults


def build(folder: Path, scenario: str = "base") -> District:
    assert faults(folder, scenario) == ()
    return build_district(read_source(folder, scenario))


SCENARIOS = """
[overrides.rooms.schools]
"S1" = { places = 400, is_new = true }
[overrides.law.policy]
profile = "national"
class_size.cap = { primary = 40 }
class_size.targets = [{ max_size = 35, share = 0.5 }]
[overrides.strict.policy]
class_size.cap = { junior = 44 }
[[overrides.growth.demand]]
scale = 1.1
unit_id = "U1"
[[overrides.growth.demand]]
set = 7
unit_id = "U2"
stage = "primary"
[scenarios]
empty = []
all = ["rooms", "law", "strict", "growth"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return d.write_instance(tmp_path, scenarios=SCENARIOS, demand=d.demand_rows(students=45))


def test_names_in_order(folder: Path) -> None:
    assert scenario_names(folder) == ("empty", "all")


def test_base_changes_nothing(folder: Path) -> None:
    assert build(folder).demand.students.sum() == build(folder, "empty").demand.students.sum() == 9 * 45


def test_rows_by_id(folder: Path) -> None:
    schools = build(folder, "all").schools
    assert schools.places.tolist() == [400.0, 300.0]
    assert schools.is_new.tolist() == [True, False]


def test_sections_merge_and_lists_replace(folder: Path) -> None:
    size = build(folder, "all").settings.policy.class_size
    assert size.cap == {"primary": 40, "junior": 44, "senior": 50}
    assert [target.max_size for target in size.targets] == [35]


def test_demand_is_scaled_half_up_and_set(folder: Path) -> None:
    """45 x 1.1 = 49.5 becomes 50."""
    assert build(folder, "all").demand.students[:3, 0].tolist() == [50, 7, 45]


@pytest.mark.parametrize(("students", "scale", "expected"), [(35, 0.7, 25), (45, 1.1, 50), (5, 0.1, 1), (4, 0.1, 0)])
def test_half_up_is_exact(students: int, scale: float, expected: int) -> None:
    """35 x 0.7 is 24.499999999999996 in floating point, and 24.5 for everyone else."""
    assert scale_half_up(students, scale) == expected


@given(st.integers(0, 10**6), st.integers(0, 400))
def test_half_up_in_hundredths(students: int, hundredths: int) -> None:
    assert scale_half_up(students, hundredths / 100) == (students * hundredths + 50) // 100


def test_filters_by_zone_grade_and_category(tmp_path: Path) -> None:
    units = [row | {"zone_id": "N" if k > 5 else "S"} for k, row in enumerate(d.unit_rows())]
    demand = [row | {"grade": "1"} for row in d.demand_rows()] + [row | {"grade": "2"} for row in d.demand_rows()]
    text = '[[overrides.n.demand]]\nzone_id = "N"\ngrade = "1"\ncategory = "local"\nset = 0\n[scenarios]\nn = ["n"]\n'
    students = build(d.write_instance(tmp_path, units=units, demand=demand, scenarios=text), "n").demand.students
    assert students.tolist() == [[40, 40]] * 6 + [[0, 40]] * 3


def test_the_section_demand_may_be_patched_too(tmp_path: Path) -> None:
    """`[overrides.NAME.demand]` is the section, `[[overrides.NAME.demand]]` changes the children."""
    text = """
[overrides.fewer.demand]
capture = { primary = 0.5 }
[[overrides.more.demand]]
scale = 2.0
[scenarios]
both = ["fewer", "more"]
"""
    district = build(d.write_instance(tmp_path, scenarios=text), "both")
    assert district.settings.demand.capture == {"primary": 0.5}
    (found,) = faults(
        d.write_instance(tmp_path / "other", scenarios="[overrides.a.demand]\ncapture = { primary = 2 }\n")
    )
    assert (found.code, found.column) == ("S103", "overrides.a.demand.capture.primary")


def test_unknown_scenario_names_the_known(folder: Path) -> None:
    with pytest.raises(ScenarioNotFound) as caught:
        read_source(folder, "al")
    assert caught.value.known == ("empty", "all")


@pytest.mark.parametrize(
    ("text", "code", "key"),
    [
        ("[override.a]\n", "S101", "override"),
        ('[overrides.a.school]\n"S1" = { places = 1 }\n', "S101", "overrides.a.school"),
        ('[overrides.a.schools]\n"S1" = { place = 1 }\n', "S101", "overrides.a.schools.S1.place"),
        ('[overrides.a.schools]\n"S1" = { school_id = "S2" }\n', "S101", "overrides.a.schools.S1.school_id"),
        ('[overrides.a.schools]\n"S3" = { places = 1 }\n', "C103", "overrides.a.schools.S3"),
        ('[overrides.a.schools]\n"S1" = { places = [1] }\n', "S103", "overrides.a.schools.S1.places"),
        ('[overrides.a.schools]\n"S1" = 7\n', "S103", "overrides.a.schools.S1"),
        ("[overrides.a.policy]\nplace_scale = 1.1\n", "S101", "overrides.a.policy.place_scale"),
        ("[overrides.a.policy]\nplaces_scale = -1.0\n", "S103", "overrides.a.policy.places_scale"),
        ('[overrides.a.policy]\nprofile = "no"\n', "S104", "policy.profile"),
        ("[[overrides.a.demand]]\nscale = 1.1\nset = 2\n", "S103", "overrides.a.demand.1"),
        ("[[overrides.a.demand]]\nscale = -1.1\n", "S103", "overrides.a.demand.1"),
        ('[[overrides.a.demand]]\nscale = 1.1\nunit = "U1"\n', "S101", "overrides.a.demand.1.unit"),
        ('[[overrides.a.demand]]\nscale = 1.1\nunit_id = "U70"\n', "C103", "overrides.a.demand.1.unit_id"),
        ("[overrides.a]\ndemand = 3\n", "S103", "overrides.a.demand"),
        ("overrides = 3\n", "S103", "overrides"),
        ('[scenarios]\nb = "a"\n', "S103", "scenarios.b"),
        ('[scenarios]\nb = [["x"]]\n', "C101", "scenarios.b"),
        ('titles = "b"\n', "S103", "titles"),
        ('[titles]\nb = "Kept"\n', "C106", "titles.b"),
        ('[titles]\nbase = " "\n', "S103", "titles.base"),
        ("[titles]\nbase = 7\n", "S103", "titles.base"),
        ("[titles]\nbase = {}\n", "S103", "titles.base"),
        (f'[titles]\nbase = "{"x" * 61}"\n', "S103", "titles.base"),
        ('[titles]\nbase = "a\\nb"\n', "S103", "titles.base"),
        ('[titles]\nbase = "a\\u202eb"\n', "S103", "titles.base"),
        ('[titles]\nbase = { zh = "" }\n', "S103", "titles.base.zh"),
        ('[titles]\nbase = { zh = { en = "a" } }\n', "S103", "titles.base.zh"),
        ('[titles]\nbase = { fr = "a" }\n', "S101", "titles.base.fr"),
    ],
)
def test_misshapen_overrides_are_faults_without_being_used(tmp_path: Path, text: str, code: str, key: str) -> None:
    found = faults(d.write_instance(tmp_path, scenarios=text))
    assert [(fault.code, fault.file) for fault in found] == [(code, "scenarios.toml")]
    assert found[0].column.endswith(key)


def test_titles_are_of_scenarios_and_change_nothing_else(tmp_path: Path) -> None:
    """A title is no part of what a scenario is made of: its fingerprint stays, and so does the plan."""
    titles = '[titles]\nall = { zh = "扩建", en = "Extended" }\nbase = "As it stands"\n'
    folder = d.write_instance(tmp_path, scenarios=SCENARIOS + titles)
    assert build(folder).scenario_title == "As it stands"
    assert build(folder, "empty").scenario_title == ""
    titled = build(folder, "all")
    assert titled.scenario_title == {"zh": "扩建", "en": "Extended"}
    plain = build(d.write_instance(tmp_path / "plain", scenarios=SCENARIOS), "all")
    assert titled.settings == plain.settings
    assert titled.fingerprints["scenarios.toml#all"] == plain.fingerprints["scenarios.toml#all"]


@pytest.mark.parametrize("title", ["x" * 60, "维持现行招生范围", "Rue d'Été (30 %)"])
def test_titles_that_may_stand(tmp_path: Path, title: str) -> None:
    assert build(d.write_instance(tmp_path, scenarios=f'[titles]\nbase = "{title}"\n')).scenario_title == title


def test_fault_in_a_changed_cell_names_the_override(tmp_path: Path) -> None:
    text = '[overrides.a.schools]\n"S1" = { places = -1 }\n[scenarios]\nb = ["a"]\n'
    folder = d.write_instance(tmp_path, scenarios=text)
    assert faults(folder) == ()
    (found,) = faults(folder, "b")
    assert (found.code, found.file, found.column) == ("T104", "scenarios.toml", "overrides.a.schools.S1.places")


def test_broken_scenarios_are_a_fault(tmp_path: Path) -> None:
    folder = d.write_instance(tmp_path, scenarios="[scenarios\n")
    assert [fault.code for fault in faults(folder, "any")] == ["F102"]
    assert scenario_names(folder) == ()
