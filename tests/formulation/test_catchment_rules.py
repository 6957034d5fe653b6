"""One pair a rule about today's catchments: fixed, change and stability, values by hand.

U1  U2  U3  U4      one kilometre each, 30 primary children each; A stands in U1, B in U4, places do not count.

Today A takes U1, U2 and U3; the best plan without further rules is AABB, 60 student-km: U3 changes.
"""

import numpy as np
import pytest
from builders import make_district, make_schools, make_units
from solved import solve_district

from models.district import Cohort

SCHOOLS = make_schools(places=np.full(2, np.nan))
TODAY = {"U1": "A", "U2": "A", "U3": "A", "U4": "B"}


class TestFixed:
    @pytest.mark.parametrize("fixed", [[("U3", "A", "must")], [("U3", "B", "never")]])
    def test_hard_soft_off(self, fixed):
        # U3 goes to A, 2 km away: 30 student-km more
        kept = {"schools": SCHOOLS, "fixed": fixed}
        assert solve_district(make_district(**kept)).schools == "AAAB"
        solved = solve_district(make_district(**kept, rules={"fixed": "soft"}))
        assert (solved.schools, solved.values) == ("AAAB", {"shortage": 0.0, "travel": 90.0})
        assert solve_district(make_district(**kept, rules={"fixed": "off"})).schools == "AABB"

    def test_what_cannot_be(self):
        fixed = [("U3", "A", "must"), ("U3", "A", "never")]
        assert solve_district(make_district(schools=SCHOOLS, fixed=fixed)).status == "infeasible"
        solved = solve_district(make_district(schools=SCHOOLS, fixed=fixed, rules={"fixed": "soft"}))
        assert solved.values == {"shortage": 30.0, "travel": 60.0}

    def test_soft_counts_every_row(self):
        # U3 must go to A, and A is out of places: 30 children for the one row or 30 above the places
        fixed = [("U3", "A", "must"), ("U3", "B", "never")]
        schools = make_schools(places=np.array([60.0, 60.0]))
        solved = solve_district(make_district(schools=schools, fixed=fixed, rules={"fixed": "soft"}))
        assert solved.values == {"shortage": 60.0, "travel": 60.0}

    def test_soft_counts_the_units_of_an_estate_that_are_named(self):
        units = make_units(estate=("", "E", "E", ""))
        fixed = [("U2", "A", "must"), ("U3", "B", "must")]
        district = make_district(schools=SCHOOLS, units=units, fixed=fixed, rules={"fixed": "soft"})
        assert solve_district(district).values == {"shortage": 30.0, "travel": 90.0}


class TestChange:
    @pytest.mark.parametrize(
        ("catchments", "schools"),
        [
            ({"change": "none"}, "AAAB"),
            ({"change": "limited", "open_to_change": {"units": ["U2"]}}, "AAAB"),
            ({"change": "limited", "open_to_change": {"units": ["U3"]}}, "AABB"),
            ({"change": "limited", "open_to_change": {"schools": ["B"]}}, "AAAB"),
            ({"change": "limited", "open_to_change": {"schools": ["A"]}}, "AABB"),
            ({"change": "limited", "open_to_change": {"zones": ["Z"]}}, "AABB"),
            ({"change": "limited"}, "AABB"),
            ({"change": "free"}, "AABB"),
        ],
    )
    def test_who_may_change(self, catchments, schools):
        units = make_units(zone=("", "", "Z", ""))
        district = make_district(
            units=units, schools=SCHOOLS, current=TODAY, catchments=catchments, objective={"order": ["travel"]}
        )
        assert solve_district(district).schools == schools

    def test_nothing_may_change_and_not_everybody_fits(self):
        schools = make_schools(places=np.array([89.0, 60.0]))
        kept = {"schools": schools, "current": TODAY}
        assert solve_district(make_district(**kept, catchments={"change": "none"})).status == "infeasible"
        assert solve_district(make_district(**kept, catchments={"change": "free"})).schools == "AABB"

    def test_a_unit_whose_school_closed_may_change(self):
        schools = make_schools({"A": 0, "B": 3, "C": 2}, places=np.full(3, np.nan), status=("open", "open", "closed"))
        today = TODAY | {"U3": "C"}
        district = make_district(schools=schools, current=today, catchments={"change": "none"})
        # its 30 children change in any case
        assert solve_district(district).values == {"stability": 30.0, "travel": 60.0}


class TestStability:
    @staticmethod
    def solve(share, hardness="hard", order=("travel",), **more):
        policy, rules = {"stability": {"max_share": share}}, {"stability": hardness}
        kept = {"schools": SCHOOLS, "current": TODAY, "objective": {"order": list(order)}} | more
        return solve_district(make_district(policy=policy, rules=rules, **kept))

    def test_hard(self):
        # 30 of 120 children change: a quarter
        assert self.solve(0.25).schools == "AABB"
        assert self.solve(0.24).schools == "AAAB"

    def test_soft_counts_children_above(self):
        # U3 cannot stay: 24.6 of 120, so 24 may change and 30 do
        kept = {"schools": make_schools(places=np.array([60.0, 60.0])), "order": ("shortage", "travel")}
        assert self.solve(0.205, "soft", **kept).values == {"shortage": 6.0, "travel": 60.0}
        assert self.solve(0.205, **{**kept, "order": ("travel",)}).status == "infeasible"

    def test_off(self):
        assert self.solve(0.0, "off").schools == "AABB"

    def test_the_level_comes_before_travel(self):
        solved = self.solve(0.5, order=("stability", "travel"))
        assert (solved.schools, solved.values) == ("AAAB", {"stability": 0.0, "travel": 90.0})

    def test_units_without_a_school_of_today_are_left_out(self):
        # of 90 children who have one, U3's 30 are a third
        today = {unit: school for unit, school in TODAY.items() if unit != "U1"}
        assert self.solve(0.34, current=today).schools == "AABB"
        assert self.solve(0.33, current=today).schools == "AAAB"

    def test_only_the_units_of_an_estate_that_change_are_counted(self):
        """U2 and U3 are one estate, 20 children each; today U2 belongs to A and U3 to B: 20 must change."""
        kept = {
            "units": make_units(estate=("", "E", "E", "")), "students": (20,) * 4, "current": TODAY | {"U3": "B"},
        }  # fmt: skip
        assert self.solve(0.25, order=("stability", "travel"), **kept).values == {"stability": 20.0, "travel": 60.0}
        assert self.solve(0.24, order=("stability", "travel"), **kept).status == "infeasible"

    def test_an_estate_of_which_one_unit_has_no_school_of_today(self):
        """Only U2 of the estate is known: 30 of the 90 children who are can change with it."""
        today = {unit: school for unit, school in TODAY.items() if unit != "U3"}
        units = make_units(estate=("", "E", "E", ""))
        fixed = [("U3", "B", "must")]
        assert self.solve(0.34, units=units, current=today, fixed=fixed).schools == "ABBB"
        assert self.solve(0.33, units=units, current=today, fixed=fixed).status == "infeasible"

    def test_only_zoned_children_count(self):
        students = {Cohort("primary", "", "local"): (30,) * 4, Cohort("primary", "", "migrant"): (0, 0, 90, 0)}
        kept = {"students": students, "categories": {"local": {"zoned": True}, "migrant": {"zoned": False}}}
        assert self.solve(0.25, **kept).schools == "AABB"

    def test_children_of_a_divided_unit_count_one_by_one(self):
        # A takes 75: 15 of U3 stay, 15 of 120 change
        kept = {"schools": make_schools(places=np.array([75.0, 60.0]))}
        rules = {"indivisible": "off", "stability": "hard"}
        district = make_district(
            current=TODAY,
            policy={"stability": {"max_share": 0.125}},
            rules=rules,
            objective={"order": ["travel"]},
            **kept,
        )
        solved = solve_district(district)
        assert solved.students["U3", "A"] == 15
