"""Kinds of children: told apart where units may be divided, one column where they go together.

U1 and U2 hold 30 local children each, U3 20 local and 10 migrant ones, U4 30 local ones. Only local ones are zoned.
Today U1, U2 and U3 go to A; A takes 75, B 60.
"""

import numpy as np
import pytest
from builders import make_district, make_schools, make_travel, make_units
from solved import solve_district

from models.district import Cohort
from optimizer.formulation import formulate
from optimizer.formulation.formulation import Column
from optimizer.formulation.program import write_program
from optimizer.solve.search import Search

LOCAL, MIGRANT = Cohort("primary", "", "local"), Cohort("primary", "", "migrant")
STUDENTS = {LOCAL: (30, 30, 20, 30), MIGRANT: (0, 0, 10, 0)}
CATEGORIES = {"local": {"zoned": True}, "migrant": {"zoned": False}}
DIVIDED = {"indivisible": "off"}
TODAY = {"U1": "A", "U2": "A", "U3": "A", "U4": "B"}


def make(students=STUDENTS, places=(75.0, 60.0), rules=None, **more):
    schools = make_schools(places=np.array(places))
    return make_district(schools=schools, students=students, categories=CATEGORIES, rules=rules or {}, **more)


def placed(solved):
    rows = solved.plan.assignments[["unit_id", "category", "school_id", "students"]]
    return {(unit, category, school): n for unit, category, school, n in rows.itertuples(index=False)}


class TestDividedUnits:
    def test_zoned_children_stay_before_others(self):
        # 15 of A's 90 must leave: the 10 migrants and 5 of U3's local children, the only ones who count
        solved = solve_district(make(current=TODAY, rules=DIVIDED))
        assert solved.values == {"stability": 5.0, "travel": 75.0}
        of_u3 = {key[1:]: n for key, n in placed(solved).items() if key[0] == "U3"}
        assert of_u3 == {("local", "A"): 15, ("local", "B"): 5, ("migrant", "B"): 10}

    @pytest.mark.parametrize(("share", "status"), [(0.046, "optimal"), (0.045, "infeasible")])
    def test_the_share_that_may_change_counts_zoned_children_alone(self, share, status):
        # 5 of 110 must change: 0.046 allows 5.06 of them, 0.045 no more than 4.95
        policy = {"stability": {"max_share": share}}
        assert (
            solve_district(make(current=TODAY, policy=policy, rules=DIVIDED | {"stability": "hard"})).status == status
        )

    def test_children_outside_their_units_main_school_count_whatever_their_kind(self):
        solved = solve_district(make(current=TODAY, rules={"indivisible": "soft"}, catchments={"change": "free"}))
        # U3 goes to B whole: 20 zoned children change, nobody is apart
        assert solved.values == {"shortage": 0.0, "stability": 20.0, "travel": 60.0}

    @pytest.mark.parametrize("places", [(75.0, 60.0), (90.0, 45.0)])
    def test_where_nothing_tells_kinds_apart_zoned_ones_go_to_the_nearest_school(self, places):
        # B is nearer to U3 and takes 30 or 15 of its children, local ones first
        solved = solve_district(make(places=places, rules=DIVIDED))
        of_u3 = {key[1:]: n for key, n in placed(solved).items() if key[0] == "U3"}
        whole = {("local", "B"): 20, ("migrant", "B"): 10}
        split = {("local", "B"): 15, ("local", "A"): 5, ("migrant", "A"): 10}
        assert of_u3 == (whole if places[1] == 60 else split)

    def test_kinds_share_a_class(self):
        # grade 1 at A: 20 + 25 = 45 children, one class; with one migrant more there is no room
        schools = make_schools(places=np.full(2, np.nan), classrooms=np.array([1.0, 1.0]))
        for migrants, status in ((25, "optimal"), (26, "infeasible")):
            students = {
                Cohort("primary", "1", "local"): (20, 0, 0, 45),
                Cohort("primary", "1", "migrant"): (migrants, 0, 0, 0),
            }
            rules = DIVIDED | {"class_size": "hard", "classrooms": "hard"}
            policy = {"class_size": {"cap": {"primary": 45}}}
            kept = {"students": students, "categories": CATEGORIES, "current": TODAY}
            district = make_district(schools=schools, policy=policy, rules=rules, **kept)
            assert solve_district(district).status == status

    def test_kinds_are_spread_over_the_grades_together(self):
        # 4 + 3 children over six grades: 2, 1, 1, 1, 1, 1, and not 1 + 1, 1 + 1, 1 + 1, 1, 0, 0
        students = {LOCAL: (4, 0, 0, 0), MIGRANT: (3, 0, 0, 0)}
        policy = {"class_size": {"cap": {"primary": 45}}}
        solved = solve_district(make(students, current=TODAY, policy=policy, rules=DIVIDED))
        assert [n for n, _ in solved.classes.values()] == [2, 1, 1, 1, 1, 1]


class TestColumns:
    def test_one_is_enough_where_units_stay_whole(self):
        assert formulate(make(), make_travel(make())).columns == (Column("primary", "", ""),)

    def test_one_is_enough_where_no_rule_tells_kinds_apart(self):
        district = make(rules=DIVIDED)
        assert formulate(district, make_travel(district)).columns == (Column("primary", "", ""),)

    def test_there_is_one_a_kind_where_divided_units_have_a_school_today(self):
        district = make(rules=DIVIDED, current=TODAY)
        assert formulate(district, make_travel(district)).columns == (
            Column("primary", "", "local"),
            Column("primary", "", "migrant"),
        )

    def test_one_kind_makes_the_same_program_told_apart_or_not(self):
        shapes = set()
        for categories in (CATEGORIES, {"local": {"zoned": True}}):
            district = make_district(students=(30, 30, 30, 30), categories=categories, current=TODAY, rules=DIVIDED)
            shapes.add(write_program(formulate(district, make_travel(district))).matrix.shape)
        assert len(shapes) == 1


class TestWholeUnits:
    def test_every_kind_is_written_down(self):
        """U2 and U3 are one estate with children of both kinds."""
        units = make_units(estate=("", "E", "E", ""))
        students = {LOCAL: (30, 5, 7, 30), MIGRANT: (0, 3, 2, 0)}
        solved = solve_district(make(students, units=units, fixed=[("U2", "A", "must")]))
        assert placed(solved) == {
            ("U1", "local", "A"): 30,
            ("U2", "local", "A"): 5,
            ("U2", "migrant", "A"): 3,
            ("U3", "local", "A"): 7,
            ("U3", "migrant", "A"): 2,
            ("U4", "local", "B"): 30,
        }


def test_the_search_counts_every_kind():
    """What it moves are whole units, also where they might be divided."""
    policy = {"class_size": {"cap": {"primary": 45}}}
    students = {
        **STUDENTS,
        Cohort("primary", "1", "local"): (6, 0, 0, 0),
        Cohort("primary", "1", "migrant"): (5, 0, 0, 0),
    }
    district = make(students, current=TODAY, policy=policy, rules=DIVIDED | {"class_size": "hard"})
    f = formulate(district, make_travel(district))
    search = Search(f, 1)
    search.load(np.array([0, 0, 0, 1]))
    assert search.state.enrolment.sum(axis=1).tolist() == [30 + 30 + 30 + 11, 30]
    # B is judged last: 30 over six grades; A: 90 over six grades and 11 more in grade 1
    assert search.board.rules.grades.students.tolist() == [5] * 6
    assert f.grade_sizes(search.state.enrolment).tolist() == [[15 + 11, 15, 15, 15, 15, 15], [5] * 6]
    search.load(np.array([1, 1, 1, 1]))
    assert search.board.rules.grades.students.tolist() == [20 + 11, 20, 20, 20, 20, 20]
