"""The outlook's tables: levels, pools, sums, and the schools that call for a warning."""

import numpy as np
import pandas as pd
import pytest
from builders import make_schools
from outlook.years import make_outlook

from models.settings import Outlook
from optimizer.outlook import look_from
from optimizer.outlook.layer import build_layer
from optimizer.outlook.table import COLUMNS, find_levels

ENTRY = ("primary", "1")


def ahead(places, lives="ABC", entrants=((30, 30, 30),), years=1, **more):
    """Schools A, B and C in U1, U2 and U3, and 30 children who enter each; nobody else is there yet."""
    homes = {letter: place for place, letter in enumerate("ABC")}
    district = make_outlook(
        counts={2027 + k: {ENTRY: list(row)} for k, row in enumerate(entrants)},
        lives={"primary": {f"U{k + 1}": letters for k, letters in enumerate(lives)}},
        schools=make_schools(homes, types=("primary",) * 3, places=np.array(places, dtype=float), **more),
        returned={("A", "primary"): [0]},
        classes={("A", "primary"): [0]},
    )
    return look_from(district, years)


@pytest.mark.parametrize(
    ("students", "places", "level"),
    [
        (100, 100, "red"),
        (99, 100, "orange"),
        (95, 100, "orange"),
        (94, 100, "yellow"),
        (85, 100, "yellow"),
        (84, 100, ""),
        (61, 100, ""),
        (60, 100, "surplus"),
        (0, 100, "surplus"),
        (1, 0, "red"),
        (0, 0, ""),
        (10, float("nan"), ""),
    ],
)
def test_levels_begin_at_their_threshold(students, places, level):
    assert find_levels(pd.Series([students]), pd.Series([float(places)]), Outlook()) == [level]


def test_thresholds_can_be_set():
    assert find_levels(pd.Series([90]), pd.Series([100.0]), Outlook(red=0.9)) == ["red"]


def test_a_row_a_school_and_year_with_the_first_year_of_shortage():
    # A: 30, then 30 + 40, then 30 + 40 + 120 children against 100 places: short from the third year on
    table = ahead([100, 90, 90], entrants=[(30, 0, 0), (40, 0, 0), (120, 0, 0)], years=3).schools
    of_a = table[table["school_id"] == "A"]
    assert list(table.columns) == list(COLUMNS)
    assert of_a["children"].tolist() == [30, 70, 190]
    assert of_a["gap"].tolist() == [-70, -30, 90]
    assert of_a["utilisation"].tolist() == [0.3, 0.7, 1.9]
    assert of_a["level"].tolist() == ["surplus", "", "red"]
    assert of_a["first_short_year"].tolist() == [2029] * 3
    assert table[table["school_id"] == "B"]["first_short_year"].isna().all()


def test_schools_that_share_a_catchment_are_one_row_and_short_only_together():
    # 60 children of U1 and U2 for A (20 places) and B (70): A alone would be short, both together are not
    table = ahead([20, 70, 90], lives=("AB", "AB", "C")).schools
    assert table["school_id"].tolist() == ["A+B", "C"]
    assert table["name"].tolist() == ["School A+School B", "School C"]
    assert table.loc[0, ["children", "places", "gap"]].tolist() == [60, 90, -30]


def test_the_district_counts_children_without_a_school_and_no_school_does():
    found = ahead([60, 60, 60], lives=("A", "B"))
    assert found.schools[found.schools["school_id"] == ""]["children"].tolist() == [30]
    assert found.schools[found.schools["school_id"] == ""]["places"].tolist() == [0]
    assert found.totals[["children", "places", "gap"]].to_numpy().tolist() == [[90, 180, -90]]
    assert "" not in set(found.warnings["school_id"])


def test_places_that_are_unknown_stay_unknown():
    found = ahead([60, float("nan"), 60])
    assert found.schools["places"].isna().tolist() == [False, True, False]
    assert found.totals["places"].isna().all()
    assert found.totals["level"].tolist() == [""]


def test_warnings_are_the_gravest_first_and_say_the_worst_year():
    found = ahead([20, 35, 29], entrants=[(30, 30, 30), (0, 5, 0)], years=2)
    table = found.warnings
    # A and C are short in both years, A by more; B is full in 2028, at 35 of 35
    assert table[["school_id", "level", "year", "gap"]].to_numpy().tolist() == [
        ["A", "red", 2027, 10],
        ["C", "red", 2027, 1],
        ["B", "red", 2028, 0],
    ]
    # a full school is red, and short only with one child more
    assert table["first_short_year"].fillna(0).tolist() == [2027, 2027, 0]


def test_a_school_with_places_to_spare_comes_last_with_its_emptiest_year():
    table = ahead([30, 100, 40], entrants=[(30, 30, 30), (0, 20, 0)], years=2).warnings
    # B has 30, then 50 children in 100 places; C is 30 of 40, no warning
    assert table[["school_id", "level", "year"]].to_numpy().tolist() == [["A", "red", 2027], ["B", "surplus", 2027]]


def test_a_school_short_of_rooms_alone_is_a_warning():
    table = ahead([40, 40, 40], classrooms=np.array([0.0, 1.0, 1.0])).warnings
    assert table[["school_id", "level", "free_rooms"]].to_numpy().tolist() == [["A", "", -1]]


def test_the_layer_has_a_point_a_school_with_its_gravest_level():
    layer = build_layer(ahead([100, 90, 50], lives=("A", "BC", "BC"), entrants=[(30, 30, 30), (80, 0, 0)], years=2))
    assert layer["school_id"].tolist() == ["A", "B", "C"]
    assert layer["level"].tolist() == ["red", "surplus", "surplus"]
    assert layer["first_short_year"].fillna(0).tolist() == [2028, 0, 0]
    assert layer["shared_primary"].tolist() == ["", "B+C", "B+C"]
    assert layer["used_primary_2028"].tolist() == [1.1, 0.4286, 0.4286]
    assert layer.crs.to_epsg() == 4326


def balance(found):
    return {kind: tuple(row) for kind, row in found.balance.set_index("kind").drop(columns="stage").iterrows()}


def test_what_is_short_and_what_is_idle_is_added_up_school_by_school():
    # 2027: A 30 of 20, B 30 of 100, C 30 of 35; 2028: A 70, B 30, C 40; 2029: A 70, B 90, C 40
    found = ahead([20, 100, 35], entrants=[(30, 30, 30), (40, 0, 10), (0, 60, 0)], years=3)
    assert balance(found) == {
        # short by 10 at A, then by 50 at A and 5 at C: most in 2028, at both, and as many again in 2029
        "short": (2, 3, 2027, 2028, 2, 55),
        # B has 70 idle in 2027 and in 2028; a school short elsewhere takes nothing off that
        "surplus": (1, 3, 2027, 2027, 1, 70),
    }


def test_schools_that_share_count_as_one_and_children_without_a_school_as_none():
    # A + B: 60 children in 50 places; U3 lies in no catchment
    found = ahead([20, 30, 90], lives=("AB", "AB"))
    assert balance(found)["short"] == (1, 2, 2027, 2027, 1, 10)


def test_where_no_places_are_known_nothing_is_said_to_be_short():
    found = ahead([float("nan")] * 3)
    assert found.balance[["schools", "of"]].to_numpy().tolist() == [[0, 0], [0, 0]]
    assert found.balance["first_year"].isna().all()
