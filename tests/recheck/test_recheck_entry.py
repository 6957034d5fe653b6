"""Mode `entry` judged by hand: what continues, what is inherited, who sits where. The district is in admission.py.

U1  U2  U3  U4      10 local children each enter; A in U1, B in U4; 100 children continue at each in five classes.
"""

from dataclasses import replace

import numpy as np
import pytest
from admission import LAST_YEAR, TODAY, at_home, make_entry_district, make_entry_plan
from builders import make_schools, make_travel, make_units

from optimizer.recheck import describe_shortfall, recheck_plan

TRACKS = {"tracks": "hard"}
STUDENTS = {"local": (10, 10, 10, 10), "migrant": (0, 6, 0, 0)}


def judge(district, seats=None, *, spoil=lambda plan: plan, travel=None, **tables):
    travel = travel or make_travel(district)
    plan = make_entry_plan(district, travel, at_home(district) if seats is None else seats, **tables)
    return recheck_plan(district, travel, spoil(plan))


def found(shortfalls):
    return [(s.rule, s.kind, s.where, s.value, s.limit, s.breach, s.before, s.inherited) for s in shortfalls]


def names(shortfalls):
    return {(s.rule, s.kind, s.where) for s in shortfalls if s.is_fault}


def schools_of(**more):
    return make_schools(**({"places": np.full(2, 200.0)} | more))


def last_year(changed):
    """The return with some rows changed: (school, grade) to children and classes."""
    return [(a, s, g, *changed.get((a, g), (n, k))) for a, s, g, n, k in LAST_YEAR]


def test_a_year_in_which_nobody_enters():
    assert judge(make_entry_district(students={"local": (0, 0, 0, 0)}), classes=()) == ()


def test_a_plan_that_keeps_every_rule_has_no_shortfall():
    assert judge(make_entry_district(rules={"tracks": "hard", "classrooms": "hard"})) == ()


class TestStock:
    def test_a_continuing_class_is_last_year_s(self):
        def cell(row, column, value):
            def spoil(plan):
                classes = plan.classes.copy()
                classes.loc[row, column] = value
                return replace(plan, classes=classes)

            return spoil

        # row 2 is grade 2 of A: 20 children in one class
        assert ("continuing", "students", "A", 19, 20, 1, None, False) in found(
            judge(make_entry_district(), spoil=cell(2, "students", 19))
        )
        assert ("continuing", "classes", "A") in names(judge(make_entry_district(), spoil=cell(2, "classes", 2)))

    def test_a_continuing_class_left_out(self):
        shortfalls = judge(make_entry_district(), spoil=lambda plan: replace(plan, classes=plan.classes.drop(6)))
        assert names(shortfalls) == {("continuing", "students", "A"), ("continuing", "classes", "A")}

    def test_entry_classes_hold_who_is_seated(self):
        def spoil(plan):
            classes = plan.classes.copy()
            classes.loc[0, ["students", "largest_class"]] = 18
            return replace(plan, classes=classes)

        assert found(judge(make_entry_district(), spoil=spoil)) == [("spread", "", "A", 18, 20, 2, None, False)]

    def test_nobody_else_enters(self):
        def spoil(plan):
            classes = plan.classes.copy()
            classes.loc[0, "grade"] = "3"
            return replace(plan, classes=classes)

        assert [s[:2] for s in found(judge(make_entry_district(), spoil=spoil))] == [("spread", "")] * 2


class TestInherited:
    """120 children at A: 100 who continue and 20 who enter; last year it had 130, this plan makes it fewer."""

    def test_places(self):
        of = lambda places: found(judge(make_entry_district(schools=schools_of(places=np.array([places, 200.0])))))  # noqa: E731
        assert of(120.0) == []
        assert of(119.0) == [("places", "", "A", 120, 119, 1, 130, True)]

    def test_above_last_year_is_a_new_breach(self):
        """15 children a unit: A holds 130 as last year; 16 make it 132, two beyond it."""
        schools = schools_of(places=np.array([119.0, 200.0]))
        assert found(judge(make_entry_district(schools=schools, students={"local": (15,) * 4}))) == [
            ("places", "", "A", 130, 119, 11, 130, True)
        ]
        worse = judge(make_entry_district(schools=schools, students={"local": (16,) * 4}))
        assert found(worse) == [("places", "", "A", 132, 119, 2, 130, False)]
        assert worse[0].is_fault

    def test_strict_judges_everything(self):
        district = make_entry_district(schools=schools_of(places=np.array([119.0, 200.0])), rules={"strict": True})
        assert found(judge(district)) == [("places", "", "A", 120, 119, 1, None, False)]

    def test_places_of_a_stage(self):
        schools = schools_of(places_of_stage={"primary": np.array([110.0, np.nan])})
        assert found(judge(make_entry_district(schools=schools))) == [("places", "", "A", 120, 110, 10, 130, True)]

    def test_school_size(self):
        policy, rules = {"school_size": {"cap": {"primary": 119}}}, {"school_size": "hard"}
        assert found(judge(make_entry_district(policy=policy, rules=rules))) == [
            ("school_size", "", "A", 120, 119, 1, 130, True),
            ("school_size", "", "B", 120, 119, 1, 130, True),
        ]

    def test_rooms(self):
        """Six classes stood last year; five continue. One enters: inherited in five rooms. Two enter: one beyond."""
        district = make_entry_district(
            schools=schools_of(classrooms=np.array([5.0, 9.0])), rules={"classrooms": "hard"}
        )
        assert found(judge(district)) == [("classrooms", "", "A", 6, 5, 1, 6, True)]
        assert found(judge(district, classes=[("A", 2), ("B", 1)])) == [("classrooms", "", "A", 7, 5, 1, 6, False)]

    def test_a_class_that_continues(self):
        """Grade 4 of last year had 53 in a class of at most 45: it is grade 5 now. The entry class is judged."""
        policy = {"class_size": {"cap": {"primary": 45}}}
        district = make_entry_district(enrolled=last_year({("A", "4"): (53, 1)}), policy=policy,
                                       rules={"class_size": "hard"})  # fmt: skip
        inherited = ("class_size", "", "A", 53, 45, 8, 53, True)
        assert found(judge(district)) == [inherited]
        crowded = replace(district, demand=replace(district.demand, students=district.demand.students + 13))
        assert found(judge(crowded)) == [
            ("class_size", "", "A", 46, 45, 1, None, False), ("class_size", "", "B", 46, 45, 1, None, False), inherited,
        ]  # fmt: skip
        strict = make_entry_district(enrolled=last_year({("A", "4"): (53, 1)}), policy=policy,
                                     rules={"class_size": "hard", "strict": True})  # fmt: skip
        assert found(judge(strict)) == [("class_size", "", "A", 53, 45, 8, None, False)]

    @pytest.mark.parametrize(("schools", "inherited"), [("AABB", True), ("AAAB", False)])
    def test_the_way_to_a_school_that_is_kept(self, schools, inherited):
        """U2 and U3 are 1,000 m from their school of today, U3 is 2,000 m from A."""
        district = make_entry_district(policy={"travel": {"max_m": {"primary": 999}}}, rules={"max_travel": "hard"})
        new = dict(zip(TODAY, schools, strict=True))
        shortfalls = judge(district, at_home(district, new), catchments=new)
        told = [("max_travel", "U2", 1000, 10, 1000, True)]
        if inherited:
            told = [*told, ("max_travel", "U3", 1000, 10, 1000, True)]
        else:
            told = [("max_travel", "U3", 2000, 10, None, False), *told]
        assert [(s.rule, s.where, s.value, s.breach, s.before, s.inherited) for s in shortfalls] == told

    def test_where_everything_is_redrawn_no_way_is_inherited(self):
        district = make_entry_district(
            policy={"travel": {"max_m": {"primary": 999}}},
            rules={"max_travel": "hard"},
            catchments={"change": "free"},
        )
        assert names(judge(district)) == {("max_travel", "", "U2"), ("max_travel", "", "U3")}

    def test_pieces_of_a_catchment(self):
        """Today A holds U1 and U3, B the others: two pieces each. To hold U1, U3 and nothing between is no worse."""
        today = {"U1": "A", "U2": "B", "U3": "A", "U4": "B"}
        district = make_entry_district(current=today, units=make_units())
        kept = judge(district, at_home(district, today), catchments=today)
        assert found(kept) == [
            ("contiguous", "pieces", "A", 2, 1, 10, 2, True),
            ("contiguous", "pieces", "B", 2, 1, 10, 2, True),
        ]
        in_pieces = {("contiguous", "pieces", "A"), ("contiguous", "pieces", "B")}
        redrawn = make_entry_district(current=today, catchments={"change": "free"})
        assert names(judge(redrawn, at_home(redrawn, today), catchments=today)) == in_pieces
        district = make_entry_district(current=TODAY)
        assert names(judge(district, at_home(district, today), catchments=today)) == in_pieces

    def test_an_estate_that_is_divided_today(self):
        district = make_entry_district()
        district = replace(district, units=make_units(estate=("", "E", "E", "")))
        assert found(judge(district)) == [("indivisible", "estate", "E", 2, 1, 10, 2, True)]
        new = dict(zip(TODAY, "ABAB", strict=True))
        assert ("indivisible", "estate", "E") in names(judge(district, at_home(district, new), catchments=new))

    def test_a_shared_catchment_is_judged_with_what_its_schools_hold_alone(self):
        """U2 and U3 belong to both schools: U1-U3 and U2-U4 are one piece each."""
        shared = {"U1": "A", "U2": "AB", "U3": "AB", "U4": "B"}
        district = make_entry_district(current=shared)
        assert judge(district, at_home(district, shared), catchments=shared) == ()


class TestTracks:
    def test_as_stated(self):
        schools = schools_of(classes_per_grade={"primary": np.array([1.0, np.nan])})
        district = make_entry_district(schools=schools, rules=TRACKS)
        assert judge(district) == ()
        assert found(judge(district, classes=[("A", 2), ("B", 2)])) == [("tracks", "", "A", 2, 1, 1, None, False)]

    def test_rooms_by_grades_rounded_down(self):
        """11 rooms by six grades: one track. Of a nine-year school 26 rooms by nine grades: two."""
        schools = schools_of(classrooms=np.array([11.0, 26.0]), types=("primary", "nine_year"))
        district = make_entry_district(schools=schools, rules=TRACKS, policy={"tracks": {"horizon": 1}})
        assert judge(district, classes=[("A", 1), ("B", 2)]) == ()
        assert names(judge(district, classes=[("A", 2), ("B", 3)])) == {("tracks", "", "A"), ("tracks", "", "B")}

    def test_rooms_of_the_stage_come_first(self):
        schools = schools_of(classrooms_of_stage={"primary": np.array([12.0, np.nan])}, types=("nine_year",) * 2)
        district = make_entry_district(schools=schools, rules=TRACKS)
        assert judge(district, classes=[("A", 2), ("B", 9)]) == ()
        assert ("tracks", "", "A") in names(judge(district, classes=[("A", 3), ("B", 1)]))

    def test_like_classes_in_the_years_to_come(self):
        """Stated are three tracks, eight rooms. Two enter a year beside 5, 4, 3 that continue: 7, 8, 9 classes."""
        schools = schools_of(classrooms=np.array([8.0, np.nan]), classes_per_grade={"primary": np.array([3.0, np.nan])})
        two = [("A", 2), ("B", 1)]
        near = make_entry_district(schools=schools, rules=TRACKS, policy={"tracks": {"horizon": 2}})
        assert judge(near, classes=two) == ()
        far = make_entry_district(schools=schools, rules=TRACKS, policy={"tracks": {"horizon": 3}})
        shortfalls = judge(far, classes=two)
        assert found(shortfalls) == [("tracks", "horizon", "A", 9, 8, 1, None, False)]
        assert shortfalls[0].detail == "2029"

    def test_as_many_classes_as_last_year_are_no_breach(self):
        """Five rooms for last year's six classes; one enters a year, six stay."""
        schools = schools_of(classrooms=np.array([5.0, np.nan]), classes_per_grade={"primary": np.array([1.0, np.nan])})
        assert judge(make_entry_district(schools=schools, rules=TRACKS)) == ()
        strict = make_entry_district(schools=schools, rules=TRACKS | {"strict": True})
        assert names(judge(strict)) == {("tracks", "horizon", "A")}


class TestSmallClasses:
    """41 enter A and 40 B, a class each; ten classes of 20 continue. Half of the decided ones have at most 40."""

    @pytest.mark.parametrize(("apply", "share", "missing"), [("decided", 0.5, 0), ("decided", 0.6, 1), ("all", 0.9, 0)])
    def test_what_counts(self, apply, share, missing):
        targets = {"targets": [{"max_size": 40, "share": share}], "targets_apply": apply}
        district = make_entry_district(
            students={"local": (41, 0, 0, 40)}, policy={"class_size": targets}, rules={"small_classes": "hard"}
        )
        assert [(s.rule, s.breach) for s in judge(district)] == [("small_classes", 1)] * missing


class TestSeats:
    """U1 and U2 have 10 local children each, U2 has 6 migrant ones as well."""

    def seats(self, moved, guests_at="A"):
        """`moved` local children of U2 sit at B; all migrant children of U2 at one school."""
        return [
            ("U1", "local", "A", 10), ("U2", "local", "A", 10 - moved), ("U2", "local", "B", moved),
            ("U3", "local", "B", 10), ("U4", "local", "B", 10), ("U2", "migrant", guests_at, 6),
        ]  # fmt: skip

    def test_coordination_is_told_and_not_counted(self):
        district = make_entry_district(students=STUDENTS)
        rows = [("A", "U2", "local", "B", 3), ("A", "U2", "migrant", "B", 6)]
        shortfalls = judge(district, self.seats(3, "B"), coordination=rows)
        assert [(s.hardness, s.detail) for s in shortfalls] == [("soft", "B")]
        assert found(shortfalls) == [("overflow", "elsewhere", "A", 3, 0, 0, None, False)]

    def test_where_overflow_is_hard_nobody_leaves(self):
        district = make_entry_district(students=STUDENTS, rules={"overflow": "hard"})
        rows = [("A", "U2", "local", "B", 3), ("A", "U2", "migrant", "B", 6)]
        assert found(judge(district, self.seats(3, "B"), coordination=rows)) == [
            ("overflow", "elsewhere", "A", 3, 0, 3, None, False)
        ]
        unzoned_alone = [("A", "U2", "migrant", "B", 6)]
        assert judge(district, self.seats(0, "B"), coordination=unzoned_alone) == ()

    def test_a_seat_outside_without_its_row(self):
        district = make_entry_district(students=STUDENTS)
        rows = [("A", "U2", "local", "B", 2), ("A", "U2", "migrant", "B", 6)]
        shortfalls = judge(district, self.seats(3, "B"), coordination=rows)
        assert ("coordination", "", "U2", 2, 3, 1, None, False) in found(shortfalls)
        rows = [("A", "U2", "local", "B", 3), ("A", "U2", "migrant", "B", 6), ("A", "U1", "local", "B", 1)]
        assert names(judge(district, self.seats(3, "B"), coordination=rows)) == {("coordination", "", "U1")}

    def test_whose_catchment_it_was_and_how_far(self):
        district = make_entry_district(students=STUDENTS)
        rows = [("B", "U2", "local", "B", 3), ("A", "U2", "migrant", "B", 6)]
        assert names(judge(district, self.seats(3, "B"), coordination=rows)) == {("coordination", "from", "U2")}

        def spoil(plan):
            return replace(plan, coordination=plan.coordination.assign(metres=[2000, 1990]))

        rows = [("A", "U2", "local", "B", 3), ("A", "U2", "migrant", "B", 6)]
        shortfalls = judge(district, self.seats(3, "B"), coordination=rows, spoil=spoil)
        assert [(s.kind, s.value, s.limit) for s in shortfalls if s.is_fault] == [("metres", 1990, 2000)]

    @pytest.mark.parametrize("overflow", ["soft", "hard"])
    def test_nobody_zoned_is_displaced(self, overflow):
        """Six migrant children sit at A while three local ones of its catchment sit at B."""
        district = make_entry_district(students=STUDENTS, rules={"overflow": overflow})
        shortfalls = judge(district, self.seats(3), coordination=[("A", "U2", "local", "B", 3)])
        assert ("overflow", "displaced", "A", 6, 3, 3, None, False) in found(shortfalls)
        assert all(s.is_fault for s in shortfalls if s.kind == "displaced")

    def test_a_placed_child_displaces_nobody(self):
        students = {"local": (10, 10, 10, 10), "special": (0, 2, 0, 0)}
        district = make_entry_district(students=students, decided=[("U2", "A", "must")])
        seats = [*self.seats(3)[:-1], ("U2", "special", "A", 2)]
        assert names(judge(district, seats, coordination=[("A", "U2", "local", "B", 3)])) == set()

    def test_children_of_a_shared_catchment_sit_at_either_school(self):
        shared = TODAY | {"U2": "AB"}
        district = make_entry_district(students=STUDENTS, current=shared)
        assert judge(district, self.seats(3), catchments=shared) == ()

    def test_the_catchment_of_a_shared_one_is_the_nearest_school_s(self):
        """U2 is shared by A (1 km) and B (2 km); its migrant children sit at C, which stands in U3."""
        schools = make_schools({"A": 0, "B": 3, "C": 2}, places=np.full(3, 200.0))
        shared = {"U1": "A", "U2": "AB", "U3": "C", "U4": "B"}
        district = make_entry_district(
            students={"migrant": (0, 6, 0, 0)}, schools=schools, current=shared, catchments={"contiguous": False}
        )
        seats, classes = [("U2", "migrant", "C", 6)], [("C", 1)]
        rows = [("A", "U2", "migrant", "C", 6)]
        assert judge(district, seats, catchments=shared, coordination=rows, classes=classes) == ()
        rows = [("B", "U2", "migrant", "C", 6)]
        shortfalls = judge(district, seats, catchments=shared, coordination=rows, classes=classes)
        assert names(shortfalls) == {("coordination", "from", "U2")}

    def test_every_category_is_placed(self):
        district = make_entry_district(students=STUDENTS)
        seats = [*self.seats(0)[:-1], ("U2", "migrant", "A", 5)]
        shortfalls = judge(district, seats)
        assert [(s.where, s.value, s.limit, s.detail) for s in shortfalls] == [("U2", 5, 6, "migrant")]

    def test_placed_children_sit_where_it_was_decided(self):
        """U1's two special children go to B, where the committee sent them; no row of coordination, none needed."""
        students = {"local": (10, 10, 10, 10), "special": (2, 0, 0, 0)}
        district = make_entry_district(students=students, decided=[("U1", "B", "must")])
        seats = [seat for seat in at_home(district) if seat[1] == "local"]
        assert judge(district, [*seats, ("U1", "special", "B", 2)]) == ()
        shortfalls = judge(district, [*seats, ("U1", "special", "A", 2)])
        assert [(s.kind, s.where, s.value, s.detail) for s in shortfalls] == [("seat", "U1", 2, "A")]
        barred = make_entry_district(students=students, decided=[("U1", "A", "never")])
        assert names(judge(barred, [*seats, ("U1", "special", "A", 2)])) == {("fixed", "seat", "U1")}

    def test_the_way_to_a_decided_seat_is_no_fault_of_the_plan(self):
        students = {"local": (10, 0, 0, 10), "special": (2, 0, 0, 0)}
        district = make_entry_district(
            students=students,
            decided=[("U1", "B", "must")],
            policy={"travel": {"max_m": {"primary": 2000}}},
            rules={"max_travel": "hard"},
        )
        seats = [seat for seat in at_home(district) if seat[1] == "local"]
        shortfalls = judge(district, [*seats, ("U1", "special", "B", 2)])
        assert [(s.rule, s.value, s.inherited, s.before) for s in shortfalls] == [("max_travel", 3000, True, None)]

    def test_a_special_school_takes_placed_children_alone(self):
        schools = make_schools(
            {"A": 0, "B": 3, "S": 1}, places=np.full(3, 200.0), types=("primary",) * 2 + ("special",)
        )
        students = {"local": (10, 10, 10, 10), "special": (2, 0, 0, 0)}
        district = make_entry_district(schools=schools, students=students, decided=[("U1", "S", "must")])
        seats, classes = [seat for seat in at_home(district) if seat[1] == "local"], [("A", 1), ("B", 1), ("S", 1)]
        assert judge(district, [*seats, ("U1", "special", "S", 2)], classes=classes) == ()
        local = [("U1", "local", "S", 10), *seats[1:], ("U1", "special", "S", 2)]
        rows = [("A", "U1", "local", "S", 10)]
        assert ("assigned", "receiving", "S") in names(judge(district, local, classes=classes, coordination=rows))

    @pytest.mark.parametrize(("bought", "fault"), [(6.0, False), (5.0, True), (np.nan, True)])
    def test_a_private_school_takes_no_more_than_was_purchased(self, bought, fault):
        schools = make_schools(
            {"A": 0, "B": 3, "P": 2},
            places=np.full(3, 200.0),
            private=np.array([False, False, True]),
            purchased_places=np.array([np.nan, np.nan, bought]),
        )
        district = make_entry_district(schools=schools, students=STUDENTS)
        shortfalls = judge(district, self.seats(0, "P"), classes=[("A", 1), ("B", 1), ("P", 1)],
                           coordination=[("A", "U2", "migrant", "P", 6)])  # fmt: skip
        assert names(shortfalls) == ({("assigned", "private", "P")} if fault else set())


def test_who_is_placed_elsewhere_still_belongs_to_today_s_catchment():
    """Nobody changes school although three children of U2 sit at B; U3 given to A makes it 10 of 40, two allowed."""
    policy, rules = {"stability": {"max_share": 0.05}}, {"stability": "hard"}
    district = make_entry_district(policy=policy, rules=rules)
    seats = [*at_home(district)[:1], ("U2", "local", "A", 7), ("U2", "local", "B", 3), *at_home(district)[2:]]
    assert names(judge(district, seats, coordination=[("A", "U2", "local", "B", 3)])) == set()
    new = TODAY | {"U3": "A"}
    assert found(judge(district, at_home(district, new), catchments=new)) == [
        ("stability", "", "", 10, 2, 8, None, False)
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_inherited_is_said(language):
    schools = schools_of(places=np.array([119.0, 200.0]), classrooms=np.array([5.0, 9.0]))
    crowded = make_entry_district(schools=schools, students={"local": (16,) * 4}, rules={"classrooms": "hard"})
    said = [describe_shortfall(shortfall, language) for shortfall in judge(crowded)]
    assert len(said) == 2
    assert all("{" not in sentence for sentence in said)
    if language == "en":
        assert said == [
            "A (all stages) holds 132 children; places: 119; 2 too many. It was 130 before this plan.",
            "A (all stages) runs 6 classes in 5 rooms. It was 6 before this plan (inherited).",
        ]
