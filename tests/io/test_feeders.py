"""Who leaves the primary schools as junior demand, on the grid of nine units.

U7  U8  U9        S1 holds U1, U2, U4, U5, U7, U8; S2 holds U3, U6, U9. J1 and J2 are junior schools.
U4  U5  U6        Each unit has 40 zoned first-graders.
U1  U2  U3
"""

from pathlib import Path
from typing import Any

import districts as d

from models.district import District
from optimizer.checks import check_source
from optimizer.io import build_district, read_source

HOME = {"U3": "S2", "U6": "S2", "U9": "S2"}
Rows = list[dict[str, Any]]


def homes() -> Rows:
    units = [f"U{k}" for k in range(1, 10)]
    return [{"unit_id": unit, "stage": "primary", "school_id": HOME.get(unit, "S1")} for unit in units]


def leaving(**students: int) -> Rows:
    return [
        {"school_id": school, "stage": "primary", "grade": "6", "students": count, "classes": 1}
        for school, count in students.items()
    ]


def feeds(*rows: tuple[str, str, Any]) -> Rows:
    return [{"primary_school_id": p, "junior_school_id": j, "share": share} for p, j, share in rows]


def schools() -> Rows:
    return [*d.school_rows(), d.school_row("J1", 0.5, 2.5, "junior"), d.school_row("J2", 2.5, 2.5, "junior")]


def build(folder: Path, settings: dict[str, Any] | None = None, **tables: Any) -> District:
    stated: dict[str, Any] = {
        "instance": {"mode": "entry", "stages": ["primary", "junior"]},
        "demand": {"junior": "feeders"},
        **(settings or {}),
    }
    given = {"schools": schools(), "current": homes(), "demand": d.demand_rows()} | tables
    source = read_source(d.write_instance(folder, settings=stated, **given))
    assert {fault.code for fault in check_source(source).faults} == set()
    return build_district(source)


def juniors(district: District) -> list[int]:
    """Children of the junior entry grade by unit."""
    (column,) = [k for k, cohort in enumerate(district.demand.cohorts) if cohort.stage == "junior"]
    cohort = district.demand.cohorts[column]
    assert (cohort.grade, cohort.category) == ("7", "local")
    return [int(n) for n in district.demand.students[:, column]]


def bound(district: District) -> dict[str, str]:
    fixed = district.fixed
    if fixed is None:
        return {}
    assert fixed.must.all() and set(fixed.stage) == {"junior"}
    return {district.units.ids[u]: district.schools.ids[s] for u, s in zip(fixed.unit, fixed.school, strict=True)}


def test_one_feeder_of_share_one_binds_the_units(tmp_path: Path) -> None:
    """60 leave S1 for six units with 40 children each: 10 a unit. 31 leave S2 for three: 11, 10, 10."""
    tables = {"enrolment": leaving(S1=60, S2=31), "feeders": feeds(("S1", "J1", ""), ("S2", "J2", 1))}
    district = build(tmp_path, **tables)
    assert juniors(district) == [10, 10, 11, 10, 10, 10, 10, 10, 10]
    assert bound(district) == {f"U{k}": "J2" if f"U{k}" in HOME else "J1" for k in range(1, 10)}


def test_two_feeders_of_a_half_leave_the_choice(tmp_path: Path) -> None:
    district = build(
        tmp_path,
        enrolment=leaving(S1=61, S2=30),
        feeders=feeds(("S1", "J1", 0.5), ("S1", "J2", 0.5), ("S2", "J2", "")),
    )
    assert juniors(district) == [11, 10, 10, 10, 10, 10, 10, 10, 10]
    assert set(bound(district)) == {"U3", "U6", "U9"}
    assert district.feeders is not None
    assert district.feeders.share.tolist() == [0.5, 0.5, 1.0]


def test_rate_capture_and_private_share_are_applied_to_the_roll_at_once(tmp_path: Path) -> None:
    """60 x 0.95 x 0.9 x 0.8 = 41.04, so 41 of 57 who stay; 16 are set aside. Six units: 7 x 5 + 6; 3, 3, 3, 3, 2, 2."""
    shares = {"junior": "feeders", "capture": {"junior": 0.9}, "private_share": {"junior": 0.2}}
    district = build(
        tmp_path,
        {"demand": shares},
        enrolment=leaving(S1=60),
        progression=[{"stage": "primary", "grade": "6", "rate": 0.95}],
        feeders=feeds(("S1", "J1", 1)),
    )
    assert juniors(district) == [7, 7, 0, 7, 7, 0, 7, 6, 0]
    assert district.demand.aside is not None
    assert district.demand.aside.sum(axis=1).tolist() == [3, 3, 0, 3, 3, 0, 2, 2, 0]


def test_leavers_follow_the_children_who_live_there(tmp_path: Path) -> None:
    """S2's units hold 30, 10 and 0 zoned children, and 99 others who do not count: 20 leavers are 15, 5 and 0."""
    demand = [
        {"unit_id": unit, "stage": "primary", "students": students, "category": kind}
        for unit, students, kind in (("U3", 30, "local"), ("U6", 10, "local"), ("U9", 99, "migrant"))
    ]
    settings = {"categories": {"local": {"zoned": True}, "migrant": {"zoned": False}}}
    district = build(tmp_path, settings, enrolment=leaving(S2=20), feeders=feeds(("S2", "J2", 1)), demand=demand)
    assert juniors(district) == [0, 0, 15, 0, 0, 5, 0, 0, 0]


def test_equal_parts_where_nobody_lives(tmp_path: Path) -> None:
    demand = d.demand_rows(students=0)
    district = build(tmp_path, enrolment=leaving(S2=7), feeders=feeds(("S2", "J2", 1)), demand=demand)
    assert juniors(district) == [0, 0, 3, 0, 0, 2, 0, 0, 2]


def test_a_shared_unit_counts_to_each_of_its_schools_in_part(tmp_path: Path) -> None:
    """U6 belongs to both: S2 spreads 25 over weights 40, 20, 40, S1 26 over six of 40 and one of 20.

    S2: 10, 5, 10. S1: 4 each and 2.
    """
    shared = [*homes(), {"unit_id": "U6", "stage": "primary", "school_id": "S1"}]
    feeders = feeds(("S1", "J1", 1), ("S2", "J2", 1))
    district = build(tmp_path, current=shared, enrolment=leaving(S1=26, S2=25), feeders=feeders)
    assert juniors(district) == [4, 4, 10, 4, 4, 7, 4, 4, 10]
    assert "U6" not in bound(district)


def test_a_nine_year_school_feeds_itself_unless_the_table_says_otherwise(tmp_path: Path) -> None:
    nine = [d.school_row("S1", 0.5, 1.5, "nine_year"), *schools()[1:]]
    enrolment = leaving(S1=60, S2=30)
    itself = build(tmp_path / "itself", schools=nine, enrolment=enrolment, feeders=feeds(("S2", "J2", 1)))
    assert {bound(itself)[unit] for unit in ("U1", "U8")} == {"S1"}
    other = build(tmp_path / "other", schools=nine, enrolment=enrolment, feeders=feeds(("S1", "J1", 1)))
    assert {bound(other)[unit] for unit in ("U1", "U8")} == {"J1"}
    assert "U3" not in bound(other)
    assert juniors(itself) == juniors(other) == [10] * 9


def test_rows_of_the_entry_grade_give_way_and_placed_children_stay(tmp_path: Path) -> None:
    rows = [
        {"unit_id": "U1", "stage": "junior", "grade": grade, "students": 5, "category": kind}
        for grade, kind in (("7", "local"), ("", "local"), ("8", "local"), ("7", "migrant"), ("7", "special"))
    ]
    settings = {"categories": {"local": {"zoned": True}, "migrant": {"zoned": False}, "special": {"placed": True}}}
    district = build(
        tmp_path, settings, enrolment=leaving(S1=6), feeders=feeds(("S1", "J1", 1)), demand=[*d.demand_rows(), *rows]
    )
    counted = {
        (cohort.grade, cohort.category): int(district.counted[2027].students[0, k])
        for k, cohort in enumerate(district.counted[2027].cohorts)
        if cohort.stage == "junior"
    }
    assert counted == {("7", "local"): 1, ("7", "special"): 5, ("8", "local"): 5}


def test_an_estate_is_not_torn_and_fixed_goes_first(tmp_path: Path) -> None:
    """U2 and U3 are one estate and would part; U1 is fixed already, and with it U4; nobody is bound to a closed J3."""
    estate = {"U2": "E", "U3": "E", "U1": "F", "U4": "F"}
    units = [row | {"estate_id": estate.get(row["unit_id"], "")} for row in d.unit_rows()]
    fixed = [{"unit_id": "U1", "stage": "junior", "school_id": "J2", "rule": "must"}]
    tables = {"units": units, "fixed": fixed, "enrolment": leaving(S1=60, S2=30)}
    district = build(tmp_path / "a", feeders=feeds(("S1", "J1", 1), ("S2", "J2", 1)), **tables)
    assert bound(district) == {"U1": "J2", "U5": "J1", "U6": "J2", "U7": "J1", "U8": "J1", "U9": "J2"}
    closed = [*schools(), d.school_row("J3", 1.5, 2.5, "junior", status="closed")]
    shut = build(tmp_path / "b", schools=closed, feeders=feeds(("S1", "J3", 1), ("S2", "J2", 1)), **tables)
    assert bound(shut) == {"U1": "J2", "U6": "J2", "U9": "J2"}


def test_units_stay_the_source_unless_told(tmp_path: Path) -> None:
    rows = [*d.demand_rows(), *d.demand_rows(students=3, stage="junior")]
    tables = {"enrolment": leaving(S1=60), "feeders": feeds(("S1", "J1", 1)), "demand": rows}
    district = build(tmp_path, {"demand": {"junior": "units"}}, **tables)
    assert juniors(district) == [3] * 9
    assert bound(district) == {}
