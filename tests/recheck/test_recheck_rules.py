"""One pair a rule: a plan that keeps it, and one that does not, with the shortfall worked out by hand.

U1  U2  U3  U4      30 primary children each; A stands in U1, B in U4, 60 places each.
"""

import tomllib
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
from builders import make_district, make_plan, make_schools, make_travel, make_units

from models.district import Cohort
from optimizer.recheck import RULES, describe_shortfall, recheck_plan


def judge(district, schools="AABB", *, neighbours=None, classes=None, spoil=lambda plan: plan, travel=None):
    travel = travel or make_travel(district, neighbours)
    plan = spoil(make_plan(district, travel, schools, classes))
    return recheck_plan(district, travel, plan)


def found(shortfalls):
    return [(s.rule, s.kind, s.hardness, s.where, s.value, s.limit, s.breach) for s in shortfalls]


def with_table(name, change):
    def spoil(plan):
        table = getattr(plan, name).copy()
        return replace(plan, **{name: change(table)})

    return spoil


def cell(row, column, value):
    def change(table):
        table[column] = table[column].astype(object)
        table.loc[row, column] = value
        table[column] = table[column].infer_objects()
        return table

    return change


def test_a_plan_that_keeps_every_rule_has_no_shortfall():
    assert judge(make_district()) == ()


class TestAssigned:
    def test_children_left_out(self):
        shortfalls = judge(make_district(), spoil=with_table("assignments", cell(0, "students", 28)))
        assert ("assigned", "counts", "hard", "U1", 28, 30, 2) in found(shortfalls)

    def test_row_left_out(self):
        shortfalls = judge(make_district(), spoil=with_table("assignments", lambda table: table.drop(3)))
        assert ("assigned", "counts", "hard", "U4", 0, 30, 30) in found(shortfalls)

    def test_half_a_child(self):
        shortfalls = judge(make_district(), spoil=with_table("assignments", cell(0, "students", 29.5)))
        assert ("assigned", "whole", "hard", "U1", 29.5, 0, 0) in found(shortfalls)

    @pytest.mark.parametrize(("column", "kind"), [("unit_id", "unknown_unit"), ("school_id", "unknown_school")])
    def test_unknown_id(self, column, kind):
        shortfalls = judge(make_district(), spoil=with_table("assignments", cell(0, column, "X")))
        assert ("assigned", kind, "hard", "X", 1, 0, 0) in found(shortfalls)

    def test_a_unit_without_children_still_has_a_school(self):
        district = make_district(students=(30, 0, 30, 30))
        assert judge(district) == ()
        shortfalls = judge(district, spoil=with_table("catchments", lambda table: table.drop(1)))
        assert found(shortfalls) == [("assigned", "blind_spot", "hard", "U2", 0, 1, 0)]

    @pytest.mark.parametrize("more", [{"status": ("open", "closed")}, {"types": ("primary", "junior")}])
    def test_a_school_that_does_not_receive(self, more):
        shortfalls = judge(make_district(schools=make_schools(**more)))
        assert ("assigned", "catchment", "hard", "B", 2, 0, 0) in found(shortfalls)
        assert ("assigned", "receiving", "hard", "B", 2, 0, 60) in found(shortfalls)

    def test_private_schools_take_what_was_purchased_and_have_no_catchment(self):
        private = make_schools(private=np.array([False, True]), purchased_places=np.array([np.nan, 50.0]))
        shortfalls = judge(make_district(schools=private))
        assert ("assigned", "private", "hard", "B", 60, 50, 10) in found(shortfalls)
        assert ("assigned", "catchment", "hard", "B", 2, 0, 0) in found(shortfalls)
        assert not any(s.kind == "receiving" for s in shortfalls)

    def test_out_of_reach(self):
        district = make_district()
        metres = make_travel(district).metres
        metres[1, 0] = np.inf
        shortfalls = judge(district, travel=replace(make_travel(district), metres=metres))
        assert ("assigned", "reach", "hard", "U2", 30, 0, 30) in found(shortfalls)


class TestCatchments:
    def test_a_unit_in_two_catchments(self):
        def add_b(table):
            table.loc[len(table)] = ["U2", "primary", "B"]
            return table

        shortfalls = judge(make_district(), spoil=with_table("catchments", add_b))
        assert found(shortfalls) == [("indivisible", "", "hard", "U2", 2, 1, 0)]
        shared = make_district(current={"U2": "AB"})
        assert judge(shared, spoil=with_table("catchments", add_b)) == ()

    def test_estates_keep_together(self):
        units = make_units(estate=("", "E", "E", ""))
        assert judge(make_district(units=units, students=(20, 20, 20, 20)), "AAAB") == ()
        # 30 children of U2 on one side, 30 of U3 on the other
        assert found(judge(make_district(units=units))) == [("indivisible", "estate", "hard", "E", 2, 1, 30)]
        soft = make_district(units=units, rules={"indivisible": "soft"})
        assert found(judge(soft)) == [("indivisible", "estate", "soft", "E", 2, 1, 30)]
        assert judge(make_district(units=units, catchments={"indivisible": False})) == ()

    def test_zoned_children_stay_in_their_catchment(self):
        shortfalls = judge(make_district(), "AABB", spoil=with_table("catchments", cell(1, "school_id", "B")))
        assert found(shortfalls) == [("overflow", "", "hard", "U2", 30, 0, 30)]

    def test_fixed(self):
        kept = make_district(fixed=[("U2", "A", "must"), ("U3", "A", "never")])
        assert judge(kept) == ()
        broken = make_district(fixed=[("U2", "B", "must"), ("U3", "B", "never")], rules={"fixed": "soft"})
        assert found(judge(broken)) == [
            ("fixed", "must", "soft", "U2", 30, 0, 30),
            ("fixed", "never", "soft", "U3", 30, 0, 30),
        ]

    @pytest.mark.parametrize(
        ("catchments", "broken"),
        [
            ({"change": "none"}, True),
            ({"change": "limited", "open_to_change": {"units": ["U1"]}}, True),
            ({"change": "limited", "open_to_change": {"units": ["U2"]}}, False),
            ({"change": "limited", "open_to_change": {"schools": ["B"]}}, False),
            ({"change": "limited", "open_to_change": {"zones": ["Z"]}}, False),
            ({"change": "limited"}, False),
            ({"change": "free"}, False),
        ],
    )
    def test_change(self, catchments, broken):
        """Today U2 belongs to B, in the plan to A."""
        today = {"U1": "A", "U2": "B", "U3": "B", "U4": "B"}
        district = make_district(units=make_units(zone=("", "Z", "", "")), current=today, catchments=catchments)
        assert found(judge(district)) == [("change", "", "hard", "U2", 30, 0, 30)] * broken

    def test_a_unit_whose_school_closed_may_change(self):
        schools = make_schools({"A": 0, "B": 3, "C": 1}, places=np.full(3, 60.0), status=("open", "open", "closed"))
        district = make_district(schools=schools, current={"U2": "C"}, catchments={"change": "none"})
        assert judge(district) == ()

    def test_stability(self):
        today = {"U1": "A", "U2": "B", "U3": "B", "U4": "B"}
        # U2 moves: 30 of 120 children, a quarter
        policy, rules = {"stability": {"max_share": 0.25}}, {"stability": "hard"}
        assert judge(make_district(current=today, policy=policy, rules=rules)) == ()
        policy = {"stability": {"max_share": 0.205}}  # of 120: 24.6, so 24 whole children
        shortfalls = judge(make_district(current=today, policy=policy, rules=rules))
        assert found(shortfalls) == [("stability", "", "hard", "", 30, 24, 6)]

    def test_ceilings_of_levels(self):
        # U2 moves: 30 children; ways of 0, 1, 1 and 0 km make 60 student-km
        today = {"U1": "A", "U2": "B", "U3": "B", "U4": "B"}
        order = ["stability", "travel"]
        kept = {"order": order, "at_most": {"stability": 30, "travel": 60}}
        assert judge(make_district(current=today, objective=kept)) == ()
        broken = {"order": order, "at_most": {"stability": 29, "travel": 59.5}}
        shortfalls = judge(make_district(current=today, objective=broken))
        assert found(shortfalls) == [
            ("at_most", "stability", "hard", "", 30, 29, 1),
            ("at_most", "travel", "hard", "", 60, 59.5, 0.5),
        ]


class TestPlaces:
    def test_places_and_their_scale(self):
        assert found(judge(make_district(), "AAAB")) == [("places", "", "hard", "A", 90, 60, 30)]
        assert judge(make_district(policy={"places_scale": 1.5}), "AAAB") == ()
        # 60 x 1.49 = 89.4, so 89 whole children
        scaled = make_district(policy={"places_scale": 1.49}, rules={"places": "soft"})
        assert found(judge(scaled, "AAAB")) == [("places", "", "soft", "A", 90, 89, 1)]
        assert judge(make_district(rules={"places": "off"}), "AAAB") == ()

    def test_places_of_a_stage(self):
        schools = make_schools(places=np.full(2, np.nan), places_of_stage={"primary": np.array([60.0, 59.0])})
        shortfalls = judge(make_district(schools=schools))
        assert found(shortfalls) == [("places", "", "hard", "B", 60, 59, 1)]
        assert shortfalls[0].stage == "primary"

    def test_rooms_times_cap_where_no_places_are_given_and_class_size_is_no_rule(self):
        schools = make_schools(places=np.array([60.0, np.nan]), classrooms=np.array([np.nan, 6.0]))
        policy = {"class_size": {"cap": {"primary": 10}}}
        assert judge(make_district(schools=schools, policy=policy)) == ()
        policy = {"class_size": {"cap": {"primary": 9}}}
        # 6 rooms of 9: 54 places for 60 children
        assert found(judge(make_district(schools=schools, policy=policy))) == [("places", "", "hard", "B", 60, 54, 6)]
        soft = make_district(schools=schools, policy=policy, rules={"class_size": "soft"})
        assert {shortfall.rule for shortfall in judge(soft)} == {"class_size"}

    def test_school_size(self):
        policy, rules = {"school_size": {"cap": {"primary": 59}}}, {"school_size": "hard"}
        assert found(judge(make_district(policy=policy, rules=rules))) == [
            ("school_size", "", "hard", "A", 60, 59, 1),
            ("school_size", "", "hard", "B", 60, 59, 1),
        ]
        policy["school_size"]["applies_to"] = "new"
        new = make_schools(is_new=np.array([False, True]))
        assert found(judge(make_district(schools=new, policy=policy, rules=rules))) == [
            ("school_size", "", "hard", "B", 60, 59, 1)
        ]
        policy["school_size"]["cap"]["primary"] = 60
        assert judge(make_district(policy=policy, rules=rules)) == ()


class TestClasses:
    """60 children without a grade at each school: 10 in each of six grades."""

    def test_spread(self):
        rows = [(school, "primary", str(grade), 10, 1) for school in "AB" for grade in range(1, 7)]
        assert judge(make_district(), classes=rows) == ()
        rows[0], rows[1] = ("A", "primary", "1", 11, 1), ("A", "primary", "2", 9, 1)
        assert found(judge(make_district(), classes=rows)) == [
            ("spread", "", "hard", "A", 11, 10, 1),
            ("spread", "", "hard", "A", 9, 10, 1),
        ]

    def test_spread_of_children_counted_by_grade(self):
        students = {Cohort("primary", "2", "local"): (3, 0, 0, 0), Cohort("primary", "", "local"): (7, 0, 0, 6)}
        # A: 7 without a grade are 2, 1, 1, 1, 1, 1 and three more in grade 2; B: one in each grade
        sizes = {"A": (2, 4, 1, 1, 1, 1), "B": (1,) * 6}
        rows = [(school, "primary", str(g + 1), n, 1) for school in "AB" for g, n in enumerate(sizes[school])]
        assert judge(make_district(students=students), classes=rows) == ()

    def test_class_size_and_its_ceiling(self):
        policy = {"class_size": {"cap": {"primary": 10}}}
        assert judge(make_district(policy=policy, rules={"class_size": "hard"})) == ()
        policy = {"class_size": {"cap": {"primary": 9}, "ceiling": 10}}
        shortfalls = judge(make_district(policy=policy, rules={"class_size": "soft"}))
        assert found(shortfalls)[0] == ("class_size", "", "soft", "A", 10, 9, 1)
        assert len(shortfalls) == 12
        policy["class_size"]["ceiling"] = 9
        shortfalls = judge(make_district(policy=policy, rules={"class_size": "soft"}))
        assert found(shortfalls)[0] == ("class_size", "ceiling", "hard", "A", 10, 9, 1)
        assert judge(make_district(policy=policy, rules={"class_size": "off"})) == ()

    def test_classrooms(self):
        rules = {"classrooms": "hard"}
        assert judge(make_district(schools=make_schools(classrooms=np.array([6.0, 6.0])), rules=rules)) == ()
        shortfalls = judge(make_district(schools=make_schools(classrooms=np.array([5.0, np.nan])), rules=rules))
        assert found(shortfalls) == [("classrooms", "", "hard", "A", 6, 5, 1)]
        by_stage = make_schools(classrooms_of_stage={"primary": np.array([np.nan, 4.0])})
        assert found(judge(make_district(schools=by_stage, rules=rules))) == [("classrooms", "", "hard", "B", 6, 4, 2)]

    def test_small_classes(self):
        """81 children in 2 classes are 41 and 40: one of the two counts for 40."""
        students = {Cohort("primary", "1", "local"): (81, 0, 0, 0)}
        schools = make_schools(places=np.full(2, np.nan))
        rows = [("A", "primary", "1", 81, 2)]

        def of(share):
            policy = {"class_size": {"targets": [{"max_size": 40, "share": share}]}}
            district = make_district(schools=schools, students=students, policy=policy, rules={"small_classes": "hard"})
            return found(judge(district, classes=rows))

        assert of(0.5) == []
        assert of(0.51) == [("small_classes", "", "hard", "", 1, 2, 1)]

    def test_classes_of_private_schools_do_not_count(self):
        students = {Cohort("primary", "1", "local"): (41, 0, 0, 10)}
        policy = {"class_size": {"targets": [{"max_size": 40, "share": 0.5}]}}
        rows = [("A", "primary", "1", 41, 1), ("B", "primary", "1", 10, 1)]
        rules = {"small_classes": "hard"}
        assert judge(make_district(students=students, policy=policy, rules=rules), classes=rows) == ()
        private = make_schools(private=np.array([False, True]), purchased_places=np.array([0.0, 10.0]))
        district = make_district(students=students, policy=policy, rules=rules, schools=private)
        assert ("small_classes", "", "hard", "", 0, 1, 1) in found(judge(district, classes=rows))

    def test_no_class_and_a_wrong_largest_class(self):
        rows = [("A", "primary", str(g), 10, g % 2) for g in range(1, 7)]
        kinds = {(s.rule, s.kind, s.breach) for s in judge(make_district(), "AAAA", classes=rows)}
        assert ("figures", "no_class", 10) in kinds
        shortfalls = judge(make_district(), spoil=with_table("classes", cell(0, "largest_class", 9)))
        assert found(shortfalls) == [("figures", "largest_class", "hard", "A", 9, 10, 0)]


class TestJourneys:
    def test_max_travel(self):
        rules = {"max_travel": "soft"}
        assert judge(make_district(policy={"travel": {"max_m": {"primary": 1000}}}, rules=rules)) == ()
        shortfalls = judge(make_district(policy={"travel": {"max_m": {"primary": 999}}}, rules=rules))
        assert found(shortfalls) == [
            ("max_travel", "", "soft", "U2", 1000, 999, 30),
            ("max_travel", "", "soft", "U3", 1000, 999, 30),
        ]

    def test_region(self):
        schools = make_schools(region=("west", "east"))
        rules = {"region": "hard"}
        kept = make_units(region=("west", "west", "east", "east"))
        assert judge(make_district(units=kept, schools=schools, rules=rules)) == ()
        crossed = make_units(region=("west", "east", "east", "east"))
        shortfalls = judge(make_district(units=crossed, schools=schools, rules=rules))
        assert found(shortfalls) == [("region", "", "hard", "U2", 30, 0, 30)]

    def test_figures(self):
        shortfalls = judge(make_district(), spoil=with_table("assignments", cell(1, "metres", 998)))
        assert found(shortfalls) == [("figures", "metres", "hard", "U2", 998, 1000, 0)]
        shortfalls = judge(make_district(), spoil=lambda plan: replace(plan, student_km=61.0))
        # two units of 30 children, 1 km each
        assert found(shortfalls) == [("figures", "student_km", "hard", "", 61, 60, 0)]


class TestContiguity:
    def test_pieces(self):
        """A holds U1 and U3, B holds U2 and U4: both in two pieces; the piece with the school counts."""
        assert found(judge(make_district(), "ABAB")) == [
            ("contiguous", "pieces", "hard", "A", 2, 1, 30),
            ("contiguous", "pieces", "hard", "B", 2, 1, 30),
        ]
        assert judge(make_district(catchments={"contiguous": False}), "ABAB") == ()
        assert judge(make_district(), "ABAB", neighbours=[(0, 2), (1, 3)]) == ()

    def test_units_without_children_count_too(self):
        shortfalls = judge(make_district(students=(30, 0, 0, 30)), "ABAB")
        assert [(s.where, s.breach) for s in shortfalls] == [("A", 0), ("B", 0)]

    def test_without_neighbours_nothing_is_judged(self):
        district = make_district()
        assert judge(district, "ABAB", travel=replace(make_travel(district), neighbours=None)) == ()

    def test_own_unit(self):
        shortfalls = judge(make_district(), "BBAA", neighbours=[(0, 1), (1, 2), (2, 3)])
        assert found(shortfalls) == [
            ("contiguous", "own_unit", "hard", "A", 0, 1, 60),
            ("contiguous", "own_unit", "hard", "B", 0, 1, 60),
        ]
        floating = make_schools(anchor=np.array([False, False]))
        assert judge(make_district(schools=floating), "BBAA") == ()
        today = {"U1": "B", "U4": "A"}
        assert judge(make_district(current=today), "BBAA") == ()

    def test_a_school_without_a_catchment_need_not_hold_its_unit(self):
        schools = make_schools(places=np.full(2, np.nan))
        assert judge(make_district(schools=schools), "BBBB") == ()

    def test_of_two_schools_in_one_unit_one_holds_it(self):
        schools = make_schools({"A": 1, "B": 1})
        assert judge(make_district(schools=schools), "AABB") == ()
        schools = make_schools({"A": 1, "B": 1, "C": 3}, places=np.full(3, np.nan))
        shortfalls = judge(make_district(schools=schools), "ACCB")
        assert {(s.kind, s.where) for s in shortfalls} == {("own_unit", "A"), ("own_unit", "B"), ("own_unit", "C")}

    def test_a_part_of_the_district_without_a_school_may_go_anywhere(self):
        """U3 is an island without a school: it joins A although it touches nothing. U2 is on A's land."""
        schools = make_schools(places=np.full(2, np.nan))
        assert judge(make_district(schools=schools), "AAAB", neighbours=[(0, 1)]) == ()

    def test_a_part_of_the_district_with_a_school_goes_to_it(self):
        """Two islands, U1-U2 with A and U3-U4 with B: U3 may not go to A."""
        shortfalls = judge(make_district(schools=make_schools(places=np.full(2, np.nan))), "AAAB",
                           neighbours=[(0, 1), (2, 3)])  # fmt: skip
        assert found(shortfalls) == [("contiguous", "abroad", "hard", "A", 1, 0, 30)]


def test_hard_shortfalls_come_first():
    district = make_district(rules={"places": "soft"})
    hardness = [shortfall.hardness for shortfall in judge(district, "ABAA")]
    assert hardness == sorted(hardness)
    assert set(hardness) == {"hard", "soft"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_shortfall_can_be_said(language):
    district = make_district(fixed=[("U2", "A", "must")])
    said = [describe_shortfall(shortfall, language) for shortfall in judge(district, "ABAB")]
    assert len(said) == 3
    assert all("{" not in sentence for sentence in said)


def test_every_rule_has_its_sentences_and_the_other_way_round():
    catalogue = files("models").joinpath("sentences", "en", "recheck.toml").read_text(encoding="utf-8")
    assert {rule.name for rule in RULES} == set(tomllib.loads(catalogue)) - {"stages", "inherited"}
