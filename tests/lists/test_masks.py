"""What is hidden of lists that are published: by hand, and against a reader who tries every table there could be."""

import math
from collections import defaultdict
from itertools import product

import pandas as pd
import pytest
from admission import make_private_district, make_private_plan
from builders import make_travel

from models.placement import Placement
from optimizer.lists.masks import hide_in_changes, hide_in_plan
from optimizer.runs.admission import build_admission_plan

HIDDEN = ["zoned", "coordinated", "class_size", "balance"]
OFFERED = ["planned", "reserve"]
CAPS = {"primary": 45, "junior": 45}


def plan_of(*rows, planned=45, classes=1):
    """`rows` are stage, school ("" for the total), children of the catchment, children from elsewhere."""
    table = pd.DataFrame(rows, columns=["stage", "school_id", "zoned", "coordinated"])
    seated = table["zoned"] + table["coordinated"]
    sizes = [math.ceil(n / classes) for n in seated]
    return table.assign(classes=classes, class_size=sizes, planned=planned, reserve=0, balance=planned - seated)


def hidden_rows(table, special=()):
    """A letter a row: x for what tells of children, X for what is offered as well."""
    hidden = hide_in_plan(table, CAPS, special)
    assert list(hidden.columns) == [*HIDDEN, *OFFERED]
    for columns in (HIDDEN, OFFERED):
        assert (hidden[columns].nunique(axis=1) == 1).all(), "a row hides all of these cells or none"
    assert (hidden["zoned"] | ~hidden["planned"]).all()
    return "".join(".xX"[row.zoned + row.planned] for row in hidden.itertuples())


@pytest.mark.parametrize(
    ("zoned", "coordinated", "hidden"),
    [(40, 3, "x"), (4, 30, "x"), (1, 0, "x"), (5, 5, "."), (40, 0, "."), (0, 0, "."), (0, 5, ".")],
)
def test_a_row_with_one_to_four_children_hides_all_that_would_tell(zoned, coordinated, hidden):
    """Of 45 planned 40 + 3 leave 2: any of the cells zoned, coordinated and balance follows from the other two."""
    assert hidden_rows(plan_of(("primary", "A", zoned, coordinated))) == hidden


def test_a_class_of_four_is_a_count_too():
    """Eight children in two classes are four in each."""
    assert hidden_rows(plan_of(("primary", "A", 8, 0), planned=90, classes=2)) == "x"


def test_a_total_is_hidden_where_a_row_of_its_stage_is():
    rows = [("primary", "A", 40, 3), ("primary", "B", 40, 0), ("primary", "", 80, 3)]
    assert hidden_rows(plan_of(*rows, ("junior", "J", 40, 5), ("junior", "", 40, 5))) == "x.x.."


@pytest.mark.parametrize("planned", [3, 20])
def test_places_that_classes_do_not_explain_are_hidden_with_a_small_count(planned):
    """A class of 45 at most, and fewer planned: for those seated alone, or what is left of the purchased places."""
    assert hidden_rows(plan_of(("primary", "P", 0, 3), planned=planned)) == "X"
    assert hidden_rows(plan_of(("primary", "P", 0, 8), planned=planned)) == "."


def test_a_school_hides_its_other_stages_and_the_totals_hide_it():
    """20 purchased places: 12 planned in the primary stage leave the 3 who sit in the junior stage, and 5."""
    rows = [("primary", "P", 0, 9), ("primary", "A", 40, 0), ("primary", "", 40, 9)]
    table = plan_of(*rows, ("junior", "P", 0, 3), ("junior", "J", 40, 5), ("junior", "", 40, 8))
    table["planned"] = [12, 45, 57, 8, 45, 53]
    assert hidden_rows(table) == "X.XX.X"


def test_stages_of_a_special_school_stand_alone():
    """Whom a committee places in grade 7 says nothing of grade 1."""
    table = plan_of(("primary", "S", 0, 7), ("primary", "", 0, 7), ("junior", "S", 0, 3), ("junior", "", 0, 3))
    assert hidden_rows(table.assign(planned=table["coordinated"]), special={"S"}) == "..XX"


def test_places_nobody_knows_hide_nothing():
    """Of A neither a cap nor the places are known: no number is planned there."""
    assert hidden_rows(plan_of(("senior", "A", 0, 3), ("primary", "A", 0, 9), planned=math.nan)) == "x."


def test_no_reader_can_tell_the_few_of_a_private_school():
    """P has 9 purchased places for two stages, a class of at most 8 in each. The reader knows that beside the plan."""
    district, alike = make_private_district("nine_year", {"primary": 8, "junior": 8}, purchased=9), defaultdict(list)
    travel = make_travel(district)
    for seated in product(range(1, 9), repeat=2):
        if sum(seated) <= 9:
            plan = make_private_plan(district, travel, grade_1=seated[0], grade_7=seated[1])
            table = build_admission_plan(Placement(district, travel, plan))
            table = table[table["school_id"] == "P"].reset_index(drop=True)
            hidden = hide_in_plan(table, {"primary": 8, "junior": 8}, ())
            published = table[hidden.columns].astype(object).mask(hidden, "*")
            alike[tuple(published.to_numpy().ravel())].append(seated)
    for counts in alike.values():
        for values in map(set, zip(*counts, strict=True)):
            assert len(values) > 1 or not values & {1, 2, 3, 4}


@pytest.mark.parametrize(("classes", "planned"), [(1, 1), (1, 4), (1, 6), (2, 6)])
def test_no_reader_can_tell_a_small_count(classes, planned):
    """The reader knows classes and planned, the total of the stage, and how cells are hidden, and tries every pair of
    schools that would be published alike. Of each hidden small cell at least two values are left."""
    rows = [(z, c) for z, c in product(range(planned + 1), repeat=2) if z + c <= planned]
    stages = [
        row
        for number, (a, b) in enumerate(product(rows, repeat=2))
        for row in ((f"{number}", "A", *a), (f"{number}", "B", *b), (f"{number}", "", a[0] + b[0], a[1] + b[1]))
    ]
    table = plan_of(*stages, planned=planned, classes=classes)
    hidden = hide_in_plan(table, {f"{stage}": planned // classes for stage in range(len(rows) ** 2)}, ())[HIDDEN]
    published = table[HIDDEN].astype(object).mask(hidden, "*")
    alike = defaultdict(list)
    for stage in range(0, len(table), 3):
        alike[tuple(published.iloc[stage : stage + 3].to_numpy().ravel())].append(stage)
    for stages_alike in alike.values():
        for school, column in product(range(2), ["zoned", "coordinated"]):
            values = {int(table.at[stage + school, column]) for stage in stages_alike}
            assert len(values) > 1 or not values & {1, 2, 3, 4}


def changes_of(*rows):
    return pd.DataFrame(rows, columns=["stage", "unit_id", "to_school_id", "students"])


def catchments_of(**units):
    rows = [(unit, "primary", school) for school, named in units.items() for unit in named.split()]
    return pd.DataFrame(rows, columns=["unit_id", "stage", "school_id"])


@pytest.mark.parametrize(
    ("students", "catchment", "hidden"),
    [
        ((12, 3, 8), "U1 U2 U3", ".xx"),  # the plan's number of the school less 12 and 8 would be 3
        ((12, 3, 8), "U1 U2 U3 U4", ".x."),  # nobody knows how many live in U4
        ((12, 3, 2), "U1 U2 U3", ".xx"),
        ((12, 0, 8), "U1 U2 U3", "..."),
        ((3, 0, 0), "U1 U2 U3", "x.."),  # all of the school: its row of the plan is hidden too
        ((5, 4, 5), "U1 U2 U3", "xxx"),
        ((12, 1, 1), "U1 U2 U3", "xxx"),  # 14 less 12 is two, which two units share in one way
        ((4, 9, 4), "U1 U2 U3", "xxx"),
        ((12, 1, 2), "U1 U2 U3", ".xx"),
    ],
)
def test_children_of_changes(students, catchment, hidden):
    rows = [("primary", f"U{k}", "A", n) for k, n in enumerate(students, start=1)]
    found = hide_in_changes(changes_of(*rows), catchments_of(A=catchment))
    assert "".join("x" if row else "." for row in found) == hidden


def test_no_reader_can_tell_a_small_unit():
    """The reader knows the sum of a catchment of three units, all on the list and not all small, tries every three
    numbers that would be published alike, and is left with at least two values of each hidden small one."""
    catchments, alike = catchments_of(A="U1 U2 U3"), defaultdict(list)
    for students in product(range(9), repeat=3):
        found = hide_in_changes(
            changes_of(*(("primary", f"U{k}", "A", n) for k, n in enumerate(students, start=1))), catchments
        )
        published = tuple("*" if row else n for row, n in zip(found, students, strict=True))
        if max(students) > 4:
            alike[published, sum(students)].append(students)
    for (published, _), counts in alike.items():
        for k in range(3):
            values = {students[k] for students in counts}
            assert published[k] != "*" or len(values) > 1 or not values & {1, 2, 3, 4}


def test_schools_and_stages_are_judged_apart():
    """U1 is small in A, U2 in B; the two rows of A and of B stand in different catchments."""
    changes = changes_of(("primary", "U1", "A", 2), ("primary", "U3", "A", 9), ("primary", "U2", "B", 9))
    assert list(hide_in_changes(changes, catchments_of(A="U1 U3", B="U2"))) == [True, True, False]


def test_no_changes_hide_nothing():
    assert list(hide_in_changes(changes_of(), catchments_of(A="U1"))) == []
