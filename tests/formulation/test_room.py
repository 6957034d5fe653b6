"""What a school can take: as many children leave as must, and no more."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from models.stages import Stage
from optimizer.formulation.formulation import ClassRules, Column, Grade, Limit, Rooms
from optimizer.formulation.room import Room, share_out

STAGES: tuple[Stage, ...] = ("primary", "junior")
COLUMNS = (Column("primary", "1", ""), Column("junior", "7", ""))
PRIMARY, BOTH = np.array([True, False]), np.array([True, True])


def grade(stage: Stage, name: str, column: int, cap: int) -> Grade:
    return Grade(stage, name, 0, 1, (column,), (), cap, cap, compulsory=True)


def make_room(caps: tuple[int, int], rooms: int, of_primary: int, places: int, places_of_primary: int) -> Room:
    """One school that teaches both stages: rooms and places in all, and of its primary part."""
    groups = (
        Rooms("classrooms[A]", 0, np.array([1, 1]), rooms, hard=True, price=1),
        Rooms("tracks[A,primary]", 0, np.array([1, 0]), of_primary, hard=True, price=1),
    )
    grades = (grade("primary", "1", 0, caps[0]), grade("junior", "7", 1, caps[1]))
    taught = np.ones((1, 2), dtype=bool)
    limits = (
        Limit("places[A]", "places", 0, BOTH, places, hard=True),
        Limit("places[A,primary]", "places", 0, PRIMARY, places_of_primary, hard=True),
    )
    return Room(STAGES, COLUMNS, limits, ClassRules(grades, taught, "hard", groups, (), False, np.array([True])))


def fewest(children: tuple[int, int], caps: tuple[int, int], *most: int) -> int:
    """Every way to keep some children, tried."""
    rooms, of_primary, places, places_of_primary = most
    kept = [
        a + b
        for a in range(children[0] + 1)
        for b in range(children[1] + 1)
        if -(-a // caps[0]) <= of_primary
        and -(-a // caps[0]) - (-b // caps[1]) <= rooms
        and a <= places_of_primary
        and a + b <= places
    ]
    return sum(children) - max(kept)


COUNT = st.integers(0, 12)


@given(st.tuples(COUNT, COUNT), st.tuples(st.integers(1, 5), st.integers(1, 5)), COUNT, COUNT, COUNT, COUNT)
@example((6, 5), (4, 3), 3, 2, 9, 7)
def test_no_fewer_could_leave(
    children: tuple[int, int],
    caps: tuple[int, int],
    rooms: int,
    of_primary: int,
    places: int,
    places_of_primary: int,
) -> None:
    room = make_room(caps, rooms, of_primary, places, places_of_primary)
    load = np.array([[children]])
    beyond = room.beyond(load)
    assert beyond.sum() == fewest(children, caps, rooms, of_primary, places, places_of_primary)
    assert (beyond >= 0).all()
    assert (beyond <= load).all()
    assert room.full(load).item() == (beyond.sum() > 0)


def test_schools_and_draws_are_judged_one_by_one() -> None:
    room = make_room((4, 4), 2, 2, 100, 100)
    draws = np.array([[[4, 4]], [[5, 4]], [[4, 9]]])
    # Two rooms: 4 + 4 fit; of 5 + 4 the fifth leaves; of 4 + 9 the class of one, and then the first of four.
    assert room.beyond(draws)[:, 0, :].tolist() == [[0, 0], [1, 0], [4, 1]]


def test_children_without_a_class_rule_are_bound_by_places_alone() -> None:
    room = Room(STAGES, COLUMNS, (Limit("places[B]", "places", 1, BOTH, 10, hard=True),), None)
    load = np.array([[90, 90], [9, 3]])
    # School A has no limit; of the 12 children of B two leave, in proportion 9 to 3.
    assert room.beyond(load).tolist() == [[0, 0], [1, 1]]


def test_what_is_shared_out_adds_up() -> None:
    counts = np.array([[5, 0, 3], [2, 2, 2]])
    assert share_out(counts, np.array([4, 99])).tolist() == [[2, 0, 2], [2, 2, 2]]
    assert share_out(counts, np.array([-3, 0])).tolist() == [[0, 0, 0], [0, 0, 0]]
