"""How far a drawn plan is from the best possible: what a bound says, and of which plans."""

import math

import numpy as np
import pytest
from builders import make_district, make_schools, make_travel
from evaluate.drawings import draw, effort

from models.run import Shortfall
from optimizer.diagnose.attempt import Case
from optimizer.drawn import judge_drawing
from optimizer.evaluate import Best, best_in, find_best, measure_distances, sum_breaches

TODAY = {"U1": "A", "U2": "A", "U3": "B", "U4": "B"}
ORDER = {"order": ["stability", "travel"]}


def judged(letters: str, places: float = 90.0):
    schools = make_schools(places=np.full(2, places))
    district = make_district(current=TODAY, objective=ORDER, schools=schools)
    return district, judge_drawing(district, make_travel(district), draw(district, letters))


def test_the_best_is_looked_for_from_the_drawn_plan() -> None:
    district, exhibit = judged("AABB")
    case = Case(district.folder, "base", district, make_travel(district))
    best = find_best(case, exhibit, effort())
    assert best.possible
    assert [(name, value) for name, value, _ in best.levels] == [("stability", 0.0), ("travel", 60.0)]
    assert [each.at_most for each in measure_distances(exhibit, best)] == pytest.approx([0.0, 0.0], abs=1e-4)


def test_a_bound_of_a_later_level_is_of_plans_as_good_before() -> None:
    """30 children change; what travel cannot undercut is known only where nobody changes."""
    _, exhibit = judged("AAAB")
    best = Best(True, (("stability", 0.0, 0.0), ("travel", 60.0, 59.5)))
    stability, travel = measure_distances(exhibit, best)
    assert (stability.drawn, stability.at_most, stability.holds) == (30, 30, True)
    assert (travel.drawn, travel.bound, travel.holds, travel.at_most) == (90, 59.5, False, None)


def test_a_level_that_nothing_can_change_and_a_bound_that_is_not_known() -> None:
    _, exhibit = judged("AABB")
    stability, travel = measure_distances(exhibit, Best(True, (("travel", 61.0, -math.inf),)))
    assert (stability.best, stability.bound, stability.at_most) == (None, None, None)
    assert (travel.best, travel.bound, travel.at_most) == (61.0, None, None)
    assert measure_distances(exhibit, Best(None)) == ()


def test_a_bound_given_a_level_that_no_drawn_plan_has_says_nothing_of_it() -> None:
    """Travel was minimised among plans that keep to a draft; a plan that does not may travel less."""
    _, exhibit = judged("AABB")
    best = Best(True, (("stability", 30.0, 0.0), ("revisions", 0.0, 0.0), ("travel", 90.0, 90.0)))
    stability, travel = measure_distances(exhibit, best)
    assert (stability.holds, stability.at_most) == (True, 0.0)
    assert (travel.best, travel.holds, travel.at_most) == (90.0, False, None)


def test_what_a_stored_run_says() -> None:
    record = {"levels": [{"name": "travel", "value": 7.0, "bound": None, "gap": None}]}
    assert best_in(record).levels == (("travel", 7.0, -math.inf),)
    proved = {"levels": [{"name": "travel", "value": 7.0, "bound": 6.5, "gap": 0.07}], "revision": None}
    assert best_in(proved).levels == (("travel", 7.0, 6.5),)
    assert best_in(proved | {"revision": {"scope": "near", "edited": 1}}).levels == (("travel", 7.0, -math.inf),)
    assert best_in(proved | {"revision": {"scope": "", "edited": 0}}).levels == (("travel", 7.0, 6.5),)


def test_that_no_plan_is_possible_is_told_with_its_sum() -> None:
    """120 children for 80 places."""
    district, exhibit = judged("AABB", places=40.0)
    best = find_best(Case(district.folder, "base", district, make_travel(district)), exhibit, effort())
    assert best.possible is False
    assert any(count.proves for count in best.counts)


def short(rule: str, where: str, value: float, breach: float, unit: str = "students", **more) -> Shortfall:
    return Shortfall(rule, "hard", "primary", where, value, value - breach, unit, breach=breach, **more)


def test_sums_count_no_child_twice() -> None:
    """A school and its only stage are over by the same children; grades add up; what stood before is left out."""
    found = [
        short("places", "A", 70, 10), short("places", "A", 72, 12), short("places", "B", 65, 5),
        short("class_size", "A", 50, 3, detail="1"), short("class_size", "A", 50, 4, detail="2"),
        short("classrooms", "B", 8, 2, "classes"), short("contiguous", "A", 2, 7, "pieces", kind="pieces"),
        short("places", "C", 99, 9, inherited=True),
    ]  # fmt: skip
    totals = {(total.rule, total.kind): total for total in sum_breaches(found)}
    assert totals["places", ""].total == 17
    assert totals["places", ""].places == (("A", 12.0, 72.0), ("B", 5.0, 65.0))
    assert totals["class_size", ""].total == 7
    assert (totals["classrooms", ""].total, totals["classrooms", ""].unit) == (2, "classes")
    assert totals["contiguous", "pieces"].places == (("A", 7.0, 2.0),)
