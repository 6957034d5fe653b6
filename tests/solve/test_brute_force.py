"""Every plan of a tiny district is tried and judged by the re-check; the best is what the solver finds.

Units stand in a row or a ring, one kilometre each. Nothing here knows the formulation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from builders import make_district, make_plan, make_schools, make_travel, make_units
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from solved import count_level, solve_district

from models.district import Cohort, District, Travel
from models.plan import ASSIGNMENT_COLUMNS, CATCHMENT_COLUMNS, CLASS_COLUMNS, Plan
from optimizer.recheck import recheck_plan

quick = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
hardness = st.sampled_from(["hard", "soft", "off"])
Classes = list[tuple[str, str, str, int, int]]


@st.composite
def whole_stage(draw: Any) -> tuple[District, Travel]:
    """Two to four units, two or three schools, one stage, every rule about who goes where drawn.

    Where contiguity is soft no two schools stand in one unit and nothing lies apart from all else: who is counted
    there is settled by the re-check alone.
    """
    count = draw(st.integers(2, 4))
    contiguous = draw(hardness)
    most = 2 if count == 4 else 3
    homes = draw(st.lists(st.integers(0, count - 1), min_size=2, max_size=most, unique=contiguous == "soft"))
    letters = "ABC"[: len(homes)]
    units = [f"U{k + 1}" for k in range(count)]
    estate = draw(st.sampled_from([("",) * count, ("E", *[""] * (count - 2), "E")]))
    schools = make_schools(
        dict(zip(letters, homes, strict=True)),
        places=np.array(draw(st.lists(st.integers(20, 90), min_size=len(homes), max_size=len(homes))), dtype=float),
        anchor=np.array(draw(st.lists(st.booleans(), min_size=len(homes), max_size=len(homes)))),
        region=draw(st.sampled_from([("",) * len(homes), ("west", "east", "")[: len(homes)]])),
    )
    today = {unit: draw(st.sampled_from(letters)) for unit in draw(st.sets(st.sampled_from(units)))}
    rows = st.tuples(st.sampled_from(units), st.sampled_from(letters), st.sampled_from(["must", "never"]))
    rules = {rule: draw(hardness) for rule in ("places", "max_travel", "region", "fixed", "stability")}
    rules["contiguous"] = contiguous
    district = make_district(
        units=make_units(count, estate=estate, region=draw(st.sampled_from([("",) * count, ("west",) * count]))),
        schools=schools,
        students=draw(st.lists(st.integers(0, 40), min_size=count, max_size=count)),
        current=today or None,
        fixed=draw(st.lists(rows, max_size=2, unique_by=lambda row: row[:2])),
        policy={"travel": {"max_m": {"primary": 1000}}, "stability": {"max_share": 0.4}},
        rules=rules,
        catchments={"change": draw(st.sampled_from(["none", "limited", "free"]))},
    )
    ring = [(k, k + 1) for k in range(count - 1)] + [(0, count - 1)] * (count > 2)
    drawn = draw(st.lists(st.sampled_from(ring), unique=True))
    return district, make_travel(district, ring[: count - 1] if contiguous == "soft" else drawn)


@st.composite
def first_grade(draw: Any) -> tuple[District, Travel]:
    """Two units, two schools, grade 1: class caps, rooms and targets drawn."""
    count = 2
    students = {Cohort("primary", "1", "local"): draw(st.lists(st.integers(0, 4), min_size=count, max_size=count))}
    rooms = np.array(draw(st.tuples(st.integers(1, 3), st.integers(1, 3))), dtype=float)
    schools = make_schools({"A": 0, "B": count - 1}, places=np.full(2, np.nan), classrooms=rooms)
    targets = [{"max_size": draw(st.integers(1, 2)), "share": draw(st.sampled_from([0.5, 0.7, 1.0]))}]
    policy = {"class_size": {"cap": {"primary": 3}, "ceiling": 4, "targets": targets}}
    rules = {rule: draw(hardness) for rule in ("class_size", "classrooms", "small_classes")}
    district = make_district(units=make_units(count), schools=schools, students=students, policy=policy, rules=rules)
    return district, make_travel(district)


@st.composite
def two_stages(draw: Any) -> tuple[District, Travel]:
    """Two units, two nine-year schools that share their places between the stages."""
    counts = st.lists(st.integers(0, 30), min_size=2, max_size=2)
    students = {Cohort("primary", "", "local"): draw(counts), Cohort("junior", "", "local"): draw(counts)}
    places = np.array(draw(st.tuples(st.integers(10, 120), st.integers(10, 120))), dtype=float)
    schools = make_schools({"A": 0, "B": 1}, types=("nine_year",) * 2, places=places)
    instance = {"stages": ["primary", "junior"]}
    rules = {"places": draw(hardness), "contiguous": draw(hardness)}
    district = make_district(units=make_units(2), schools=schools, students=students, instance=instance, rules=rules)
    return district, make_travel(district)


@st.composite
def divided_kinds(draw: Any) -> tuple[District, Travel]:
    """Two units of zoned and other children, who may be divided between two schools; the rules about them drawn.

    No unit is without children: rules that contradict each other there hurt nobody, and the re-check knows of none.
    """
    counts = {kind: st.lists(st.integers(kind == "local", 2), min_size=2, max_size=2) for kind in ("local", "migrant")}
    district = make_district(
        units=make_units(2, region=draw(st.sampled_from([("", ""), ("west", "")]))),
        schools=make_schools(
            {"A": 0, "B": 1},
            places=np.array(draw(st.tuples(st.integers(0, 6), st.integers(0, 6))), dtype=float),
            region=draw(st.sampled_from([("", ""), ("west", "east")])),
        ),
        students={Cohort("primary", "", kind): draw(drawn) for kind, drawn in counts.items()},
        categories={"local": {"zoned": True}, "migrant": {"zoned": False}},
        current=draw(st.sampled_from([None, {"U1": "A", "U2": "A"}, {"U1": "B", "U2": "B"}, {"U1": "B"}])),
        fixed=draw(st.lists(st.sampled_from([("U1", "B", "must"), ("U2", "A", "never")]), unique=True)),
        policy={"travel": {"max_m": {"primary": 500}}, "stability": {"max_share": draw(st.sampled_from([0.0, 0.5]))}},
        rules={rule: draw(hardness) for rule in ("places", "max_travel", "region", "fixed", "stability")}
        | {"indivisible": draw(st.sampled_from(["soft", "off"])), "contiguous": draw(st.sampled_from(["hard", "off"]))},
    )
    return district, make_travel(district)


def every_division(district: District, travel: Travel) -> Iterator[Plan]:
    """Every way to divide each kind of each unit between A and B; a unit without children has one of them."""
    units, kinds = district.units.ids, [cohort.category for cohort in district.demand.cohorts]
    cells = [(unit, kind) for unit in range(len(units)) for kind in range(len(kinds))]
    for at_a in product(*(range(district.demand.students[cell] + 1) for cell in cells)):
        rows = [
            (units[unit], "primary", kinds[kind], school, n, round(travel.metres[unit, column]))
            for (unit, kind), first in zip(cells, at_a, strict=True)
            for column, (school, n) in enumerate(
                {"A": first, "B": district.demand.students[unit, kind] - first}.items()
            )
            if n
        ]
        held = [sorted({row[3] for row in rows if row[0] == unit}) for unit in units]
        for choice in product(*([schools] if schools else [["A"], ["B"]] for schools in held)):
            catchments = [
                (u, "primary", school) for u, schools in zip(units, choice, strict=True) for school in schools
            ]
            yield Plan(
                catchments=pd.DataFrame(catchments, columns=list(CATCHMENT_COLUMNS)),
                assignments=pd.DataFrame(rows, columns=list(ASSIGNMENT_COLUMNS)),
                classes=pd.DataFrame(columns=list(CLASS_COLUMNS)),
                student_km=sum(row[4] * row[5] for row in rows) / 1000,
            )


def every_plan(district: District, travel: Travel) -> Iterator[Plan]:
    if district.settings.rules.indivisible != "hard":
        yield from every_division(district, travel)
        return
    stages, letters = district.settings.instance.stages, district.schools.ids
    for choice in product(product(letters, repeat=len(district.units)), repeat=len(stages)):
        by_stage = dict(zip(stages, choice, strict=True))
        for classes in every_way_to_form_classes(district, choice[0]):
            yield make_plan(district, travel, by_stage, classes)


def every_way_to_form_classes(district: District, letters: Sequence[str]) -> Iterator[Classes | None]:
    """Up to eight classes for grade 1 at each school that has children; None where there are no class caps."""
    if not district.settings.policy.class_size.cap:
        yield None
        return
    students = dict.fromkeys(district.schools.ids, 0)
    for letter, n in zip(letters, district.demand.students[:, 0].tolist(), strict=True):
        students[letter] += n
    open_schools = [school for school in students if students[school]]
    for counts in product(*(range(1, min(students[school], 8) + 1) for school in open_schools)):
        yield [(school, "primary", "1", students[school], k) for school, k in zip(open_schools, counts, strict=True)]


def find_best(district: District, travel: Travel, levels: Sequence[str]) -> tuple[float, ...] | None:
    """The best plan's levels in order; None where every plan breaks a hard rule."""
    found = []
    for plan in every_plan(district, travel):
        shortfalls = recheck_plan(district, travel, plan)
        if not any(shortfall.hardness == "hard" for shortfall in shortfalls):
            found.append(tuple(count_level(level, district, plan, shortfalls) for level in levels))
    return min(found, default=None)


def check(district: District, travel: Travel) -> None:
    solved = solve_district(district, travel=travel)
    event(solved.status)
    names = [level.name for level in solved.outcome.levels]
    best = find_best(district, travel, names)
    assert solved.status == ("infeasible" if best is None else "optimal")
    if best is not None:
        np.testing.assert_allclose([level.value for level in solved.outcome.levels], best, atol=1e-5)


@quick
@given(whole_stage())
def test_who_goes_where(case):
    check(*case)


@quick
@given(first_grade())
def test_classes_and_shares(case):
    check(*case)


@quick
@given(two_stages())
def test_two_stages(case):
    check(*case)


@quick
@given(divided_kinds())
def test_kinds_of_divided_units(case):
    check(*case)


def test_the_brute_force_sees_what_it_should():
    """A district whose best plan is known by hand: AABB, 60 student-km; with 121 children there is none."""
    district = make_district()
    assert find_best(district, make_travel(district), ["travel"]) == (60.0,)
    crowded = replace(district, demand=replace(district.demand, students=district.demand.students + 1))
    assert find_best(crowded, make_travel(crowded), ["travel"]) is None
