"""Levels, indices, shortfalls and rules that bind, side by side."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import make_district, make_plan, make_schools, make_travel
from compare.sides import draw, remember

from models.outcome import Level
from models.run import Shortfall
from optimizer.compare.figures import (
    compare_bindings,
    compare_indices,
    compare_levels,
    compare_shortfalls,
    judge,
    weigh,
)
from optimizer.indices import INDICES
from optimizer.indices.compute import better_of


def find(table: pd.DataFrame, index: str, stage: str = "primary") -> dict[str, object]:
    (row,) = table[(table["index"] == index) & (table["stage"] == stage) & (table["scope"] == "district")].to_dict(
        "records"
    )
    return row


def test_an_index_with_its_change_and_whether_it_is_better() -> None:
    """AABB: children of U2 and U3 go 1 km, 500 m on average. ABBB: those of U2 go 2 km, so 750 m."""
    table = compare_indices(draw("AABB"), draw("ABBB"))
    row = find(table, "mean_m")
    assert (row["before"], row["after"], row["change"], row["verdict"]) == (500.0, 750.0, 250.0, "worse")
    assert find(compare_indices(draw("ABBB"), draw("AABB")), "mean_m")["verdict"] == "better"


def test_a_target_that_is_not_reached_any_more_is_told() -> None:
    """60 places each: under ABBB 90 children are at B."""
    lost = find(compare_indices(draw("AABB"), draw("ABBB")), "overfull_schools")
    assert (lost["passes_before"], lost["passes_after"], lost["turns"]) == ("true", "false", "lost")
    assert find(compare_indices(draw("ABBB"), draw("AABB")), "overfull_schools")["turns"] == "gained"


def test_of_a_school_that_one_plan_does_not_have_nothing_is_held_against_the_other() -> None:
    three = make_district(schools=make_schools({"A": 0, "B": 3, "C": 2}))
    table = compare_indices(draw("AABB"), draw("AACB", three))
    added = table[(table["scope"] == "C") & table["before"].isna()]
    assert len(added) and set(added["verdict"]) == {"unknown"}


@pytest.mark.parametrize(
    ("code", "before", "after", "verdict"),
    [
        ("mean_m", 5.0, 4.0, "better"),
        ("within_radius_share", 0.5, 0.6, "better"),
        ("within_radius_share", 0.5, 0.4, "worse"),
        ("students", 5.0, 6.0, "neither"),
        ("mean_m", 5.0, 5.0 + 1e-12, "same"),
        ("mean_m", math.nan, 5.0, "unknown"),
        ("small_classes_40_share", 0.5, 0.6, "better"),
        ("small_classes_40_year", 2030, 2031, "neither"),
        ("lessons_short_music", 2.0, 1.0, "better"),
        ("staff_per_class_40", 2.0, 1.0, "worse"),
        ("of_another_version", 2.0, 1.0, "neither"),
    ],
)
def test_better_or_worse(code: str, before: float, after: float, verdict: str) -> None:
    assert judge(code, before, after) == verdict


def test_every_index_says_in_which_direction_it_gets_better() -> None:
    assert {code: better_of(code) for code in INDICES} == {code: index.better for code, index in INDICES.items()}


def run(levels, order=("travel",), shortfalls=()):
    district = make_district(objective={"order": list(order)})
    return remember(district, make_plan(district, make_travel(district), "AABB"), levels=levels, shortfalls=shortfalls)


def test_levels_side_by_side_and_whether_they_may_be_compared() -> None:
    one = run([Level("travel", 60.0, 59.0, 0.001)])
    other = run([Level("stability", 30.0, 30.0, 1), Level("travel", 50.0, 50.0, 0.001)], ("stability", "travel"))
    levels, comparable = compare_levels(one, other)
    assert [(each.name, each.before, each.after, each.bound_before, each.bound_after) for each in levels] == [
        ("travel", 60.0, 50.0, 59.0, 50.0),
        ("stability", None, 30.0, None, 30.0),
    ]
    assert (comparable, compare_levels(one, one)[1]) == (False, True)


def short(rule: str, where: str, value: float, limit: float, **more: object) -> Shortfall:
    stated = {"hardness": "soft", "stage": "primary", "unit": "students", "breach": value - limit} | more
    return Shortfall(rule=rule, where=where, value=value, limit=limit, **stated)


def test_what_falls_short_anew_no_more_by_more_and_by_less() -> None:
    """Stage and rule tell two of one school apart; a hard rule that is broken comes first."""
    before = [short("places", "A", 70, 60), short("overflow", "A", 3, 0), short("places", "B", 65, 60)]
    after = [
        short("places", "A", 75, 60),
        short("places", "B", 61, 60),
        short("overflow", "A", 3, 0, stage="junior"),
        short("region", "U1", 5, 0, hardness="hard"),
    ]
    pairs = compare_shortfalls(run([], shortfalls=before), run([], shortfalls=after))
    told = [(each.change, each.shortfall.rule, each.shortfall.where, each.shortfall.stage) for each in pairs]
    assert told == [
        ("new", "region", "U1", "primary"),
        ("larger", "places", "A", "primary"),
        ("smaller", "places", "B", "primary"),
        ("new", "overflow", "A", "junior"),
        ("gone", "overflow", "A", "primary"),
    ]
    assert [weigh(end) for end in (pairs[1].before, pairs[1].after)] == [10, 15]


def test_a_limit_binds_in_one_plan_and_not_in_the_other() -> None:
    """30 of U3 have B nearer, where they do not fit beside U4 with 59 places; with 60 they do, and then nobody else
    would rather be there."""
    tight, roomy = (
        make_district(schools=make_schools(places=places))
        for places in (np.array([90.0, 59.0]), np.array([90.0, 60.0]))
    )
    binds, frees = compare_bindings(draw("AABB", roomy), draw("AAAB", tight))
    assert ([(each.rule, each.where) for each in binds], frees) == ([("places", "B")], ())
    binds, frees = compare_bindings(draw("AAAB", tight), draw("AABB", roomy))
    assert (binds, [(each.rule, each.where) for each in frees]) == ((), [("places", "B")])


def test_a_limit_that_is_broken_is_none_that_is_leant_on() -> None:
    """90 children on 60 places: B is no limit that the plan leans on, but one that it breaks."""
    binds, _ = compare_bindings(draw("AABB"), draw("ABBB"))
    assert "B" not in [each.where for each in binds]


def test_rules_of_posts_are_left_out_where_one_plan_decides_none() -> None:
    """A drawn plan says nothing of teachers, so that what a run lacks of them is no difference between the two."""
    district = make_district()
    posts = short("rotation_share", "", 3, 5, unit="teachers")
    without = remember(district, make_plan(district, make_travel(district), "AABB"))
    tables = without.stored.tables | {"posts": pd.DataFrame()}
    posted = replace(without, stored=replace(without.stored, tables=tables, shortfalls=(posts,)))
    assert compare_shortfalls(posted, without) == ()
    (pair,) = compare_shortfalls(posted, replace(posted, stored=replace(posted.stored, shortfalls=())))
    assert pair.change == "gone"
