"""What a run comes to, counted by hand on the row of four units.

U1  U2  U3  U4      10 local children enter in each unit, 6 migrant ones live in U2. A stands in U1, B in U4.

A has U1 and U2; three local children of U2 and the migrant ones sit at B. Today U3 is A's. A class holds 45, a tenth of
the 45 places planned at each school (4) is kept back: A 41 for 17, B 41 for 29.
"""

import shutil
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from admission import TODAY, make_entry_district, make_entry_plan
from builders import make_district, make_plan, make_schools, make_travel, make_units
from outlook.years import make_outlook
from postings import make_pool, make_staff_plan

from models.outcome import Outcome, Status
from models.run import Run, Shortfall
from optimizer.digest import OtherDistrict, read_exhibits
from optimizer.digest.changes import find_changes
from optimizer.digest.options import compare_options
from optimizer.digest.places import Intake, count_intakes
from optimizer.digest.staff import count_staff
from optimizer.digest.watch import find_watched
from optimizer.digest.years import count_years
from optimizer.explain import Basis
from optimizer.indices import compute_staff_indices
from optimizer.io import build_district, read_source
from optimizer.runs import store_posts, store_run

SEATS = [
    ("U1", "local", "A", 10), ("U2", "local", "A", 7), ("U2", "local", "B", 3),
    ("U3", "local", "B", 10), ("U4", "local", "B", 10), ("U2", "migrant", "B", 6),
]  # fmt: skip
ELSEWHERE = [("A", "U2", "local", "B", 3), ("A", "U2", "migrant", "B", 6)]
STUDENTS = {"local": (10, 10, 10, 10), "migrant": (0, 6, 0, 0)}
POLICY = {"class_size": {"cap": {"primary": 45}}, "reserve_share": 0.1}


def store(out, district, plan, name="base", **run):
    with patch("optimizer.export.draw_map"):
        stated = Run(name, 1, Outcome(Status.OPTIMAL), plan, **run)
        return store_run(stated, district, make_travel(district), out)


def make_scene(**more):
    current = TODAY | {"U3": "A"}
    return make_entry_district(students=STUDENTS, policy=POLICY, **{"current": current, **more})


def store_scene(out, district=None, name="base", **run):
    district = district or make_scene()
    plan = make_entry_plan(district, make_travel(district), SEATS, coordination=ELSEWHERE)
    return store(out, district, plan, name, **run)


def exhibit_of(folder):
    (exhibit,) = read_exhibits([folder])
    return exhibit


def test_places_needed_there_and_left(tmp_path):
    (intake,) = count_intakes(exhibit_of(store_scene(tmp_path)))
    assert intake == Intake(
        "primary", needed=46, available=82, short=0, outside=3, unzoned_near=0, unzoned_elsewhere=6, placed=0
    )
    assert intake.balance == 36


def test_a_place_to_spare_elsewhere_makes_up_for_none(tmp_path):
    """50 children sit at B, whose one class has 45 places of which 4 are kept back: 9 beyond."""
    district = make_entry_district(students={"local": (1, 0, 0, 50)}, policy=POLICY)
    seats = [("U1", "local", "A", 1), ("U4", "local", "B", 50)]
    folder = store(tmp_path, district, make_entry_plan(district, make_travel(district), seats))
    (intake,) = count_intakes(exhibit_of(folder))
    assert (intake.needed, intake.available, intake.short, intake.balance) == (51, 82, 9, 31)


def test_what_changes_and_what_stays(tmp_path):
    changes = find_changes(exhibit_of(store_scene(tmp_path)))
    assert changes.adjusted[["unit_id", "from_school_id", "to_school_id", "students"]].to_numpy().tolist() == [
        ["U3", "A", "B", 10]
    ]
    assert (changes.units, changes.kept, changes.students, changes.drawn_anew) == (4, 3, 10, False)
    (forming,) = changes.forming
    assert (forming.classes, forming.before) == (2, 2)


def test_a_school_that_opens(tmp_path):
    """C in U2 teaches nobody today and has no catchment: U2 becomes its own."""
    schools = make_schools({"A": 0, "B": 3, "C": 1}, places=np.full(3, 200.0))
    district = make_entry_district(schools=schools, students={"local": (10, 10, 10, 10)}, policy=POLICY)
    seats = [("U1", "local", "A", 10), ("U2", "local", "C", 10), ("U3", "local", "B", 10), ("U4", "local", "B", 10)]
    catchments = TODAY | {"U2": "C"}
    classes = (("A", 1), ("B", 1), ("C", 1))
    plan = make_entry_plan(district, make_travel(district), seats, catchments=catchments, classes=classes)
    assert find_changes(exhibit_of(store(tmp_path, district, plan))).opened == ("C",)


def test_a_school_that_shares_a_catchment_today_does_not_open(tmp_path):
    """Today A has all, and B, which is farther, shares U1 and U2; B is to have U3 and U4, and C, which is new, U2."""
    schools = make_schools({"A": 0, "B": 3, "C": 1}, places=np.full(3, 200.0))
    today = {"U1": "AB", "U2": "AB", "U3": "A", "U4": "A"}
    district = make_district(schools=schools, current=today)
    exhibit = exhibit_of(store(tmp_path, district, make_plan(district, make_travel(district), "ACBB")))
    assert find_changes(exhibit).opened == ("B", "C")
    exhibit = replace(exhibit, basis=Basis(exhibit.stored, district, exhibit.stored.plan))
    assert find_changes(exhibit).opened == ("C",)


def test_without_catchments_of_today_all_is_drawn_anew(tmp_path):
    district = make_district()
    changes = find_changes(exhibit_of(store(tmp_path, district, make_plan(district, make_travel(district), "AABB"))))
    assert (changes.drawn_anew, changes.units, len(changes.adjusted), changes.opened) == (True, 0, 0, ())


def short(rule, where, value, limit, **more):
    return Shortfall(rule, "soft", "primary", where, value, limit, "students", **more)


def test_what_is_new_comes_before_what_stood_and_schools_keep_their_order(tmp_path):
    found = (
        short("places", "B", 210, 200, breach=10, inherited=True, before=215),
        short("overflow", "A", 3, 0, kind="elsewhere", detail="B"),
        short("max_travel", "U3", 4000, 3000, detail="B"),
        short("class_size", "B", 47, 45, breach=2, detail="1"),
    )
    watch = find_watched(exhibit_of(store_scene(tmp_path, shortfalls=found)))
    told = {each.school_id: [(r.kind, r.shortfall.rule, r.weight) for r in each.reasons] for each in watch.schools}
    assert told == {
        "A": [("new", "overflow", 3)],
        "B": [("new", "class_size", 2), ("inherited", "places", 10)],
    }
    assert ([each.school_id for each in watch.schools], watch.more) == (["A", "B"], 0)


def test_of_more_schools_than_are_asked_for_those_that_press_most(tmp_path):
    found = (short("places", "A", 210, 200, breach=10, inherited=True, before=215), short("overflow", "B", 3, 0))
    watch = find_watched(exhibit_of(store_scene(tmp_path, shortfalls=found)), most=1)
    assert ([each.school_id for each in watch.schools], watch.more) == (["B"], 1)


def test_a_run_without_posts_has_no_staff_and_without_its_instance_no_years(tmp_path):
    exhibit = exhibit_of(store_scene(tmp_path))
    assert (exhibit.basis, exhibit.bindings, count_staff(exhibit), count_years(exhibit)) == (None, (), None, ())


def test_options_side_by_side(tmp_path):
    """All of U2 at A instead: nobody is outside the catchment, one unit changes either way."""
    district = make_scene()
    seats = [("U1", "local", "A", 10), ("U2", "local", "A", 10), ("U3", "local", "B", 10), ("U4", "local", "B", 10)]
    seats += [("U2", "migrant", "A", 6)]
    plan = make_entry_plan(district, make_travel(district), seats)
    other = store(tmp_path, replace(district, scenario="other"), plan, "other")
    first, second = compare_options(read_exhibits([store_scene(tmp_path), other]))
    assert (first.scenario, first.places, first.outside, first.classes, first.units, first.students) == (
        "base", 82, 3, 2, 1, 10
    )  # fmt: skip
    assert (second.scenario, second.outside, second.units) == ("other", 0, 1)
    assert np.isnan([first.posts, first.places_won, first.cost_once, first.cost_a_year]).all()


def test_places_won_are_those_beyond_the_instance_as_it_stands(tmp_path, repository):
    """The wing that closes has 6 rooms of 45 places. What cannot be read as it stands tells nothing."""
    instance = tmp_path / "six"
    shutil.copytree(repository / "instances" / "six", instance)
    district = build_district(read_source(instance, "wing_closed"))
    exhibit = exhibit_of(store_scene(tmp_path))
    exhibit = replace(exhibit, basis=Basis(exhibit.stored, district, exhibit.stored.plan))
    assert [option.places_won for option in compare_options([exhibit])] == [-270]
    (instance / "schools.csv").write_text("school_id\n", encoding="utf-8")
    assert [np.isnan(option.places_won) for option in compare_options([replace(exhibit)])] == [True]


def test_a_run_of_another_district_cannot_stand_beside_it(tmp_path):
    district = make_district(units=make_units(3), students=(30, 30, 30), schools=make_schools({"A": 0, "B": 2}))
    other = store(tmp_path / "other", district, make_plan(district, make_travel(district), "AAB"))
    with pytest.raises(OtherDistrict):
        read_exhibits([store_scene(tmp_path), other])


def test_a_district_is_called_as_the_instance_says(tmp_path):
    named = make_scene(instance={"district": {"zh": "滨河区", "en": "Binhe"}, "title": "T"})
    exhibit = exhibit_of(store_scene(tmp_path / "1", named))
    assert (exhibit.district("zh"), exhibit.district("en")) == ("滨河区", "Binhe")
    alone = exhibit_of(store_scene(tmp_path / "2", make_scene(instance={"district": {"zh": "滨河区"}})))
    assert alone.district("en") == "滨河区"
    titled = exhibit_of(store_scene(tmp_path / "3", make_scene(instance={"title": "Row of four"})))
    assert titled.district("zh") == "Row of four"


def test_a_scenario_is_called_by_its_title_else_by_its_name(tmp_path):
    scene = make_scene()
    titled = replace(scene, scenario_title={"zh": "维持", "en": "Kept"})
    exhibit = exhibit_of(store_scene(tmp_path / "1", titled))
    assert (exhibit.title("zh"), exhibit.title("en"), exhibit.scenario) == ("维持", "Kept", "base")
    alone = exhibit_of(store_scene(tmp_path / "2", replace(scene, scenario_title={"en": "Kept"})))
    assert alone.title("zh") == "Kept"
    assert exhibit_of(store_scene(tmp_path / "3", scene)).title("zh") == "base"


def test_the_years_after_the_plan_and_the_schools_that_will_be_short(tmp_path):
    """30 enter every year at A, which has 60 places, and nobody continues: 90 of them in 2029, and B stays empty."""
    district = make_outlook(
        counts={2027: {("primary", "1"): [30]}}, lives={"primary": {"U1": "A"}}, returned={("A", "primary"): [0]}
    )
    stood = short("places", "B", 321, 200, breach=121, inherited=True, before=330)
    exhibit = exhibit_of(store_scene(tmp_path, shortfalls=(stood,)))
    exhibit = replace(exhibit, basis=Basis(exhibit.stored, district, exhibit.stored.plan))
    told = [(each.year, each.children, each.balance, each.schools_short, each.beyond) for each in count_years(exhibit)]
    assert told[:3] == [(2028, 60, 60, 0, 0), (2029, 90, 30, 1, 30), (2030, 120, 0, 1, 60)]
    assert told[-1][0] == 2032
    watched, other = find_watched(exhibit).schools
    (reason,) = watched.reasons
    assert (watched.school_id, reason.kind, reason.stage, other.school_id) == ("A", "ahead", "primary", "B")
    assert [each.school_id for each in find_watched(exhibit, most=1).schools] == ["B"]
    assert (reason.year, reason.weight) == (2029, 120)


def test_posts_needed_missing_and_moved(tmp_path):
    """Two classes need a post of Chinese each; T1 goes from A to B, three quarters of the post at A stay vacant."""
    district = make_pool([{"school": "A", "subject": "chinese"}, {"school": "B", "subject": "chinese"}])
    plan = make_staff_plan(
        district, {"T1": ("B", "rotation")}, filled={("A", "primary", "chinese"): 0.25, ("B", "primary", "chinese"): 1}
    )
    stated = Run("base", 1, Outcome(Status.OPTIMAL), plan, compute_staff_indices(district, plan), scope="posts")
    exhibit = exhibit_of(store_posts(stated, district, tmp_path))
    staff = count_staff(exhibit)
    assert (staff.required, staff.filled, staff.vacant, staff.moved) == (2, 1.25, 0.75, 1)
    assert staff.short.to_numpy().tolist() == [["primary", "chinese", 0.75]]
    (watched,) = find_watched(exhibit).schools
    assert (watched.school_id, watched.reasons[0].kind, watched.reasons[0].weight) == ("A", "posts", 0.75)
    assert (exhibit.picture, count_intakes(exhibit), find_changes(exhibit).drawn_anew) == (None, (), True)
