"""One pair a rule about classes: what it allows, what it forbids, values by hand.

U1  U2  U3  U4      one kilometre each; A stands in U1, B in U4; places do not count.

Children of grade 1 are counted by grade; those of the whole stage are spread over six grades at the school.
"""

from dataclasses import replace

import numpy as np
import pytest
from builders import make_district, make_schools
from solved import solve_district

from models.district import Cohort

UNLIMITED = np.full(2, np.nan)


def solve_classes(students, *, rules, cap=40, schools=None, **class_size):
    """Solve a district whose children are in grade 1."""
    by_cohort = {Cohort("primary", "1", "local"): students}
    policy = {"class_size": {"cap": {"primary": cap}} | class_size}
    schools = schools or make_schools(places=UNLIMITED)
    return solve_district(make_district(students=by_cohort, schools=schools, policy=policy, rules=rules))


def rooms(a, b, **more):
    return make_schools(places=UNLIMITED, classrooms=np.array([a, b], dtype=float), **more)


class TestClassSize:
    def test_hard_opens_as_few_classes_as_the_cap_allows(self):
        # AABB: 40 and 41 children in classes of at most 40
        solved = solve_classes((20, 20, 20, 21), rules={"class_size": "hard"})
        assert solved.classes == {("A", "1"): (40, 1), ("B", "1"): (41, 2)}

    def test_hard_with_rooms(self):
        rules = {"class_size": "hard", "classrooms": "hard"}
        assert solve_classes((20, 20, 20, 20), rules=rules, schools=rooms(1, 1)).schools == "AABB"
        assert solve_classes((20, 20, 20, 21), rules=rules, schools=rooms(1, 1)).status == "infeasible"
        assert solve_classes((20, 20, 20, 21), rules=rules, schools=rooms(1, 2)).schools == "AABB"

    def test_soft_counts_children_above_the_cap(self):
        rules = {"class_size": "soft", "classrooms": "hard"}
        solved = solve_classes((20, 20, 20, 21), rules=rules, schools=rooms(1, 1))
        assert solved.values == {"shortage": 1.0, "travel": 40.0}

    def test_the_ceiling_binds_where_the_cap_is_soft(self):
        rules = {"class_size": "soft", "classrooms": "hard"}
        kept = {"rules": rules, "schools": rooms(1, 1), "ceiling": 42}
        assert solve_classes((20, 20, 20, 22), **kept).values["shortage"] == 2.0
        assert solve_classes((20, 20, 20, 23), **kept).status == "infeasible"

    @pytest.mark.parametrize("hardness", ["hard", "soft"])
    def test_a_ceiling_below_the_cap_binds_all_the_same(self, hardness):
        rules = {"class_size": hardness, "classrooms": "hard"}
        kept = {"rules": rules, "schools": rooms(1, 1), "cap": 60, "ceiling": 41}
        assert solve_classes((20, 20, 20, 21), **kept).status == "optimal"
        assert solve_classes((20, 20, 20, 22), **kept).status == "infeasible"

    def test_off(self):
        rules = {"class_size": "off", "classrooms": "hard"}
        kept = {"rules": rules, "schools": make_schools(classrooms=np.ones(2)), "ceiling": 42}
        solved = solve_classes((30, 30, 30, 30), **kept)
        assert solved.classes == {("A", "1"): (60, 1), ("B", "1"): (60, 1)}

    def test_off_still_gives_a_single_child_a_class(self):
        solved = solve_classes((1, 0, 0, 1), rules={"class_size": "off"}, schools=make_schools())
        assert solved.classes == {("A", "1"): (1, 1), ("B", "1"): (1, 1)}

    def test_children_of_a_stage_are_spread_over_its_grades_at_the_school(self):
        # A: 20 are 4, 4, 3, 3, 3, 3; B: 13 are 3, 2, 2, 2, 2, 2
        district = make_district(
            students=(10, 10, 6, 7), schools=rooms(8, 7), policy={"class_size": {"cap": {"primary": 3}}},
            rules={"class_size": "hard", "classrooms": "hard"},
        )  # fmt: skip
        solved = solve_district(district)
        assert [solved.classes["A", str(g)] for g in range(1, 7)] == [(4, 2)] * 2 + [(3, 1)] * 4
        assert [solved.classes["B", str(g)] for g in range(1, 7)] == [(3, 1)] + [(2, 1)] * 5
        # with one room fewer A cannot take 20; 26 of them would need 9 to 12 rooms elsewhere
        tight = replace(district, schools=rooms(7, 6))
        assert solve_district(tight).status == "infeasible"


class TestClassrooms:
    """20 children in each grade-1 class; nobody shares with another school's."""

    def test_hard(self):
        rules = {"class_size": "hard", "classrooms": "hard"}
        solved = solve_classes((20, 20, 20, 20), rules=rules, cap=20, schools=rooms(1, 3))
        assert (solved.schools, solved.values) == ("ABBB", {"travel": 60.0})
        assert solve_classes((20, 20, 20, 20), rules=rules, cap=20, schools=rooms(1, 2)).status == "infeasible"

    def test_soft_counts_a_class_as_a_full_one(self):
        rules = {"class_size": "hard", "classrooms": "soft"}
        solved = solve_classes((20, 20, 20, 20), rules=rules, cap=20, schools=rooms(1, 2))
        assert solved.values["shortage"] == 20.0

    def test_off(self):
        solved = solve_classes((20, 20, 20, 20), rules={"class_size": "hard"}, cap=20, schools=rooms(1, 2))
        assert solved.values == {"travel": 40.0}

    @pytest.mark.parametrize(("given", "status"), [((3, 1), "optimal"), ((2, 1), "infeasible")])
    def test_of_a_stage(self, given, status):
        """A nine-year school: 60 primary children of grade 1 and 20 of grade 7, three rooms for the first."""
        students = {Cohort("primary", "1", "local"): (60, 0, 0, 0), Cohort("junior", "7", "local"): (20, 0, 0, 0)}
        by_stage = {stage: np.array([n, np.nan]) for stage, n in zip(("primary", "junior"), given, strict=True)}
        schools = rooms(4, 0, types=("nine_year", "nine_year"), classrooms_of_stage=by_stage)
        policy = {"class_size": {"cap": {"primary": 20, "junior": 20}}}
        rules = {"class_size": "hard", "classrooms": "hard"}
        instance = {"stages": ["primary", "junior"]}
        district = make_district(students=students, schools=schools, policy=policy, rules=rules, instance=instance)
        assert solve_district(district).status == status

    def test_stages_share_rooms_where_none_are_given_by_stage(self):
        students = {Cohort("primary", "1", "local"): (60, 0, 0, 0), Cohort("junior", "7", "local"): (21, 0, 0, 0)}
        policy = {"class_size": {"cap": {"primary": 20, "junior": 20}}}
        rules = {"class_size": "hard", "classrooms": "hard"}
        kept = {"students": students, "policy": policy, "rules": rules, "instance": {"stages": ["primary", "junior"]}}
        nine_year = ("nine_year", "nine_year")
        assert solve_district(make_district(schools=rooms(5, 0, types=nine_year), **kept)).status == "optimal"
        assert solve_district(make_district(schools=rooms(4, 0, types=nine_year), **kept)).status == "infeasible"


class TestSmallClasses:
    """All 81 children live in U1; A has 2 rooms: classes of 41 and 40, one of the two counts for 40."""

    CHILDREN = (81, 0, 0, 0)

    @classmethod
    def solve(cls, *targets, hardness="hard", a=2, b=0):
        rules = {"class_size": "hard", "classrooms": "hard", "small_classes": hardness}
        targets = [{"max_size": size, "share": share} for size, share in targets]
        return solve_classes(cls.CHILDREN, rules=rules, cap=45, schools=rooms(a, b), targets=targets)

    def test_hard(self):
        solved = self.solve((40, 0.5))
        assert solved.classes == {("A", "1"): (81, 2)}
        assert self.solve((40, 0.51)).status == "infeasible"

    def test_a_further_room_makes_more_small_classes(self):
        # three classes of 27
        assert self.solve((40, 0.51), a=3).classes == {("A", "1"): (81, 3)}

    def test_two_targets_together(self):
        # 3 classes of 27: all at most 35; 2 classes: 41 and 40, none at most 35
        assert self.solve((40, 1.0), (35, 1.0), a=3).classes == {("A", "1"): (81, 3)}
        assert self.solve((40, 0.5), (35, 0.5)).status == "infeasible"
        # 81 = 27 + 27 + 27, none at most 26, but all at most 27
        assert self.solve((40, 1.0), (27, 1.0), a=3).status == "optimal"
        assert self.solve((40, 1.0), (26, 0.3), a=3).status == "infeasible"

    def test_soft_counts_whole_classes_missing(self):
        # of 2 classes 1.02 must be small, so 2; one is: one is missing
        assert self.solve((40, 0.51), hardness="soft").values["small_classes"] == 1.0
        # both are missing to 35, one to 40
        assert self.solve((40, 0.7), (35, 0.8), hardness="soft").values["small_classes"] == 3.0

    def test_off(self):
        assert self.solve((40, 1.0), hardness="off").classes == {("A", "1"): (81, 2)}

    def test_a_share_of_all_classes_of_the_district(self):
        """A: 81 in 2 classes, one small; B: 30 in one small class. Two of three."""
        rules = {"class_size": "hard", "classrooms": "hard", "small_classes": "hard"}
        kept = {"rules": rules, "cap": 45, "schools": rooms(2, 1)}
        share = 0.66
        assert solve_classes((81, 0, 0, 30), targets=[{"max_size": 40, "share": share}], **kept).status == "optimal"
        share = 0.67
        assert solve_classes((81, 0, 0, 30), targets=[{"max_size": 40, "share": share}], **kept).status == "infeasible"

    def test_senior_classes_do_not_count(self):
        students = {Cohort("primary", "1", "local"): (40, 0, 0, 0), Cohort("senior", "10", "local"): (45, 0, 0, 0)}
        policy = {"class_size": {"cap": {"primary": 45, "senior": 45}, "targets": [{"max_size": 40, "share": 1.0}]}}
        schools = rooms(2, 0, types=("twelve_year", "twelve_year"))
        rules = {"class_size": "hard", "classrooms": "hard", "small_classes": "hard"}
        instance = {"stages": ["primary", "senior"]}
        kept = {"policy": policy, "schools": schools, "rules": rules, "instance": instance}
        assert solve_district(make_district(students=students, **kept)).status == "optimal"
        students[Cohort("primary", "1", "local")] = (41, 0, 0, 0)
        assert solve_district(make_district(students=students, **kept)).status == "infeasible"
