"""One pair a rule, who fits and who may go: what the rule allows, what it forbids, values by hand.

U1  U2  U3  U4      one kilometre each, 30 primary children each; A stands in U1, B in U4, 60 places each.

Without further rules the best plan is AABB: U2 and U3 go 1 km, 60 student-km in all.
"""

from dataclasses import replace

import numpy as np
import pytest
from builders import make_district, make_schools, make_travel, make_units
from solved import solve_district

from models.district import Cohort

UNLIMITED = np.full(2, np.nan)


class TestAssigned:
    def test_everyone_has_a_school(self):
        solved = solve_district(make_district())
        assert (solved.status, solved.schools, solved.values) == ("optimal", "AABB", {"travel": 60.0})

    def test_also_a_unit_without_children(self):
        solved = solve_district(make_district(students=(30, 0, 0, 30)))
        assert (solved.status, len(solved.schools)) == ("optimal", 4)

    @pytest.mark.parametrize("more", [{"status": ("closed",) * 2}, {"types": ("junior",) * 2}])
    def test_nobody_receives(self, more):
        solved = solve_district(make_district(schools=make_schools(**more)))
        assert (solved.status, solved.outcome.reason) == ("infeasible", "solve.barred")
        assert [(count.key, count.short) for count in solved.counts] == [("stranded.nobody", 120)]

    def test_private_schools_have_no_catchment(self):
        schools = make_schools(places=np.array([120.0, 60.0]), private=np.array([False, True]))
        # 30 children each go 0, 1, 2 and 3 km
        solved = solve_district(make_district(schools=schools))
        assert (solved.schools, solved.values) == ("AAAA", {"travel": 180.0})

    def test_out_of_reach(self):
        district = make_district(schools=make_schools(places=UNLIMITED))
        metres = make_travel(district).metres
        metres[1, 0] = np.inf
        solved = solve_district(district, travel=replace(make_travel(district), metres=metres))
        # U2 goes to B, 2 km away; it still borders on U3
        assert (solved.schools, solved.values) == ("ABBB", {"travel": 90.0})
        metres[1, 1] = np.inf
        solved = solve_district(district, travel=replace(make_travel(district), metres=metres))
        assert solved.status == "infeasible"
        assert [(count.key, count.short, count.units) for count in solved.counts] == [
            ("stranded.assigned", 30, ("U2",))
        ]

    def test_out_of_reach_without_children(self):
        district = make_district(students=(30, 0, 30, 30))
        metres = make_travel(district).metres
        metres[1] = np.inf
        solved = solve_district(district, travel=replace(make_travel(district), metres=metres))
        assert (solved.schools[0], solved.schools[2:], solved.values) == ("A", "BB", {"travel": 30.0})


class TestIndivisible:
    """75 places at A, 45 at B: 120 places for 120 children, but not for whole units of 30."""

    SCHOOLS = make_schools(places=np.array([75.0, 45.0]))

    def test_hard(self):
        assert solve_district(make_district()).status == "optimal"
        assert solve_district(make_district(schools=self.SCHOOLS)).status == "infeasible"

    def test_soft_splits_as_few_children_as_can_be(self):
        # B takes U4 and 15 of U3: 30 + (15 · 1 + 15 · 2) = 75 student-km
        solved = solve_district(make_district(schools=self.SCHOOLS, rules={"indivisible": "soft"}))
        assert solved.values == {"shortage": 15.0, "travel": 75.0}
        assert solved.students == {("U1", "A"): 30, ("U2", "A"): 30, ("U3", "A"): 15, ("U3", "B"): 15, ("U4", "B"): 30}

    @pytest.mark.parametrize("asked", [{"rules": {"indivisible": "off"}}, {"catchments": {"indivisible": False}}])
    def test_off(self, asked):
        solved = solve_district(make_district(schools=self.SCHOOLS, **asked))
        assert solved.values == {"travel": 75.0}

    def test_children_of_several_grades_and_stages_are_split_whole(self):
        students = {Cohort("primary", str(g), "local"): (5, 5, 5, 5) for g in range(1, 7)}
        policy = {"class_size": {"cap": {"primary": 45}}}
        district = make_district(schools=self.SCHOOLS, students=students, policy=policy, rules={"indivisible": "soft"})
        solved = solve_district(district)
        assert solved.values == {"shortage": 15.0, "travel": 75.0}

    def test_the_own_unit_of_a_school_may_be_divided_too(self):
        # 100 children in U1, 75 places at A: 25 go to B, 3 km away, over U2 and U3
        solved = solve_district(
            make_district(schools=self.SCHOOLS, students=(100, 0, 0, 20), rules={"indivisible": "soft"})
        )
        assert solved.values == {"shortage": 25.0, "travel": 75.0}

    def test_a_split_that_nothing_asks_for_is_not_made(self):
        solved = solve_district(make_district(rules={"indivisible": "soft"}))
        assert (solved.schools, solved.values) == ("AABB", {"travel": 60.0, "shortage": 0.0})


class TestEstates:
    """U2 and U3 are one estate."""

    UNITS = make_units(estate=("", "E", "E", ""))

    def test_hard(self):
        # 20 each: A or B takes the estate, 20 · 1 + 20 · 2 km
        solved = solve_district(make_district(units=self.UNITS, students=(20, 20, 20, 20)))
        assert (solved.schools in {"AAAB", "ABBB"}, solved.values) == (True, {"travel": 60.0})
        # 30 each: the estate and U1 or U4 are 90 children, 60 places
        assert solve_district(make_district(units=self.UNITS)).status == "infeasible"

    def test_soft(self):
        # U1 stays at A, U4 at B: 30 places are left at each, so 30 of the estate's 60 are outside its main part
        fixed = [("U1", "A", "must"), ("U4", "B", "must")]
        solved = solve_district(make_district(units=self.UNITS, fixed=fixed, rules={"indivisible": "soft"}))
        assert solved.values == {"shortage": 30.0, "travel": 60.0}

    def test_off(self):
        solved = solve_district(make_district(units=self.UNITS, rules={"indivisible": "off"}))
        assert solved.values == {"travel": 60.0}


class TestPlaces:
    def test_hard(self):
        solved = solve_district(make_district(schools=make_schools(places=np.array([30.0, 90.0]))))
        assert (solved.schools, solved.values) == ("ABBB", {"travel": 90.0})
        solved = solve_district(make_district(students=(30, 30, 30, 31)))
        assert (solved.status, [(count.key, count.short) for count in solved.counts]) == ("infeasible", [("places", 1)])

    def test_soft_counts_children_above(self):
        solved = solve_district(make_district(students=(30, 30, 31, 30), rules={"places": "soft"}))
        assert (solved.schools, solved.values) == ("AABB", {"shortage": 1.0, "travel": 61.0})

    def test_off(self):
        solved = solve_district(make_district(students=(90, 30, 30, 90), rules={"places": "off"}))
        assert solved.values == {"travel": 60.0}

    def test_of_a_stage(self):
        schools = make_schools(places=UNLIMITED, places_of_stage={"primary": np.array([30.0, np.nan])})
        solved = solve_district(make_district(schools=schools))
        assert (solved.schools, solved.values) == ("ABBB", {"travel": 90.0})

    def test_scale(self):
        # 60 · 1.5 = 90 places; 60 · 1.49 = 89.4, so 89
        students = (30, 60, 0, 30)
        assert solve_district(make_district(students=students, policy={"places_scale": 1.5})).values == {"travel": 60.0}
        district = make_district(students=students, policy={"places_scale": 1.49}, rules={"places": "soft"})
        assert solve_district(district).values == {"shortage": 1.0, "travel": 60.0}

    def test_rooms_times_cap_where_no_places_are_given(self):
        """A has 3 rooms of at most 10: 30 places."""
        schools = make_schools(places=UNLIMITED, classrooms=np.array([3.0, np.nan]))
        policy = {"class_size": {"cap": {"primary": 10}}}
        assert solve_district(make_district(schools=schools, policy=policy)).schools == "ABBB"

    def test_places_of_every_stage_stand_before_rooms(self):
        """A states 60 places for its one stage; its 3 rooms of at most 10 say nothing then."""
        stated = {"primary": np.array([60.0, np.nan])}
        schools = make_schools(places=UNLIMITED, places_of_stage=stated, classrooms=np.array([3.0, np.nan]))
        policy = {"class_size": {"cap": {"primary": 10}}}
        assert solve_district(make_district(schools=schools, policy=policy)).schools == "AABB"


class TestSchoolSize:
    """No places are given: only size counts."""

    @staticmethod
    def solve(students, types=("primary", "primary"), applies_to="all", hardness="hard", **more):
        policy = {"profile": "national", "class_size": {"cap": {}}, "school_size": {"applies_to": applies_to}}
        schools = make_schools(places=UNLIMITED, types=types, **more)
        off = {"class_size": "off", "small_classes": "off"}
        rules = {"school_size": hardness, **off}
        return solve_district(make_district(schools=schools, students=students, policy=policy, rules=rules))

    def test_2000_and_2500(self):
        # A takes 1,000 + 1,000, B 1,000 + 1,000
        assert self.solve((1000, 1000, 1000, 1000)).status == "optimal"
        assert self.solve((1000, 1000, 1000, 1001)).status == "infeasible"
        # a nine-year school takes 2,500: AAAB would be 2,502
        nine_year = ("nine_year", "primary")
        assert self.solve((1000, 1000, 500, 1501), nine_year).schools == "AAAB"
        assert self.solve((1000, 1000, 501, 1501), nine_year).status == "infeasible"

    def test_soft_and_off(self):
        solved = self.solve((1000, 1000, 1000, 1001), hardness="soft")
        assert solved.values["shortage"] == 1.0
        assert self.solve((1000, 1000, 1000, 1001), hardness="off").values == {"travel": 2000.0}

    def test_new_schools_only(self):
        # AABB: A has 2,001 and is not new; were it new, BB takes U2 and its 1,001 children: 2,500 + 1 above
        students = (1000, 1001, 1000, 500)
        assert self.solve(students, applies_to="new").schools == "AABB"
        solved = self.solve(students, applies_to="new", is_new=np.array([True, False]))
        assert (solved.schools, solved.values) == ("ABBB", {"travel": 3002.0})

    def test_senior_grades_do_not_count(self):
        """A twelve-year school of 2,500 in grades 1-9 and 100 beyond them."""
        students = {
            Cohort("primary", "", "local"): (1500, 0, 0, 0),
            Cohort("junior", "", "local"): (1000, 0, 0, 0),
            Cohort("senior", "", "local"): (100, 0, 0, 0),
        }
        policy = {"school_size": {"cap": {"twelve_year": 2500}}}
        schools = make_schools(places=UNLIMITED, types=("twelve_year", "closed"), status=("open", "closed"))
        schools = replace(schools, types=("twelve_year", "twelve_year"))
        kept = {"schools": schools, "policy": policy, "rules": {"school_size": "hard"}}
        instance = {"stages": ["primary", "junior", "senior"]}
        assert solve_district(make_district(students=students, instance=instance, **kept)).status == "optimal"
        students[Cohort("junior", "", "local")] = (1001, 0, 0, 0)
        assert solve_district(make_district(students=students, instance=instance, **kept)).status == "infeasible"


class TestMaxTravel:
    UNITS = make_units(estate=("", "E", "E", ""))

    @staticmethod
    def solve(max_m, hardness="hard", **more):
        rules = {"max_travel": hardness, **more.pop("rules", {})}
        return solve_district(make_district(policy={"travel": {"max_m": {"primary": max_m}}}, rules=rules, **more))

    def test_hard(self):
        assert self.solve(1000).values == {"travel": 60.0}
        solved = self.solve(999)
        assert solved.status == "infeasible"
        assert [(count.key, count.units) for count in solved.counts] == [("stranded.max_travel", ("U2", "U3"))]
        assert solved.counts[0].facts["nearest"] == 1000

    def test_soft_counts_children(self):
        assert self.solve(999, "soft").values == {"shortage": 60.0, "travel": 60.0}
        assert self.solve(999, "off").values == {"travel": 60.0}

    def test_units_without_children_may_be_far(self):
        assert self.solve(500, students=(30, 0, 0, 30)).status == "optimal"

    def test_soft_counts_the_children_of_an_estate_who_go_too_far(self):
        # 20 of the estate's 40 children go 1 km, 20 go 2 km
        solved = self.solve(1500, "soft", units=self.UNITS, students=(20, 20, 20, 20))
        assert solved.values == {"shortage": 20.0, "travel": 60.0}


class TestRegion:
    WEST = make_units(region=("west", "west", "west", "east"))
    SCHOOLS = make_schools(region=("west", "east"), places=np.array([90.0, 90.0]))

    @pytest.mark.parametrize(
        ("hardness", "schools", "values"),
        [
            ("hard", "AAAB", {"travel": 90.0}),
            ("soft", "AAAB", {"shortage": 0.0, "travel": 90.0}),
            ("off", "AABB", {"travel": 60.0}),
        ],
    )
    def test_nobody_crosses(self, hardness, schools, values):
        solved = solve_district(make_district(units=self.WEST, schools=self.SCHOOLS, rules={"region": hardness}))
        assert (solved.schools, solved.values) == (schools, values)

    def test_no_place_in_the_own_region(self):
        schools = replace(self.SCHOOLS, places=np.array([60.0, 90.0]))
        district = make_district(units=self.WEST, schools=schools, rules={"region": "hard"})
        assert solve_district(district).status == "infeasible"
        district = make_district(units=self.WEST, schools=schools, rules={"region": "soft"})
        assert solve_district(district).values == {"shortage": 30.0, "travel": 60.0}

    def test_who_names_no_region_may_go_anywhere(self):
        units = make_units(region=("west", "", "", "east"))
        assert (
            solve_district(make_district(units=units, schools=self.SCHOOLS, rules={"region": "hard"})).schools == "AABB"
        )

    def test_soft_counts_the_children_of_an_estate_who_cross(self):
        units = make_units(region=("west", "west", "east", "east"), estate=("", "E", "E", ""))
        solved = solve_district(make_district(units=units, schools=self.SCHOOLS, rules={"region": "soft"}))
        assert solved.values == {"shortage": 30.0, "travel": 90.0}

    def test_a_unit_without_children_does_not_make_a_plan_impossible(self):
        """U2 lies in a region without a school; nobody lives there."""
        units = make_units(region=("west", "north", "", ""))
        district = make_district(units=units, schools=self.SCHOOLS, students=(30, 0, 30, 30), rules={"region": "hard"})
        assert solve_district(district).values == {"travel": 30.0}
