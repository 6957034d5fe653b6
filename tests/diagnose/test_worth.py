"""A finished plan weighed as a whole: what binds, and what one more would bring, of rooms and of posts."""

import numpy as np
from builders import make_district, make_plan, make_schools, make_travel
from postings import make_pool, make_staff_plan

from optimizer.diagnose.attempt import Case
from optimizer.diagnose.worth import weigh_plan
from optimizer.solve import Effort


def weigh(district, plan):
    case = Case(district.folder, "base", district, make_travel(district))
    bindings, prices = weigh_plan(case, plan, Effort(20.0, None, lambda: False))
    return [binding.rule for binding in bindings], [(price.lever, price.where) for price in prices]


def test_a_plan_for_children():
    """40 children a unit; A has room for U1 alone, and U2 has it nearer."""
    district = make_district(schools=make_schools(places=np.array([40.0, 120.0])), students=(40,) * 4)
    assert weigh(district, make_plan(district, make_travel(district), "ABBB")) == (["places"], [("places", "A")])


def test_posts_alone():
    """A class at A and one at B, a post of Chinese each; the teacher of A is all there is."""
    district = make_pool([{}])
    plan = make_staff_plan(district, filled={("A", "primary", "chinese"): 1})
    assert weigh(district, plan) == ([], [("teacher", "B")])
