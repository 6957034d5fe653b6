"""No sum ever says that there is no plan where there is one: admission years drawn at random, solved to a plan.

Districts of mode `whole` are drawn, solved and counted in `solve.test_brute_force`.
"""

from typing import Any
from unittest.mock import patch

import numpy as np
from admission import make_entry_district
from builders import make_schools, make_travel, make_units
from diagnose.count.counting import told
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from models.district import District
from optimizer.formulation import formulate
from optimizer.solve import Effort, solve
from optimizer.solve.level import LevelSolver
from optimizer.solve.seats import seat_children

hardness = st.sampled_from(["hard", "soft", "off"])
counts = st.lists(st.integers(0, 30), min_size=4, max_size=4)


@st.composite
def admission_years(draw: Any) -> District:
    """Three kinds of children on four units, two public schools and a private one; tight on all sides."""
    homes = dict(zip("ABP", draw(st.lists(st.integers(0, 3), min_size=3, max_size=3)), strict=True))
    places = [float(draw(st.integers(130, 250))) for _ in "AB"]
    schools = make_schools(
        homes,
        places=np.array([*places, np.nan]),
        classrooms=np.array([draw(st.integers(6, 12)), draw(st.integers(6, 12)), np.nan]),
        classes_per_grade={"primary": np.array([draw(st.integers(1, 4)), draw(st.integers(1, 4)), np.nan])},
        region=draw(st.sampled_from([("",) * 3, ("west", "east", "")])),
        private=np.array([False, False, True]),
        purchased_places=np.array([np.nan, np.nan, draw(st.sampled_from([np.nan, 10.0]))]),
    )
    today = {f"U{k + 1}": draw(st.sampled_from(["A", "B", "AB"])) for k in range(4)}
    rules = {name: draw(hardness) for name in ("max_travel", "region", "class_size", "tracks", "classrooms")}
    targets = [{"max_size": 20, "share": draw(st.sampled_from([0.2, 0.5]))}]
    policy = {
        "travel": {"max_m": {"primary": draw(st.sampled_from([1500, 3000]))}},
        "class_size": {"cap": {"primary": 25}, "targets": targets},
        "stability": {"max_share": draw(st.sampled_from([0.1, 0.8]))},
        "reserve_share": draw(st.sampled_from([0.0, 0.1])),
    }
    hard = {"overflow": draw(hardness), "stability": draw(hardness), "small_classes": draw(hardness)}
    return make_entry_district(
        students={"local": draw(counts), "migrant": draw(counts), "special": (0, draw(st.integers(0, 3)), 0, 0)},
        schools=schools,
        current=today,
        decided=[("U2", "A", "must")],
        units=make_units(region=draw(st.sampled_from([("",) * 4, ("west", "west", "east", "")]))),
        policy=policy,
        rules=rules | hard,
        catchments={"change": draw(st.sampled_from(["none", "limited", "free"]))},
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(admission_years())
def test_no_sum_contradicts_a_plan(district: District) -> None:
    travel = make_travel(district)
    f = formulate(district, travel)
    with patch.object(LevelSolver, "_improve_until", lambda *_: None):
        outcome = seat_children(f, district, travel, solve(f, Effort(10.0, None, lambda: False), gap=1e9))
    event(f"{outcome.status.value}, counted: {bool(told(district))}")
    assert outcome.pairs is None or told(district) == []
