"""Runs to report on, made by hand, and what a report says in its tables.

U1  U2  U3  U4      10 local children enter in each unit, 6 migrant ones live in U2. A stands in U1, B in U4.

A has U1 and U2; three local children of U2 and the migrant ones sit at B. Today U3 is A's. A class holds 45, a tenth of
the 45 places planned at each school (4) is kept back: A 41 for 17, B 41 for 29. In each of grades 2 to 6 of A and of B
are 20 children in one class, but in grade 6 of B 50.
"""

import math
from dataclasses import replace

from admission import LAST_YEAR, TODAY, make_entry_district, make_entry_plan
from builders import make_travel
from postings import make_pool, make_staff_plan

from models.diagnosis import Conflict, Count, Diagnosis, Repair
from models.outcome import Level, Outcome, Status
from models.run import Run
from optimizer.digest import read_exhibits
from optimizer.indices import compute_indices, compute_staff_indices
from optimizer.pages.report.content import build_report
from optimizer.runs import store_posts, store_run

SEATS = [
    ("U1", "local", "A", 10), ("U2", "local", "A", 7), ("U2", "local", "B", 3),
    ("U3", "local", "B", 10), ("U4", "local", "B", 10), ("U2", "migrant", "B", 6),
]  # fmt: skip
ELSEWHERE = [("A", "U2", "local", "B", 3), ("A", "U2", "migrant", "B", 6)]
STUDENTS = {"local": (10, 10, 10, 10), "migrant": (0, 6, 0, 0)}
POLICY = {"class_size": {"cap": {"primary": 45}}, "reserve_share": 0.1, "travel": {"max_m": {"primary": 3000.0}}}
RETURNED = [row if row[:3] != ("B", "primary", "5") else ("B", "primary", "5", 50, 1) for row in LAST_YEAR]
LEVELS = (Level("overflow", 3, 3, 1), Level("stability", 10, 8, 1), Level("travel", 40.0, -math.inf, 0.001))


def store_scene(out, name="base", *, schools=None, levels=LEVELS, **more):
    district = make_entry_district(
        students=STUDENTS,
        policy=POLICY,
        rules={"max_travel": "soft", "stability": "off"},
        current=TODAY | {"U3": "A"},
        enrolled=RETURNED,
        schools=schools,
        instance={"district": {"zh": "滨河区", "en": "Binhe"}, "enrolment_year": 2026},
    )
    district, travel = replace(district, scenario=name), make_travel(district)
    plan = make_entry_plan(district, travel, SEATS, coordination=ELSEWHERE)
    run = Run(name, 7, Outcome(Status.FEASIBLE, levels), plan, compute_indices(district, travel, plan), **more)
    return store_run(run, district, travel, out)


def store_no_plan(out):
    """60 children and 40 places, of which an extension of B would make enough."""
    count = Count("places", {"students": 60, "places": 40, "short": 20, "stage": "primary"}, ("places",), 20)
    change = {"school": "B", "name": "<b>School</b>", "cell": "places", "before": 20, "after": 45}
    repair = Repair("extend", {"changes": [change]}, {}, 25, 20, "places", {"travel": 3.0}, 1234.0)
    found = Diagnosis(False, (count,), Conflict(("places",), minimal=True), (repair,))
    district = make_entry_district(students=STUDENTS, policy=POLICY)
    run = Run("base", 7, Outcome(Status.INFEASIBLE), diagnosis=found)
    return store_run(run, district, make_travel(district), out)


def store_staff(out):
    """Two classes need a post of Chinese each; T1 goes from A to B, three quarters of the post at A stay vacant."""
    district = make_pool([{"school": "A", "subject": "chinese"}, {"school": "B", "subject": "chinese"}])
    filled = {("A", "primary", "chinese"): 0.25, ("B", "primary", "chinese"): 1}
    plan = make_staff_plan(district, {"T1": ("B", "rotation")}, filled=filled)
    run = Run("base", 1, Outcome(Status.OPTIMAL), plan, compute_staff_indices(district, plan), scope="posts")
    return store_posts(run, district, out)


def report_on(*folders, language="en"):
    return build_report(read_exhibits(folders), language)


def section(report, name):
    return next(section for section in report.sections if section.name == name)


def names_of(report):
    return [section.name for section in report.sections]


def tables_of(report):
    return {block.caption: block for section in report.sections for block in section.blocks if block.kind == "table"}


def rows_of(report, caption):
    """The rows of a table as texts by their heads."""
    table = tables_of(report)[caption]
    heads = [column.head for column in table.columns]
    return [dict(zip(heads, (cell.text for cell in cells), strict=True)) for cells in table.rows]


def cells(row, *heads):
    return [row[head] for head in heads]


def texts_of(report, name):
    """Paragraphs and points of a section."""
    found = []
    for block in section(report, name).blocks:
        if block.kind == "paragraph":
            found.append(block.text)
        if block.kind == "points":
            found += block.texts
    return found
