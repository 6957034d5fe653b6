"""How often schools overflow under a fixed plan, counted by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from admission import make_entry_district
from builders import make_district, make_plan, make_schools, make_travel

from models.district import Cohort, Demand, District, Travel
from models.plan import CATCHMENT_COLUMNS, Plan
from optimizer.draws import Draws, Overflows, Spread, count_overflows, draw_demand
from optimizer.draws.overflows import find_interval, mean_of_worst
from optimizer.formulation import formulate
from optimizer.formulation.room import find_room
from optimizer.solve.seats import take_seats

# Children of U1 to U4 in four draws.
FOUR = [(30, 30, 30, 30), (31, 30, 30, 30), (40, 30, 30, 20), (20, 20, 35, 35)]


def drawn(*rows: tuple[int, ...]) -> Draws:
    return Draws(np.array(rows, dtype=np.int64)[:, :, None], 1, Spread())


def planned(district: District, schools: str, *more: tuple[str, str]) -> tuple[Travel, Plan]:
    """A plan with a letter a unit, and further rows of unit and school for units that are shared."""
    travel = make_travel(district)
    plan = make_plan(district, travel, schools)
    extra = pd.DataFrame([(unit, "primary", school) for unit, school in more], columns=list(CATCHMENT_COLUMNS))
    return travel, replace(plan, catchments=pd.concat([plan.catchments, extra]))


def of_school(found: Overflows, school: str, stage: str = "primary") -> dict[str, float]:
    rows = found.schools[(found.schools["school_id"] == school) & (found.schools["stage"] == stage)]
    return rows.iloc[0].to_dict()


def test_a_school_overflows_in_the_draws_in_which_its_catchment_is_beyond_its_places() -> None:
    district = make_district()
    travel, plan = planned(district, "AABB")
    found = count_overflows(district, travel, plan, drawn(*FOUR), tail=0.25)
    # A has U1 and U2: 60, 61, 70, 40 children for 60 places; B 60, 60, 50, 70.
    assert found.beyond.tolist() == [0, 1, 10, 10]
    a, b = of_school(found, "A"), of_school(found, "B")
    assert (a["children"], a["times"], a["frequency"], a["mean"], a["when"], a["worst"]) == (60, 2, 0.5, 2.75, 5.5, 10)
    assert (b["times"], b["frequency"], b["mean"], b["when"], b["worst"]) == (1, 0.25, 2.5, 10, 10)
    assert (found.mean, found.worst) == (5.25, 10)
    # U1 and U4 live at their school, U2 and U3 a kilometre from it.
    assert found.student_km.tolist() == [60, 60, 60, 55]


def test_a_school_that_never_overflows_has_no_size_of_its_overflow() -> None:
    district = make_district(students=(10, 10, 10, 10))
    travel, plan = planned(district, "AABB")
    found = count_overflows(district, travel, plan, draw_demand(district, 30, 1, Spread(0.1)))
    assert not found.beyond.any()
    assert np.isnan(of_school(found, "A")["when"])
    assert of_school(found, "A")["low"] == 0.0


def test_children_of_a_shared_unit_fill_the_nearest_school_and_go_on() -> None:
    district = make_district()
    travel, plan = planned(district, "AABB", ("U2", "B"))
    found = count_overflows(district, travel, plan, drawn((40, 30, 25, 30), (40, 30, 30, 30), (20, 20, 30, 30)))
    # U2 is one kilometre from A, two from B. Draw 1: A has 70, ten go on, B has 55 + 10: 5 beyond. Draw 2: 10 beyond.
    assert found.beyond.tolist() == [5, 10, 0]
    assert of_school(found, "A")["times"] == 0
    assert of_school(found, "B")["mean"] == 5.0
    # Draw 1: 20 of U2 walk 1 km, 10 walk 2 km, 25 of U3 walk 1 km.
    assert found.student_km.tolist() == [20 + 20 + 25, 20 + 20 + 30, 20 + 30]


def test_continuing_children_and_placed_ones_have_their_seats_first() -> None:
    # 100 children continue at A, which has 130 places; one special child sits at A. So 29 zoned ones find room.
    schools = make_schools(places=np.array([130.0, 300.0]))
    students = {"local": (20, 20, 10, 10), "migrant": (50, 0, 0, 0), "special": (1, 0, 0, 0)}
    district = make_entry_district(schools=schools, students=students, decided=[("U1", "A", "must")])
    travel, plan = planned(district, "AABB")
    found = count_overflows(district, travel, plan, draw_demand(district, 3, 1, Spread(0.0)))
    assert found.beyond.tolist() == [11, 11, 11]
    assert of_school(found, "A")["children"] == 40


def test_rooms_times_class_cap_bound_a_school_that_has_no_places() -> None:
    schools = make_schools(places=np.full(2, np.nan), classrooms=np.array([7.0, 20.0]))
    policy = {"class_size": {"cap": {"primary": 20}}}
    rules = {"class_size": "hard", "classrooms": "hard", "tracks": "off"}
    district = make_entry_district(schools=schools, students={"local": (30, 15, 10, 10)}, policy=policy, rules=rules)
    travel, plan = planned(district, "AABB")
    found = count_overflows(district, travel, plan, drawn((30, 15, 10, 10), (20, 20, 10, 10), (21, 20, 10, 10)))
    # Five of the seven rooms of A are taken by classes that continue: two classes of 20 enter.
    assert found.beyond.tolist() == [5, 0, 1]


def test_where_stages_share_rooms_the_class_of_fewest_children_does_not_open() -> None:
    schools = make_schools({"A": 0}, types=("nine_year",), places=np.array([np.nan]), classrooms=np.array([3.0]))
    cohorts = {Cohort("primary", "1", "local"): (45, 0, 0, 0), Cohort("junior", "7", "local"): (30, 33, 0, 0)}
    district = make_entry_district(
        schools=schools,
        students={"local": (0, 0, 0, 0)},
        current=dict.fromkeys(("U1", "U2", "U3", "U4"), "A"),
        enrolled=[("A", "primary", "6", 0, 0)],
        instance={"stages": ["primary", "junior"]},
        policy={"class_size": {"cap": {"primary": 40, "junior": 50}}},
        rules={"class_size": "hard", "classrooms": "hard", "tracks": "off"},
    )
    district = replace(district, demand=Demand(tuple(cohorts), np.array(list(cohorts.values())).T))
    travel, plan = planned(district, "AAAA")
    found = count_overflows(district, travel, plan, draw_demand(district, 2, 1, Spread(0.0)))
    # 45 children make two classes of 40, 63 two of 50: of four classes three open, and 5 leave rather than 13.
    assert found.beyond.tolist() == [5, 5]
    assert (of_school(found, "A")["mean"], of_school(found, "A", "junior")["mean"]) == (5.0, 0.0)


def test_the_seats_of_a_plan_leave_out_as_many_as_are_counted() -> None:
    district = make_entry_district(
        schools=make_schools(places=np.array([130.0, 300.0])),
        students={"local": (18, 18, 9, 9), "migrant": (2, 2, 2, 2)},
    )
    travel, plan = planned(district, "AABB")
    draws = draw_demand(district, 12, 4, Spread(0.4, 0.5))
    held = np.zeros((4, 2, 1), dtype=bool)
    held[[0, 1, 2, 3], [0, 0, 1, 1], 0] = True
    seated = []
    for students in draws.students:
        of_draw = replace(district, demand=replace(district.demand, students=students))
        seating = take_seats(formulate(of_draw, travel), of_draw, travel, held, np.full(held.shape, np.inf))
        assert seating is not None
        seated.append(seating.overflow)
    assert count_overflows(district, travel, plan, draws).beyond.tolist() == seated
    assert len(set(seated)) > 3


def test_a_school_is_full_where_somebody_must_leave() -> None:
    district = make_district()
    room = find_room(district, make_travel(district))
    load = np.array([[[60], [61]], [[0], [60]]])
    assert room.beyond(load)[..., 0].tolist() == [[0, 1], [0, 0]]
    assert room.full(load).tolist() == [[False, True], [False, False]]


def test_the_interval_is_that_of_wilson() -> None:
    # 10 of 100: (0.1 + 3.8415 / 200 ± 1.96 · √(0.09 / 100 + 3.8415 / 40000)) / (1 + 3.8415 / 100).
    assert find_interval(10, 100) == pytest.approx((0.0552, 0.1744), abs=1e-4)
    assert find_interval(0, 200) == pytest.approx((0.0, 0.0188), abs=1e-4)
    assert find_interval(200, 200)[1] == 1.0


def test_the_worst_tail_has_one_draw_at_least() -> None:
    assert mean_of_worst(np.array([5, 1, 9, 3]), 0.1) == 9.0
    assert mean_of_worst(np.arange(20), 0.1) == 18.5
