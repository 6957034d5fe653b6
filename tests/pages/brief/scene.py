"""A run to write a brief of, counted by hand.

U1  U2  U3  U4      10 local children enter in each unit, 6 migrant ones live in U2. A stands in U1, B in U4.

A has U1 and U2; three local children of U2 and the migrant ones sit at B. U3 is today A's, 2 km away; B is 1 km off.
A class holds 45, a tenth of the 45 places planned at each school (4) is kept back: 82 places for 46 children.
"""

from dataclasses import replace
from unittest.mock import patch

from admission import TODAY, make_entry_district, make_entry_plan
from builders import make_travel
from postings import make_pool, make_staff_plan

from models.diagnosis import Conflict, Count, Diagnosis, Repair
from models.outcome import Level, Outcome, Status
from models.run import Run, Shortfall
from optimizer.digest import read_exhibits
from optimizer.indices import compute_staff_indices
from optimizer.runs import store_posts, store_run

STUDENTS = {"local": (10, 10, 10, 10), "migrant": (0, 6, 0, 0)}
SEATS = [
    ("U1", "local", "A", 10), ("U2", "local", "A", 7), ("U2", "local", "B", 3),
    ("U3", "local", "B", 10), ("U4", "local", "B", 10), ("U2", "migrant", "B", 6),
]  # fmt: skip
ELSEWHERE = [("A", "U2", "local", "B", 3), ("A", "U2", "migrant", "B", 6)]
POLICY = {"class_size": {"cap": {"primary": 45}}, "reserve_share": 0.1}
CROWDED = Shortfall("places", "soft", "primary", "B", 210, 200, "students", breach=10, inherited=True, before=215)
WHY = Count("places", {"stage": "primary", "students": 46, "places": 40, "short": 6}, ("places",), 6.0)
EXTENSION = Repair(
    "extend",
    {"changes": [{"school": "A", "name": "School A", "cell": "places", "before": 40, "after": 46}]},
    {}, 6, 6, "places", mean_m=1234.0,
)  # fmt: skip


def make_scene(**more):
    stated = {"students": STUDENTS, "policy": POLICY, "current": TODAY | {"U3": "A"}}
    return make_entry_district(**stated | more)


def store_scene(out, district=None, name="base", *, seats=SEATS, elsewhere=ELSEWHERE, **run):
    district = replace(district or make_scene(), scenario=name)
    travel = make_travel(district)
    plan = make_entry_plan(district, travel, seats, coordination=elsewhere)
    outcome = Outcome(Status.FEASIBLE, (Level("overflow", 3, 3, 1), Level("travel", 60, 59, 0.001)))
    with patch("optimizer.export.draw_map"):
        return store_run(Run(name, 7, outcome, plan, **run), district, travel, out)


def scene(out, district=None, **run):
    return read_exhibits([store_scene(out, district, **run)])


def scene_without_plan(out, diagnosis=None):
    """The run of a scenario for which there is no plan, and an extension that would make one."""
    found = diagnosis or Diagnosis(False, (WHY,), Conflict(("places",), minimal=True), (EXTENSION,))
    district = make_scene()
    run = Run("base", 7, Outcome(Status.INFEASIBLE), diagnosis=found)
    return read_exhibits([store_run(run, district, make_travel(district), out)])


def scene_of_posts(out, at_a=0.4, at_b=1, **sections):
    """Two classes need a post of Chinese each; T1 goes from A to B, what is not filled of the post at A is vacant."""
    teachers = [{"school": "A", "subject": "chinese"}, {"school": "B", "subject": "chinese"}]
    district = make_pool(teachers, **sections)
    filled = {("A", "primary", "chinese"): at_a, ("B", "primary", "chinese"): at_b}
    plan = make_staff_plan(district, {"T1": ("B", "rotation")}, filled=filled)
    run = Run("base", 7, Outcome(Status.OPTIMAL), plan, compute_staff_indices(district, plan), scope="posts")
    return read_exhibits([store_posts(run, district, out)])
