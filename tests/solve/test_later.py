"""Catchments that the entrants of several years fit (`solve --hold`), answers by hand.

U1  U2  U3  U4      a kilometre between neighbours; A stands in U1, B in U4; an entry grade of 60 at each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from unittest.mock import patch

import numpy as np
import pytest
from builders import make_district, make_schools, make_travel
from solve.test_entry import KINDS, LOCAL, TODAY

from models.district import Catchments, Cohort, Demand, District
from models.outcome import Outcome
from models.plan import Plan
from models.run import Shortfall
from models.stock import Stock, roll
from optimizer.formulation import formulate
from optimizer.formulation.plan import draw_plan
from optimizer.formulation.start import starting_plan
from optimizer.indices import compute_indices
from optimizer.outlook.later import look_later
from optimizer.recheck import recheck_plan
from optimizer.solve import Effort, solve
from optimizer.solve.level import LevelSolver
from optimizer.solve.seats import seat_children

NOW = (30, 20, 20, 20)
SCHOOLS = make_schools(places=np.full(2, 500.0), classes_per_grade={"primary": np.full(2, 2.0)})
Counts = Mapping[Cohort, Sequence[int]]


@dataclass(frozen=True)
class Held:
    """A solved district: the school of every unit, the levels, and who is beyond by school and year."""

    outcome: Outcome
    plan: Plan
    shortfalls: tuple[Shortfall, ...]

    @property
    def schools(self) -> str:
        return "".join(self.plan.catchments["school_id"])

    @property
    def levels(self) -> dict[str, float]:
        return {level.name: level.value for level in self.outcome.levels}

    @property
    def beyond(self) -> dict[tuple[str, str], float]:
        return {(each.where, each.detail): each.value for each in self.shortfalls if each.rule == "later"}


def ahead(*years: Sequence[int] | Counts, hold: int | None = None, **more: object) -> District:
    """The row of units with these children entering in 2027, 2028, ..., held for all of the years unless told."""
    counts = [year if isinstance(year, Mapping) else {LOCAL: year} for year in years]
    demands = [Demand(tuple(of), np.array(list(of.values()), dtype=np.int64).T) for of in counts]
    policy = {"class_size": {"cap": {"primary": 30}}, "tracks": {"horizon": 1}} | more.pop("policy", {})
    rules = {"overflow": "soft", "tracks": "hard", "class_size": "hard", "classrooms": "hard"} | more.pop("rules", {})
    district = make_district(
        students=counts[0],
        schools=more.pop("schools", SCHOOLS),
        current=more.pop("current", TODAY),
        instance={"mode": "entry", "stages": list(dict.fromkeys(of.stage for of in counts[0]))},
        categories=KINDS,
        catchments={"change": more.pop("change", "free")},
        rules=rules,
        policy=policy,
    )
    counted = {2027 + k: demand for k, demand in enumerate(demands)}
    district = replace(district, counted=counted, **more)
    return replace(district, later=look_later(district, len(years) if hold is None else hold))


def solved(district: District) -> Held:
    travel = make_travel(district)
    f = formulate(district, travel)
    with patch.object(LevelSolver, "_improve_until", lambda *_: None):
        outcome = solve(f, Effort(20.0, None, lambda: False), gap=1e-9, start=starting_plan(f, district, None))
    outcome = seat_children(f, district, travel, outcome)
    plan = draw_plan(f, district, travel, outcome)
    assert plan is not None
    found = Held(outcome, plan, recheck_plan(district, travel, plan))
    assert not any(each.is_fault for each in found.shortfalls)
    assert found.levels.get("later", 0.0) == sum(found.beyond.values())
    listed = compute_indices(district, travel, plan).set_index("index")["value"].get("later_beyond")
    assert listed == (sum(found.beyond.values()) if district.later else None)
    return found


def test_the_best_catchments_of_this_year_overflow_in_the_next() -> None:
    """A has U1 and U2, 50 of 60; a year later 70 live there, so that held for two years U2 belongs to B."""
    years = NOW, (40, 30, 10, 10)
    alone, held = solved(ahead(*years, hold=1)), solved(ahead(*years))
    assert (alone.schools, held.schools) == ("AABB", "ABBB")
    assert held.beyond == {}
    assert held.outcome.status == "optimal"


def test_without_hold_nothing_is_said_of_later_years() -> None:
    alone = solved(ahead(NOW, (40, 30, 10, 10), hold=1))
    assert "later" not in alone.levels
    assert alone.beyond == {}


def test_what_cannot_be_avoided_is_counted() -> None:
    """U1 alone has 70 children in 2028: ten are beyond the places of A whatever the catchments."""
    held = solved(ahead(NOW, (70, 30, 10, 10)))
    assert held.schools == "ABBB"
    assert held.levels["later"] == 10
    assert held.beyond == {("A", "2028"): 10}


def test_no_child_of_this_year_pays_for_a_later_one() -> None:
    """B is full with U3 and U4 this year; to spare ten in 2028 twenty would sit outside their catchment now."""
    held = solved(ahead((30, 20, 30, 30), (40, 30, 10, 10)))
    assert held.schools == "AABB"
    assert held.levels["overflow"] == 0
    assert held.beyond == {("A", "2028"): 10}


def test_a_unit_that_is_empty_this_year_belongs_where_its_children_will_fit() -> None:
    """An estate is delivered in U2: nobody this year, 40 the next, beside 30 in U1."""
    held = solved(ahead((30, 0, 20, 20), (30, 40, 10, 10)))
    assert held.schools == "ABBB"
    assert held.beyond == {}


def test_every_year_is_looked_at() -> None:
    """2028 would let U2 stay at A, 2029 does not."""
    assert solved(ahead(NOW, (30, 20, 20, 20), (40, 30, 10, 10), hold=2)).schools == "AABB"
    assert solved(ahead(NOW, (30, 20, 20, 20), (40, 30, 10, 10))).schools == "ABBB"


def test_who_follows_no_catchment_is_left_out() -> None:
    """30 unzoned children more in U2 change nothing: they go where places are left."""
    migrant = Cohort("primary", "1", "migrant")
    later = {LOCAL: (30, 20, 20, 20), migrant: (0, 30, 0, 0)}
    assert solved(ahead({LOCAL: NOW, migrant: (0, 0, 0, 0)}, later)).schools == "AABB"


def test_those_who_entered_before_have_their_places() -> None:
    """100 places at each: A would have 50 + 60 children of two years, and 110 is ten too many."""
    schools = replace(SCHOOLS, places=np.full(2, 100.0))
    held = solved(ahead(NOW, (35, 25, 5, 5), schools=schools))
    assert held.schools == "ABBB"
    assert held.beyond == {}
    # ... and with change = "none" they are counted
    assert solved(ahead(NOW, (35, 25, 5, 5), schools=schools, change="none")).beyond == {("A", "2028"): 10}


def test_classes_that_stand_leave_the_rooms_of_their_last_grade() -> None:
    """Four rooms at A: grades 1 and 6 of last year had one class each, so that one stands in 2027 and in 2028."""
    schools = replace(SCHOOLS, classrooms=np.array([4.0, np.nan]))
    rows = {"school": [0, 0], "grade": ("1", "6"), "students": [25, 25], "classes": [1, 1]}
    last = Stock(2026, np.array(rows["school"]), ("primary",) * 2, rows["grade"],
                 np.array(rows["students"]), np.array(rows["classes"]))  # fmt: skip
    stood = {"enrolment": last, "stock": roll(last, {}, "6-3")}
    # three rooms of 30 for 50 and then 45 children: five beyond
    held = solved(ahead(NOW, (30, 15, 10, 10), schools=schools, change="none", **stood))
    assert held.beyond == {("A", "2028"): 5}


def test_the_reserve_is_kept_in_later_years_too() -> None:
    """A tenth of 60 places is kept for late arrivals: of 58 children four are beyond."""
    held = solved(ahead(NOW, (30, 28, 10, 10), change="none", policy={"reserve_share": 0.1}))
    assert held.beyond == {("A", "2028"): 4}


def test_schools_that_share_a_catchment_are_counted_together() -> None:
    """U2 and U3 belong to both: 130 children enter in 2028, and A and B have 120 places."""
    shared = Catchments(np.array([0, 1, 1, 2, 2, 3]), ("primary",) * 6, np.array([0, 0, 1, 0, 1, 1]))
    district = ahead(NOW, (50, 25, 25, 30), change="limited")
    held = solved(replace(district, current=shared))
    assert held.beyond == {("A+B", "2028"): 10}
    assert held.levels["later"] == 10


def test_a_school_that_receives_nobody_any_more_adds_no_places() -> None:
    """As above, and C, closed since, shared U2 with them."""
    shared = Catchments(np.array([0, 1, 1, 1, 2, 2, 3]), ("primary",) * 7, np.array([0, 0, 1, 2, 0, 1, 1]))
    homes, two = {"A": 0, "B": 3, "C": 1}, {"primary": np.full(3, 2.0)}
    schools = make_schools(homes, places=np.full(3, 500.0), classes_per_grade=two, status=("open", "open", "closed"))
    district = ahead(NOW, (50, 25, 25, 30), change="limited", schools=schools)
    assert solved(replace(district, current=shared)).beyond == {("A+B", "2028"): 10}


def test_who_shares_a_primary_school_adds_nothing_to_the_other_stage() -> None:
    """U2 and U3 belong to A and B; B alone has junior classes, one of 30 a grade, and 40 enter there in 2028."""
    junior = Cohort("junior", "7", "local")
    schools = make_schools(
        types=("primary", "nine_year"),
        places=np.full(2, 500.0),
        classrooms=np.array([12.0, np.nan]),
        classes_per_grade={"primary": np.full(2, 2.0), "junior": np.array([np.nan, 1.0])},
    )
    unit, school = np.array([0, 1, 1, 2, 2, 3, 0, 1, 2, 3]), np.array([0, 0, 1, 0, 1, 1, 1, 1, 1, 1])
    shared = Catchments(unit, ("primary",) * 6 + ("junior",) * 4, school)
    caps = {"class_size": {"cap": {"primary": 30, "junior": 30}}}
    years = ({LOCAL: NOW, junior: (5, 5, 5, 5)}, {LOCAL: NOW, junior: (10, 10, 10, 10)})
    district = ahead(*years, change="limited", schools=schools, policy=caps)
    assert solved(replace(district, current=shared)).beyond == {("A+B", "2028"): 10}


@pytest.mark.parametrize("rule", ["tracks", "class_size"])
def test_tracks_and_caps_that_are_no_rule_bind_no_later_year(rule: str) -> None:
    assert solved(ahead(NOW, (40, 30, 10, 10), rules={rule: "off"})).schools == "AABB"


@pytest.mark.parametrize(
    ("order", "schools"), [(["overflow", "later", "travel"], "ABBB"), (["overflow", "travel", "later"], "AABB")]
)
def test_the_order_of_the_objective_may_say_where_later_years_stand(order: list[str], schools: str) -> None:
    district = ahead(NOW, (40, 30, 10, 10))
    objective = district.settings.objective.model_copy(update={"order": order})
    district = replace(district, settings=district.settings.model_copy(update={"objective": objective}))
    assert solved(district).schools == schools


def test_a_district_without_catchments_of_today_is_held_too() -> None:
    assert solved(ahead(NOW, (40, 30, 10, 10), current=None)).schools == "ABBB"
