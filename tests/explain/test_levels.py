"""The levels of the objective, counted from tables: 30 children a unit, A in U1, B in U4."""

import pandas as pd
import pytest
from builders import make_district, make_plan
from explain.bases import WIDE, measure_travel

from models.placement import Placement
from optimizer.explain.levels import count_levels
from optimizer.recheck import recheck_placement

TODAY = {"U1": "A", "U2": "B", "U3": "B", "U4": "B"}
NAMES = ("shortage", "revisions", "stability", "travel", "vacancies")


def count(schools, revisions=None, **given):
    district = make_district(current=TODAY, **given)
    travel = measure_travel(district)
    placement = Placement(district, travel, make_plan(district, travel, schools))
    drawn = make_plan(district, travel, "AABB")
    return count_levels(placement, recheck_placement(placement), NAMES, revisions, drawn)


def test_levels_of_children_in_the_order_of_the_run():
    levels = count("AABB")
    assert list(levels) == ["shortage", "revisions", "stability", "travel"]
    assert levels["travel"] == pytest.approx(60 * WIDE / 1000, abs=0.2)
    assert (levels["shortage"], levels["revisions"], levels["stability"]) == (0, 0, 30)


def test_a_soft_rule_is_counted_in_children():
    """B has 60 places and 90 children."""
    assert count("ABBB", rules={"places": "soft"})["shortage"] == 30


def test_what_differs_from_the_draft():
    """The plan drawn is AABB; in the draft U2 was B's, and U3 was edited. A unit without children counts as one."""
    rows = [("U2", "primary", "B", "follows"), ("U3", "primary", "A", "edited")]
    revisions = pd.DataFrame(rows, columns=["unit_id", "stage", "from_school_id", "reason_code"])
    assert count("AABB", revisions)["revisions"] == 30
    assert count("ABBB", revisions)["revisions"] == 0
    assert count("ABAB", revisions)["revisions"] == 30
    assert count("ABAB", revisions, students=(30, 30, 0, 30))["revisions"] == 1
