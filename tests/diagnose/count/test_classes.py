"""Classes against rooms, tracks and shares of small classes, sums by hand."""

import numpy as np
import pytest
from admission import make_entry_district, make_stock
from builders import make_district, make_schools, make_units
from diagnose.count.counting import counts_of, told

from models.district import Cohort, District

HARD = {"class_size": "hard", "classrooms": "hard"}


def first_grade(rooms: tuple[float, ...], students: tuple[int, ...] = (20, 20, 20, 20), **more: object) -> District:
    """Children of grade 1, classes of at most 20."""
    schools = make_schools(places=np.full(2, np.nan), classrooms=np.array(rooms))
    policy = {"class_size": {"cap": {"primary": 20}} | more.pop("targets", {})}
    return make_district(
        students={Cohort("primary", "1", "local"): students},
        schools=more.pop("schools", schools),
        policy=policy,
        rules=HARD | more.pop("rules", {}),
        **more,
    )


@pytest.mark.parametrize(("rooms", "found"), [((2.0, 2.0), []), ((1.0, 2.0), [("rooms", 1)])])
def test_classes_of_the_district(rooms: tuple[float, ...], found: list[tuple[str, float]]) -> None:
    assert told(first_grade(rooms)) == found


def test_classes_of_a_corner() -> None:
    """21 children of the west need two classes, A has one room; B has rooms to spare."""
    schools = make_schools(region=("west", "east"), places=np.full(2, np.nan), classrooms=np.array([1.0, 9.0]))
    units = make_units(region=("west", "west", "east", "east"))
    district = first_grade((), (20, 1, 20, 20), schools=schools, units=units, rules={"region": "hard"})
    (count,) = counts_of(district)
    assert (count.key, count.units, count.schools) == ("rooms_confined", ("U1", "U2"), ("A",))
    assert count.rules == ("region", "classrooms", "class_size")
    assert (count.facts["classes"], count.facts["rooms"], count.short) == (2, 1, 1)


def test_every_grade_needs_classes_of_its_own() -> None:
    """21 children a grade in six grades: two classes each, 12 in all, though 126 children fit seven rooms."""
    students = {Cohort("primary", str(grade), "local"): (10, 0, 0, 11) for grade in range(1, 7)}
    for rooms, found in ((6.0, []), (5.0, [("rooms", 2)])):
        schools = make_schools(places=np.full(2, np.nan), classrooms=np.full(2, rooms))
        policy = {"class_size": {"cap": {"primary": 20}}}
        assert told(make_district(students=students, schools=schools, policy=policy, rules=HARD)) == found


@pytest.mark.parametrize(("last", "found"), [(19, []), (20, [("places_by", 1)])])
def test_children_spread_over_the_grades_fill_rooms_evenly(last: int, found: list[tuple[str, float]]) -> None:
    """Seven rooms for six grades: a class of 20 each, and one child more in the grade with two; B takes nobody."""
    schools = make_schools(places=np.array([np.nan, 0.0]), classrooms=np.array([7.0, 0.0]))
    students = (51, 51, last, 0)
    policy = {"class_size": {"cap": {"primary": 20}}}
    district = make_district(students=students, schools=schools, policy=policy, rules=HARD | {"contiguous": "off"})
    assert told(district) == found


@pytest.mark.parametrize(("tracks", "found"), [(2.0, []), (1.0, [("tracks", 2)])])
def test_first_classes_against_tracks(tracks: float, found: list[tuple[str, float]]) -> None:
    """61 children in classes of 20 are four; A and B have so many tracks each."""
    schools = make_schools(places=np.full(2, 900.0), classes_per_grade={"primary": np.full(2, tracks)})
    district = make_entry_district(
        students={"local": (20, 20, 20, 1)},
        schools=schools,
        policy={"class_size": {"cap": {"primary": 20}}},
        rules={"class_size": "hard", "tracks": "hard"},
    )
    assert told(district) == found


def test_the_reserve_is_named_where_it_makes_classes_smaller() -> None:
    """A tenth of 20 seats stays free: 36 children fill a class of 18 at either school, the 37th finds none."""
    for last, found in ((16, []), (17, [("tracks", 1)])):
        district = make_entry_district(
            students={"local": (20, 0, 0, last)},
            schools=make_schools(places=np.full(2, 900.0), classes_per_grade={"primary": np.ones(2)}),
            policy={"class_size": {"cap": {"primary": 20}}, "reserve_share": 0.1},
            rules={"class_size": "hard", "tracks": "hard"},
        )
        counts = counts_of(district)
        assert [(count.key, count.short) for count in counts] == found
        assert all("reserve" in count.rules for count in counts)


def shares(*targets: tuple[int, float]) -> dict[str, object]:
    return {
        "targets": {"targets": [{"max_size": size, "share": share} for size, share in targets]},
        "rules": {"small_classes": "hard"},
    }


@pytest.mark.parametrize(
    ("targets", "found"),
    [
        ([(15, 0.5)], []),  # two classes of 15 and two of 20: 70
        ([(15, 0.75)], [("shares", 1)]),  # three of 15 and one of 20: 65; five rooms hold four of 15 and one of 20, 80
        ([(15, 0.5), (10, 0.25)], [("shares", 1)]),  # 10, 15, 20, 20: 65; five: two of 10, one of 15, two of 20, 75
        ([(10, 1.0)], [("shares", 3)]),  # seven of 10
    ],
)
def test_shares_of_small_classes(targets: list[tuple[int, float]], found: list[tuple[str, float]]) -> None:
    """70 children in four rooms."""
    assert told(first_grade((2.0, 2.0), (20, 15, 15, 20), **shares(*targets))) == found


def test_shares_are_not_told_where_the_caps_alone_lack_rooms() -> None:
    assert told(first_grade((1.0, 2.0), (20, 20, 20, 20), **shares((10, 1.0)))) == [("rooms", 1)]


def test_continuing_classes_count_towards_the_shares() -> None:
    """All classes count: five small ones that go on leave 38 children in two classes of at most 20, not of 10."""
    for size, found in ((10, []), (15, [("shares", 1)])):
        rows = [(school, "primary", str(grade), size, 1) for school in "AB" for grade in range(1, 6)]
        district = make_entry_district(
            students={"local": (19, 0, 0, 19)},
            schools=make_schools(places=np.full(2, 900.0), classes_per_grade={"primary": np.ones(2)}),
            enrolled=rows,
            policy={
                "class_size": {
                    "cap": {"primary": 20},
                    "targets": [{"max_size": 10, "share": 0.5}],
                    "targets_apply": "all",
                }
            },
            rules={"class_size": "hard", "tracks": "hard", "small_classes": "hard"},
        )
        assert make_stock(district.schools, rows).classes.sum() == 10
        assert [key for key, _ in told(district)] == [key for key, _ in found]


@pytest.mark.parametrize(("placed", "found"), [(3, []), (0, [("shares", 1)])])
def test_small_classes_of_placed_children_count_towards_the_shares(placed: int, found: list[tuple[str, float]]) -> None:
    """50 children fill the two rooms left at A; a third class is that of 3 placed at C, where nobody else may sit."""
    schools = make_schools({"A": 0, "C": 3}, places=np.full(2, np.nan), classrooms=np.array([3.0, 6.0]))
    district = make_entry_district(
        students={"local": (50, 0, 0, 0), "special": (placed, 0, 0, 0)},
        schools=schools,
        current=dict.fromkeys(("U1", "U2", "U3", "U4"), "A"),
        enrolled=[("A", "primary", "1", 20, 1)],
        decided=[("U1", "C", "must")],
        policy={"class_size": {"cap": {"primary": 25}, "targets": [{"max_size": 20, "share": 0.3}]},
                "travel": {"max_m": {"primary": 500}}},
        rules=HARD | {"small_classes": "hard", "max_travel": "hard"},
        catchments={"change": "none"},
    )  # fmt: skip
    assert told(district) == found
