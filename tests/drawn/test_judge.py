"""Drawn plans judged, by hand: a row of four units a kilometre apart, A stands in U1, B in U4.

Nothing is refused: what a plan breaks is told and counted.
"""

import numpy as np
import pandas as pd
import pytest
from admission import CATEGORIES, TODAY, make_entry_district
from builders import make_district, make_schools, make_travel
from solved import solve_district

from models.district import Cohort, District
from models.outcome import Status
from models.run import Shortfall
from optimizer.digest import Exhibit
from optimizer.drawn import Drawing, judge_drawing
from optimizer.drawn.drawing import hold

LOCAL, MIGRANT = (Cohort("primary", "1", kind) for kind in ("local", "migrant"))


def judge(district: District, schools: dict[str, str] | str) -> Exhibit:
    """`schools` are letters a unit: "AABB", or by unit, several for a shared catchment."""
    by_unit = schools if isinstance(schools, dict) else dict(zip(district.units.ids, schools, strict=True))
    rows = [(unit, "primary", letter) for unit, letters in by_unit.items() for letter in letters]
    held = hold(district, pd.DataFrame(rows, columns=["unit_id", "stage", "school_id"]))
    return judge_drawing(district, make_travel(district), Drawing("Plan 1", "Plan 1", "plans.csv", held))


def hard(exhibit: Exhibit) -> list[tuple[str, str, float, float]]:
    """Rule, where, value and breach of every hard rule that is broken."""
    return [(each.rule, each.where, each.value, each.breach) for each in exhibit.stored.shortfalls if each.is_fault]


def levels(exhibit: Exhibit) -> dict[str, float]:
    return {level["name"]: level["value"] for level in exhibit.record["levels"]}


def seats(exhibit: Exhibit) -> dict[tuple[str, str, str], int]:
    rows = exhibit.stored.tables["assignments"]
    return {(row.unit_id, row.category, row.school_id): row.students for row in rows.itertuples()}


def admit(students: dict[Cohort, tuple[int, ...]], places: float = 60.0, **sections: object) -> District:
    stated = {"rules": {"overflow": "soft"}, "objective": {"order": ["overflow", "travel"]}} | sections
    return make_district(
        students=students,
        schools=make_schools(places=np.full(2, places)),
        current=TODAY,
        instance={"mode": "entry"},
        categories=CATEGORIES,
        **stated,
    )


def test_a_plan_is_judged_as_a_run_that_nobody_searched_for() -> None:
    """Nobody of U1 and U4 has a way; 30 children of U2 and of U3 go one kilometre each."""
    exhibit = judge(make_district(), "AABB")
    assert exhibit.stored.status == Status.DRAWN
    assert (exhibit.title("en"), exhibit.record["scenario"]) == ("Plan 1", "base")
    assert exhibit.record["levels"] == [{"name": "travel", "value": 60.0, "bound": None, "gap": None}]
    assert exhibit.record["drawing"] == {"name": "Plan 1", "file": "plans.csv", "filled": {}}
    assert (hard(exhibit), exhibit.stored.plan.student_km) == ([], 60.0)
    assert exhibit.basis.levels == {"travel": 60.0}
    assert exhibit.index("mean_m", "primary") == pytest.approx(500.0)


def test_children_beyond_the_places_are_counted() -> None:
    exhibit = judge(make_district(), "AAAB")
    assert hard(exhibit) == [("places", "A", 90, 30)]
    assert levels(exhibit) == {"travel": 30 + 60}


def test_pieces_are_told() -> None:
    """U3 belongs to A, with which it has no border; so U2 stands apart from B."""
    assert [(rule, where, value) for rule, where, value, _ in hard(judge(make_district(), "ABAB"))] == [
        ("contiguous", "A", 2),
        ("contiguous", "B", 2),
    ]


def test_the_children_of_a_shared_catchment_go_where_places_are_left() -> None:
    """U1 fills 30 of 40 places of A: ten of U2 are nearer there, the other 20 go to B, which has 20 left of 80."""
    shared = {"U1": "A", "U2": "AB", "U3": "B", "U4": "B"}
    schools = make_schools(places=np.array([40.0, 80.0]))
    exhibit = judge(make_district(schools=schools, current=shared), shared)
    assert seats(exhibit)["U2", "local", "A"] == 10
    assert seats(exhibit)["U2", "local", "B"] == 20
    assert hard(exhibit) == []
    tight = make_district(schools=make_schools(places=np.array([40.0, 70.0])), current=shared)
    assert hard(judge(tight, shared)) == [("places", "A", 50, 10)], "whoever finds no place goes to the nearest"


def test_classes_are_the_fewest_and_rooms_may_be_short() -> None:
    """60 children at A are ten a grade: one class each, six classes in four rooms."""
    policy = {"class_size": {"cap": {"primary": 20}}}
    schools = make_schools(classrooms=np.array([4.0, 6.0]))
    rules = {"classrooms": "hard", "class_size": "hard"}
    exhibit = judge(make_district(schools=schools, policy=policy, rules=rules), "AABB")
    assert exhibit.stored.tables["classes"].groupby("school_id")["classes"].sum().to_dict() == {"A": 6, "B": 6}
    assert hard(exhibit) == [("classrooms", "A", 6, 2)]


def test_a_unit_without_children_joins_the_nearest_catchment_beside_it() -> None:
    exhibit = judge(make_district(students=(30, 30, 0, 30)), {"U1": "A", "U2": "A", "U4": "B"})
    assert exhibit.record["drawing"]["filled"] == {"primary": ["U3"]}
    assert exhibit.stored.tables["catchments"]["school_id"].tolist() == ["A", "A", "B", "B"]


def test_mode_entry_places_elsewhere_whoever_finds_no_place() -> None:
    """70 children belong to A, which has 60 places: ten of U2 are nearer to B than those of U1."""
    exhibit = judge(admit({LOCAL: (30, 40, 20, 20)}), "AABB")
    assert levels(exhibit) == {"overflow": 10, "travel": 30 + 20 + 20}
    assert seats(exhibit)["U2", "local", "B"] == 10
    (row,) = exhibit.stored.tables["coordination"].to_dict("records")
    assert (row["catchment_school_id"], row["to_school_id"], row["students"]) == ("A", "B", 10)
    assert hard(exhibit) == []


def test_mode_entry_without_room_breaks_it_as_little_as_may_be() -> None:
    """110 children for 100 places: ten are too many wherever they sit."""
    exhibit = judge(admit({LOCAL: (30, 40, 20, 20)}, places=50.0), "AABB")
    assert [(rule, breach) for rule, _, _, breach in hard(exhibit)] == [("places", 10)]


def test_mode_entry_where_nobody_may_sit_elsewhere_breaks_the_places_of_the_catchment() -> None:
    exhibit = judge(admit({LOCAL: (30, 40, 20, 20)}, rules={"overflow": "hard"}), "AABB")
    assert hard(exhibit) == [("places", "A", 70, 10)]
    assert exhibit.stored.tables["coordination"].empty


def test_mode_entry_seats_who_has_no_school_within_reach() -> None:
    """Unzoned children of U2 live a kilometre from A, and no school is within 500 m of them."""
    policy = {"travel": {"max_m": {"primary": 500}}}
    rules = {"overflow": "soft", "max_travel": "hard"}
    district = admit({LOCAL: (10, 0, 0, 10), MIGRANT: (0, 5, 0, 0)}, policy=policy, rules=rules)
    exhibit = judge(district, "AABB")
    assert seats(exhibit)["U2", "migrant", "A"] == 5
    assert hard(exhibit) == [("max_travel", "U2", 1000, 5)]


def test_a_child_who_gives_way_to_a_guest_is_told_of() -> None:
    """The five unzoned children of U1 reach A alone, which 65 zoned ones want: ten of these sit at B, five for them."""
    policy = {"travel": {"max_m": {"primary": 2000}}}
    rules = {"overflow": "soft", "max_travel": "hard"}
    district = admit({LOCAL: (30, 35, 0, 30), MIGRANT: (5, 0, 0, 0)}, policy=policy, rules=rules)
    exhibit = judge(district, "AABB")
    assert seats(exhibit)["U1", "migrant", "A"] == 5
    assert hard(exhibit) == [("overflow", "A", 5, 5)]


def shortfalls(found: tuple[Shortfall, ...]) -> set[tuple[object, ...]]:
    return {tuple(vars(each).values()) for each in found}


@pytest.mark.parametrize(
    "district",
    [
        make_district(students=(50, 20, 20, 10)),
        make_district(
            students=(50, 20, 20, 10),
            policy={"class_size": {"cap": {"primary": 20}}},
            schools=make_schools(classrooms=np.full(2, 12.0)),
        ),
    ],
)
def test_catchments_that_were_found_are_judged_as_they_were(district: District) -> None:
    solved = solve_district(district)
    exhibit = judge(district, solved.schools)
    plan = exhibit.stored.plan
    pd.testing.assert_frame_equal(plan.assignments, solved.plan.assignments, check_dtype=False)
    pd.testing.assert_frame_equal(plan.classes, solved.plan.classes, check_dtype=False)
    assert shortfalls(exhibit.stored.shortfalls) == shortfalls(solved.shortfalls)
    assert levels(exhibit) == solved.values


def test_today_in_an_admission_year_with_continuing_classes() -> None:
    """Ten enter in each unit, 100 continue at each school."""
    district = make_entry_district(policy={"class_size": {"cap": {"primary": 45}}})
    exhibit = judge(district, "AABB")
    table = exhibit.stored.tables["schools"].set_index("school_id")
    assert (table.loc["A", "students"], table.loc["A", "classes"]) == (120, 6)
    assert hard(exhibit) == []


def test_levels_are_those_that_a_plan_can_be_worse_in() -> None:
    """The 30 children of U2 change school and go two kilometres; B has 30 too many."""
    order = {"order": ["shortage", "stability", "travel"]}
    asked = {"current": TODAY, "objective": order, "rules": {"places": "soft"}}
    assert levels(judge(make_district(**asked), "ABBB")) == {"shortage": 30, "stability": 30, "travel": 60 + 30}
    assert levels(judge(make_district(objective=order), "ABBB")) == {"travel": 60 + 30}
