"""Who changes, counted by hand on the row of four units; and that the step back is the step, turned round."""

import pandas as pd
import pytest
from admission import make_entry_district
from builders import make_district
from compare.sides import draw, remember, seat
from hypothesis import given, settings
from hypothesis import strategies as st
from postings import make_pool, make_staff_plan

from optimizer.compare.people import chief_schools, compare_people

HOME = [
    ("U1", "local", "A", 10), ("U2", "local", "A", 10), ("U3", "local", "B", 10), ("U4", "local", "B", 10),
    ("U2", "migrant", "A", 6),
]  # fmt: skip


def rows(table: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in table[list(columns or table.columns)].to_numpy(object).tolist()]


def test_a_unit_that_changes_hands_takes_its_children_along() -> None:
    people = compare_people(draw("AABB"), draw("ABBB"))
    assert rows(people.units) == [("U2", "primary", "A", "B", 30, False, "")]
    assert (len(people.moved), people.decided, people.belonging, people.elsewhere) == (1, 4, 30, 30)
    assert rows(people.flows) == [("primary", "A", "B", 1, 30)]


def test_two_ways_at_once_are_two_flows_the_larger_first() -> None:
    district = make_district(students=(30, 12, 30, 30))
    people = compare_people(draw("AABB", district), draw("ABAB", district))
    assert rows(people.flows) == [("primary", "B", "A", 1, 30), ("primary", "A", "B", 1, 12)]
    assert people.elsewhere == 42


def test_of_children_who_are_counted_the_least_number_sits_elsewhere() -> None:
    """Of U2, 10 local children at A: 7 stay, 3 sit at B. The unit stays A's; the 6 migrant ones go to B as well."""
    after = [*HOME[:1], ("U2", "local", "A", 7), ("U2", "local", "B", 3), *HOME[2:4], ("U2", "migrant", "B", 6)]
    people = compare_people(seat(HOME), seat(after))
    assert rows(people.seats) == [("U2", "primary", "local", 10, 10, 3), ("U2", "primary", "migrant", 6, 6, 6)]
    assert (len(people.units), people.belonging, people.elsewhere) == (0, 0, 9)
    assert rows(people.flows) == [("primary", "A", "B", 0, 9)]


def test_who_follows_no_catchment_does_not_change_hands_with_the_unit() -> None:
    """U2 goes to B: its 10 local children belong to another school, its 6 migrant ones sit where they sat."""
    after = [HOME[0], ("U2", "local", "B", 10), *HOME[2:]]
    people = compare_people(seat(HOME), seat(after, catchments={"U1": "A", "U2": "B", "U3": "B", "U4": "B"}))
    assert rows(people.units) == [("U2", "primary", "A", "B", 10, False, "away")]
    assert (people.belonging, people.elsewhere) == (10, 10)


def test_other_numbers_of_children_are_told_and_are_not_moves() -> None:
    """8 of U1 instead of 10: nobody moves. 14 of U4: 10 are the same, of whom 4 sit at A."""
    district = make_entry_district(students={"local": (8, 10, 10, 14), "migrant": (0, 6, 0, 0)})
    after = [("U1", "local", "A", 8), *HOME[1:3], ("U4", "local", "B", 6), ("U4", "local", "A", 8), HOME[4]]
    people = compare_people(seat(HOME), seat(after, district))
    assert rows(people.seats) == [("U1", "primary", "local", 10, 8, 0), ("U4", "primary", "local", 10, 14, 4)]
    assert people.elsewhere == 4


def test_a_shared_catchment_changes_hands_only_where_no_school_is_kept() -> None:
    today = {"U1": "A", "U2": "AB", "U3": "B", "U4": "B"}
    shared, alone = draw(today), draw("AABB")
    people = compare_people(shared, alone)
    assert rows(people.units, "unit_id", "from_school_id", "to_school_id", "shared") == [("U2", "A+B", "A", True)]
    assert (len(people.moved), people.elsewhere) == (0, 0)
    other = compare_people(draw(today | {"U2": "B"}), draw("AABB"))
    assert rows(other.moved, "unit_id", "from_school_id", "to_school_id") == [("U2", "B", "A")]


def test_the_school_of_a_shared_catchment_is_where_most_of_its_children_sit() -> None:
    catchments = {"U1": "A", "U2": "AB", "U3": "B", "U4": "B"}
    seats = [HOME[0], ("U2", "local", "A", 4), ("U2", "local", "B", 6), *HOME[2:4]]
    assert chief_schools(seat(seats, catchments=catchments))["U2", "primary"] == "B"
    assert chief_schools(seat(HOME, catchments=catchments))["U2", "primary"] == "A"


def test_away_from_todays_school_and_back_to_it() -> None:
    """Today U2 is A's and U3 B's. One plan takes U2 away, the other U3 instead, so that U2 goes back."""
    district = make_district(current={"U1": "A", "U2": "A", "U3": "B", "U4": "B"})
    people = compare_people(draw("ABBB", district), draw("AAAB", district))
    assert rows(people.units, "unit_id", "today") == [("U2", "back"), ("U3", "away")]


def test_teachers_who_are_posted_elsewhere() -> None:
    """T1 stays at A or goes to B, T2 is in one plan alone."""
    pool = make_pool([{"school": "A"}, {"school": "B"}])
    small = make_pool([{"school": "A"}])
    stays, goes = (
        remember_posts(pool, make_staff_plan(pool)),
        remember_posts(small, make_staff_plan(small, {"T1": ("B", "rotation")})),
    )
    people = compare_people(stays, goes)
    assert rows(people.postings) == [("T1", "primary", "chinese", "A", "B")]
    assert rows(people.teacher_flows) == [("A", "B", 1)]
    assert (people.posted, people.joining, people.leaving) == (1, 0, 1)


def remember_posts(district, plan):
    """Posts beside nobody's catchments."""
    return remember(district, plan)


LETTERS = st.text("AB", min_size=4, max_size=4)
COUNTS = st.lists(st.integers(0, 9), min_size=8, max_size=8)


def spread(counts: list[int], letters: str):
    """Children of each unit at A and at B, in catchments that letters say."""
    seats = [(f"U{k // 2 + 1}", "local", "AB"[k % 2], n) for k, n in enumerate(counts) if n]
    totals = tuple(counts[k] + counts[k + 1] for k in range(0, 8, 2))
    district = make_entry_district(students={"local": totals})
    return seat(seats, district, catchments=dict(zip(("U1", "U2", "U3", "U4"), letters, strict=True)))


@settings(max_examples=20, deadline=None)
@given(COUNTS, LETTERS, COUNTS, LETTERS)
def test_the_step_back_is_the_step_turned_round(first: list[int], drawn: str, second: list[int], redrawn: str) -> None:
    one, other = spread(first, drawn), spread(second, redrawn)
    there, back = compare_people(one, other), compare_people(other, one)
    assert (there.belonging, there.elsewhere, len(there.moved)) == (back.belonging, back.elsewhere, len(back.moved))
    turned = back.flows.rename(columns={"from_school_id": "to_school_id", "to_school_id": "from_school_id"})
    assert {*rows(there.flows)} == {*rows(turned, *there.flows.columns)}
    assert there.flows["students"].sum() == there.elsewhere
    assert sum(min(n, m) for n, m in zip(pairs(first), pairs(second), strict=True)) >= there.elsewhere


def pairs(counts: list[int]) -> list[int]:
    return [counts[k] + counts[k + 1] for k in range(0, 8, 2)]


@settings(max_examples=10, deadline=None)
@given(COUNTS, LETTERS)
def test_a_plan_beside_itself_changes_nobody(counts: list[int], letters: str) -> None:
    people = compare_people(spread(counts, letters), spread(counts, letters))
    assert [len(table) for table in (people.units, people.seats, people.flows, people.postings)] == [0, 0, 0, 0]


@pytest.mark.parametrize("letters", ["AABB", "BBBB"])
def test_without_assignments_there_is_nobody(letters: str) -> None:
    people = compare_people(
        draw("AAAA", make_district(students=(0, 0, 0, 0))), draw(letters, make_district(students=(0,) * 4))
    )
    assert (people.elsewhere, people.belonging) == (0, 0)
    assert len(people.moved) == letters.count("B")
