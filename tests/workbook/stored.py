"""A tiny run with children, classes and posts, and one of posts alone, as `plan.xlsx` is made from.

U1  U2  U3  U4      10 local children enter in each unit, 6 migrant ones live in U2. A stands in U1, B in U4.

A has U1 and U2; three local children of U2 and the migrant ones sit at B. Today U3 is A's. A class holds 25 at most: B
has 29 in one. A has 17 + 100 children and 120 places, B 29 + 100 and 120. Three people: one goes from A to B, one
stays, one is recruited without a post.
"""

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pandas as pd
from admission import TODAY, make_entry_district, make_entry_plan
from builders import make_schools, make_travel, make_units

from models.outcome import Level, Outcome, Status
from models.plan import ASSIGNMENT_COLUMNS, CATCHMENT_COLUMNS, CLASS_COLUMNS, Plan
from models.run import INDEX_COLUMNS, Run, Shortfall
from models.staffing import HIRING_COLUMNS, POST_COLUMNS, POSTING_COLUMNS, SURPLUS_COLUMNS, StaffPlan
from optimizer.runs import read_run, store_posts, store_run

SEATS = [
    ("U1", "local", "A", 10), ("U2", "local", "A", 7), ("U2", "local", "B", 3),
    ("U3", "local", "B", 10), ("U4", "local", "B", 10), ("U2", "migrant", "B", 6),
]  # fmt: skip
ELSEWHERE = [("A", "U2", "local", "B", 3), ("A", "U2", "migrant", "B", 6)]
PEOPLE = [
    ("0103", "A", "A", "stay", "school", "", "", "eligible", {"years": 7}),
    ("0102", "", "", "recruit", "", "", "", "no_post", {}),
    ("0101", "A", "B", "rotation", "rotation", "2027-09-01", "3", "moves_in_rotation", {"years": 9}),
]
INDICES = [
    ("mean_m", "district", "", 812.4, "metres", np.nan, ""),
    ("mean_m", "district", "primary", 812.4, "metres", np.nan, ""),
    ("utilisation", "district", "primary", 0.925, "share", np.nan, ""),
    ("moved_share", "district", "", 0.05, "share", 0.1, "false"),
    ("posts_vacant", "district", "primary", 0.25, "posts", 0.0, "false"),
    ("utilisation_cv", "district", "primary", 0.6, "ratio", 0.5, "false"),
    ("staff", "district", "", 3.0, "teachers", np.nan, ""),
    ("school_backbone", "A", "primary", 1.25, "per 100 students", 1.0, "true"),
    ("school_backbone", "B", "primary", 0.75, "per 100 students", 1.0, "false"),
    ("school_meets_standard", "A", "primary", 1.0, "yes or no", 1.0, "true"),
    ("of_tomorrow", "B", "primary", 2.0, "leagues", np.nan, ""),
]
SHORTFALLS = (
    Shortfall(
        "class_size", "hard", "primary", "B", 29, 25, "students", detail="1", breach=4, before=29, inherited=True
    ),
    Shortfall("of_tomorrow", "soft", "", "U2", 3, 0, "students", breach=3),
    Shortfall("later", "soft", "primary", "B", 5, 0, "students", detail="2028", breach=5),
)


def make_run(schools=None, units=None, staffed=True, seats=SEATS, shortfalls=SHORTFALLS, **more):
    """The run and its district; `schools` and `units` replace their attributes."""
    district = make_entry_district(
        students={"local": (10, 10, 10, 10), "migrant": (0, 6, 0, 0)},
        schools=make_schools(places=np.full(2, 120.0), **(schools or {})),
        policy={"class_size": {"cap": {"primary": 25}}},
        **{"current": TODAY | {"U3": "A"}} | more,
    )
    district = replace(district, units=make_units(**(units or {})))
    plan = make_entry_plan(district, make_travel(district), seats, coordination=ELSEWHERE)
    if staffed:
        plan = replace(plan, staff=make_staff())
    levels = (Level("stability", 10, 8.5, 1), Level("vacancies", 0.25, 0.25, 0.001))
    indices = pd.DataFrame(INDICES, columns=list(INDEX_COLUMNS))
    outcome = Outcome(Status.FEASIBLE, levels)
    scope = "all" if staffed else "children"
    return Run("base", 1, outcome, plan, indices, shortfalls, scope=scope), district


def store(out, **more):
    """The run in a folder below `out`, read back."""
    run, district = make_run(**more)
    with patch("optimizer.export.draw_map"):
        return read_run(store_run(run, district, make_travel(district), out))


def store_posts_alone(out, schools=None):
    """A run of posts alone, of the same people."""
    run, district = make_run(schools=schools)
    classes = pd.DataFrame([("A", "primary", "1", 40, 1, 40, "given")], columns=list(CLASS_COLUMNS))
    nothing = (pd.DataFrame(columns=list(names)) for names in (CATCHMENT_COLUMNS, ASSIGNMENT_COLUMNS))
    plan = Plan(*nothing, classes=classes, student_km=0.0, staff=make_staff())
    return read_run(store_posts(replace(run, plan=plan, scope="posts", shortfalls=()), district, out))


def make_staff():
    """Who is posted where, and what that leaves vacant."""
    rows = [
        (teacher, "primary", "chinese", start, end, bool(start and end and start != end), form, settled, day, term,
         "primary", reason, facts)
        for teacher, start, end, form, settled, day, term, reason, facts in PEOPLE
    ]  # fmt: skip
    posts = [("A", "primary", "chinese", 1.0, 1.0, 0.0), ("B", "primary", "music", 1.0, 0.75, 0.25)]
    return StaffPlan(
        postings=pd.DataFrame(rows, columns=[*POSTING_COLUMNS, "facts"]),
        posts=pd.DataFrame(posts, columns=list(POST_COLUMNS)),
        hiring=pd.DataFrame([("district", "primary", "music", 0.25, 0.0)], columns=list(HIRING_COLUMNS)),
        surplus=pd.DataFrame([("A", "primary", "chinese", 2, 1)], columns=list(SURPLUS_COLUMNS)),
    )
