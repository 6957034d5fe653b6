"""Rolling, entrants, feeders, shared catchments: each on a few units, the answer by hand."""

from dataclasses import replace

import numpy as np
import pytest
from builders import make_schools, make_units
from hypothesis import given
from hypothesis import strategies as st
from outlook.years import make_outlook

from models.rounding import divide_whole
from models.settings import resolve
from optimizer.outlook import project
from optimizer.outlook.homes import proportions

UNKNOWN = float("nan")
ENTRY = ("primary", "1")
HOME = {"primary": {"U1": "A", "U2": "A", "U3": "B", "U4": "B"}}


def schools(letters, types=None, **more):
    """Schools in U1, U2, ...: as many as letters, 60 places each unless said otherwise."""
    homes = {letter: place for place, letter in enumerate(letters)}
    return make_schools(homes, types=tuple(types or ["primary"] * len(letters)), **more)


def of(projection, stage="primary"):
    return next(found for found in projection.stages if found.stage == stage)


def numbers(array):
    return np.asarray(array).tolist()


# Rolling


def test_classes_move_up_a_grade_and_the_last_one_leaves():
    district = make_outlook(
        counts={2027: {ENTRY: [30]}},
        lives=HOME,
        returned={("A", "primary"): [10, 20, 30, 40, 50, 60]},
        classes={("A", "primary"): [1, 1, 1, 1, 2, 2]},
        rates={ENTRY: 0.95},
    )
    found = of(project(district, 3))
    # 2027: 10 x 0.95 = 9.5 -> 10, then 20 + 30 + 40 + 50; 2028: 30 x 0.95 = 28.5 -> 29, 10 + 20 + 30 + 40;
    # 2029: 29 again, 29 + 10 + 20 + 30. Nothing is known of later entrants: 30 again.
    assert numbers(found.continuing[:, 0]) == [150, 129, 118]
    assert numbers(found.entrants[:, 0]) == [30, 30, 30]
    assert found.sources == ("counted", "repeated", "repeated")
    # 1 + 1 + 1 + 1 + 2 classes continue and one opens; then the two of the fifth grade have left
    assert numbers(found.classes[:, 0]) == [7, 6, 6]


def test_entry_classes_are_as_few_as_the_cap_allows():
    district = make_outlook(
        counts={2027: {ENTRY: [40]}, 2028: {ENTRY: [41]}}, lives=HOME, returned={("A", "primary"): [0]}, cap=40
    )
    assert numbers(of(project(district, 2)).entry_classes[:, 0]) == [1, 2]


def test_without_a_cap_classes_and_rooms_are_unknown():
    district = make_outlook(counts={2027: {ENTRY: [40]}}, lives=HOME, returned={("A", "primary"): [9]}, cap=None)
    found = of(project(district, 1))
    assert np.isnan(found.entry_classes[0, 0])
    assert np.isnan(found.free_rooms[0, 0])


def test_a_return_of_the_plans_own_year_keeps_no_entry_grade():
    district = make_outlook(counts={2027: {ENTRY: [30]}}, lives=HOME, returned={("A", "primary"): [25, 20]})
    now = replace(district.enrolment, year=2027)
    found = of(project(replace(district, enrolment=now, stock=now), 1))
    assert numbers(found.children[:, 0]) == [50]


def test_closed_and_private_schools_keep_nobody_in_a_catchment():
    district = make_outlook(
        counts={2027: {ENTRY: [30, 0, 7, 0]}},
        lives={"primary": {"U1": "A", "U2": "A", "U3": "C", "U4": "B"}},
        schools=schools("ABC", status=("open", "open", "closed"), private=np.array([False, True, False])),
        returned={("A", "primary"): [10], ("B", "primary"): [20], ("C", "primary"): [30]},
    )
    found = of(project(district, 1))
    # C is closed: its 30 children and the 7 of its catchment have no school; the private school's 20 are not counted
    assert numbers(found.children[0]) == [40, 0, 0, 37]
    assert [pool for pool in found.pools if 1 in pool or 2 in pool] == []


# Entrants


def test_a_count_for_a_year_goes_before_younger_children():
    district = make_outlook(
        counts={2027: {ENTRY: [30], ("kindergarten", "K3"): [28]}, 2028: {ENTRY: [33]}},
        lives=HOME,
        returned={("A", "primary"): [0]},
    )
    found = of(project(district, 2))
    assert numbers(found.entrants[:, 0]) == [30, 33]
    assert found.sources == ("counted", "counted")


def test_younger_children_enter_in_their_year_and_the_last_known_year_repeats():
    district = make_outlook(
        counts={2027: {
            ENTRY: [30],
            ("kindergarten", "K1"): [22],
            ("kindergarten", "K2"): [25],
            ("kindergarten", "K3"): [28],
        }},
        lives=HOME,
        returned={("A", "primary"): [0]},
        rates={("kindergarten", "K3"): 0.5, ("kindergarten", "K2"): 0.8},
    )  # fmt: skip
    found = of(project(district, 5))
    # 28 x 0.5 = 14; 25 x 0.8 = 20, x 0.5 = 10; 22 x 0.8 = 17.6 -> 18, x 0.5 = 9; then nothing younger is known
    assert numbers(found.entrants[:, 0]) == [30, 14, 10, 9, 9]
    assert found.sources == ("counted", "younger", "younger", "younger", "repeated")


def test_a_later_count_of_younger_children_is_the_better_one():
    kindergarten = {2027: {ENTRY: [30], ("kindergarten", "K2"): [20]}, 2028: {("kindergarten", "K3"): [26]}}
    district = make_outlook(counts=kindergarten, lives=HOME, returned={("A", "primary"): [0]})
    assert numbers(of(project(district, 3)).entrants[:, 0]) == [30, 30, 26]


def test_younger_children_register_as_those_of_the_stage_they_enter():
    district = make_outlook(
        counts={2027: {ENTRY: [30], ("kindergarten", "K3"): [50]}},
        lives=HOME,
        returned={("A", "primary"): [0]},
        demand={"capture": {"primary": 0.9}, "private_share": {"primary": 0.1}},
    )
    aside = np.zeros_like(district.counted[2027].students)
    aside[0, 1] = 10
    counted = {2027: replace(district.counted[2027], aside=aside)}
    # 50 decided and 10 set aside as kindergarten children: 60 x 0.9 x 0.9 = 48.6 -> 49
    assert numbers(of(project(replace(district, counted=counted), 2)).entrants[:, 0]) == [30, 49]


def test_unzoned_children_count_where_they_live_and_placed_ones_where_they_sit():
    district = make_outlook(
        counts={2027: {ENTRY: [20, 0], ("primary", "1", "migrant"): [6, 0], ("primary", "1", "special"): [2, 1]}},
        lives=HOME,
        returned={("A", "primary"): [0]},
        fixed=[("U1", "B", "must")],
        categories={"local": {}, "migrant": {"zoned": False}, "special": {"zoned": False, "placed": True}},
    )
    seats = replace(district.fixed, category=("special",))
    found = of(project(replace(district, fixed=seats), 1))
    # U1's two special children sit at B; U2's one has no seat yet and counts where it lives
    assert numbers(found.entrants[0]) == [20 + 6 + 1, 2, 0]
    assert numbers(found.unzoned[0]) == [7, 2, 0]


def test_who_sits_at_a_special_school_has_no_row_and_is_told_of():
    """20 children of U1 are A's; two more sit at the special school C by decision."""
    district = make_outlook(
        schools=make_schools({"A": 0, "B": 3, "C": 1}, types=("primary", "primary", "special")),
        counts={2027: {ENTRY: [20], ("primary", "1", "special"): [2]}},
        lives=HOME,
        returned={("A", "primary"): [0]},
        fixed=[("U1", "C", "must")],
        categories={"local": {}, "special": {"zoned": False, "placed": True}},
    )
    projection = project(replace(district, fixed=replace(district.fixed, category=("special",))), 2)
    told = [note.facts for note in projection.notes if note.key == "apart"]
    assert told == [{"stage": "primary", "year": 2027, "students": 2}]


def test_a_unit_that_must_belong_to_a_school_takes_its_zoned_children_there():
    district = make_outlook(
        counts={2027: {ENTRY: [20], ("primary", "1", "migrant"): [6]}},
        lives=HOME,
        returned={("A", "primary"): [0]},
        fixed=[("U1", "B", "must")],
        categories={"local": {}, "migrant": {"zoned": False}},
    )
    assert numbers(of(project(district, 1)).entrants[0]) == [6, 20, 0]


def test_a_stage_counted_without_grades_is_spread_at_the_school():
    district = make_outlook(
        counts={2027: {("primary", ""): [20, 15]}}, lives=HOME, instance={"mode": "whole"}, cap=40
    )  # 35 children in six grades: five of 6, one of 5
    found = of(project(district, 2))
    assert numbers(found.entrants[:, 0]) == [6, 6]
    assert numbers(found.continuing[:, 0]) == [29, 6 + 6 + 6 + 6 + 6]


def test_without_a_return_children_are_counted_by_grade():
    district = make_outlook(counts={2027: {ENTRY: [30], ("primary", "6"): [50], ("primary", "5"): [44]}}, lives=HOME)
    projection = project(district, 2)
    assert numbers(of(projection).continuing[:, 0]) == [94, 74]
    assert numbers(of(projection).classes[:, 0]) == [1 + 2 + 2, 1 + 1 + 2]
    assert [note.key for note in projection.notes] == ["no_enrolment"]


# Junior: feeders, or the units


JUNIOR = {"primary": {"U1": "A", "U2": "B", "U3": "B"}, "junior": {"U1": "J", "U2": "J", "U3": "K"}}


def junior_district(**more):
    return make_outlook(
        counts=more.pop("counts", {2027: {ENTRY: [0, 30, 10], ("junior", "7"): [12, 6, 6]}}),
        lives=JUNIOR,
        schools=schools("ABJK", more.pop("types", ("primary", "primary", "junior", "junior"))),
        returned={("A", "primary"): [0, 0, 0, 0, 33, 40], ("B", "primary"): [0, 0, 0, 0, 0, 20]}
        | more.pop("returned", {}),
        **more,
    )


def test_the_last_primary_grade_goes_where_its_feeders_say():
    district = junior_district(feeders=[("A", "J", 0.5), ("A", "K", 0.5)], rates={("primary", "5"): 1.0})
    found = of(project(district, 2), "junior")
    # grade 6 of 2027 is the 33 of grade 5: 17 to J and 16 to K; B had nobody in grade 5
    assert numbers(found.entrants) == [[0, 0, 18, 6, 0], [0, 0, 17, 16, 0]]
    assert found.sources == ("counted", "feeders")
    assert np.isnan(found.unzoned[1]).all()


def test_a_primary_school_without_feeders_sends_by_the_junior_catchments_of_its_units():
    district = junior_district(
        feeders=[("A", "J", 1.0)], returned={("B", "primary"): [0, 0, 0, 0, 8, 20]}, rates={("primary", "6"): 0.5}
    )
    found = of(project(district, 2), "junior")
    # A: 33 x 0.5 = 16.5 -> 17 to J. B: 8 x 0.5 = 4; its units U2 and U3 have 30 and 10 primary children: 3 to J, 1 to K
    assert numbers(found.entrants[1]) == [0, 0, 20, 1, 0]


def test_a_nine_year_school_feeds_itself_where_feeders_are_kept():
    district = junior_district(types=("nine_year", "primary", "junior", "junior"), feeders=[("B", "K", 1.0)])
    assert numbers(of(project(district, 2), "junior").entrants[1]) == [33, 0, 0, 0, 0]


def test_feeders_of_a_closed_junior_school_fall_back_on_the_units():
    district = junior_district(feeders=[("A", "K", 1.0)])
    closed = replace(district.schools, status=("open", "open", "open", "closed"))
    # A's only unit belongs to J
    assert numbers(of(project(replace(district, schools=closed), 2), "junior").entrants[1]) == [0, 0, 33, 0, 0]


def test_without_feeders_the_children_of_the_units_enter_in_their_year():
    counts = {2027: {ENTRY: [1], ("primary", "6"): [9, 8, 7], ("primary", "5"): [6, 5, 4], ("junior", "7"): [12, 6, 6]}}
    found = of(project(junior_district(counts=counts), 3), "junior")
    # 2028: grade 6 of U1 and U2 to J, of U3 to K; 2029: grade 5
    assert numbers(found.entrants[:, 2:4]) == [[18, 6], [17, 7], [11, 4]]
    assert found.sources == ("counted", "younger", "younger")


def test_a_nine_year_school_alone_does_not_make_feeders():
    """Reading gives every nine-year school a row for itself; the catchments go on as long as nobody else has one."""
    district = junior_district(
        types=("nine_year", "primary", "junior", "junior"),
        feeders=[("A", "A", 1.0)],
        counts={2027: {ENTRY: [1], ("primary", "6"): [9, 8, 7], ("junior", "7"): [12, 6, 6]}},
    )
    assert of(project(district, 2), "junior").sources == ("counted", "younger")
    led = replace(district, settings=district.settings.model_copy(
        update={"demand": district.settings.demand.model_copy(update={"junior": "feeders"})}
    ))  # fmt: skip
    assert of(project(led, 2), "junior").sources == ("feeders", "feeders")


def test_without_feeders_and_younger_counts_the_last_primary_grade_goes_by_catchments():
    district = junior_district(
        counts={2027: {ENTRY: [0, 30, 10], ("junior", "7"): [12, 6, 6]}},
        returned={("B", "primary"): [0, 0, 0, 0, 8, 20]},
    )
    found = of(project(district, 2), "junior")
    # grade 6 of 2027: A's 33 to J; B's 8 to J and K as 30 to 10
    assert numbers(found.entrants[1]) == [0, 0, 33 + 6, 2, 0]
    assert found.sources == ("counted", "leavers")


# Shared catchments


def test_a_shared_catchment_is_divided_by_the_size_of_its_schools_and_judged_as_one():
    district = make_outlook(
        counts={2027: {ENTRY: [10, 30, 5, 4]}},
        lives={"primary": {"U1": "A", "U2": "AB", "U3": "B", "U4": "C"}},
        schools=schools("ABC", places=np.array([120.0, 60.0, 60.0])),
        returned={("C", "primary"): [0]},
    )
    projection = project(district, 1)
    # U2's 30 children: two thirds to A, one third to B
    assert numbers(of(projection).entrants[0]) == [30, 15, 4, 0]
    assert of(projection).pools == ((0, 1), (2,))
    assert [note.facts for note in projection.notes if note.key == "shared"] == [
        {"stage": "primary", "count": 2, "pools": 1, "first": "A+B"}
    ]


@given(st.integers(0, 5000), st.lists(st.floats(0, 100), min_size=1, max_size=6))
def test_division_keeps_every_child_and_stays_within_one_of_the_proportion(students, size):
    share = proportions(np.array(size))
    parts = divide_whole(students, share)
    assert share.sum() == pytest.approx(1)
    assert parts.sum() == students
    assert (np.abs(parts - students * share) < 1 + 1e-6).all()


# Places and rooms


def test_a_nine_year_schools_rooms_are_shared_so_that_both_stages_are_as_full():
    district = make_outlook(
        counts={2027: {ENTRY: [40], ("junior", "7"): [40]}},
        lives={"primary": {"U1": "A"}, "junior": {"U1": "A"}},
        schools=schools("A", ["nine_year"], places=np.array([UNKNOWN]), classrooms=np.array([10.0])),
        returned={("A", "primary"): [40, 40, 40], ("A", "junior"): [40, 40]},
    )
    projection = project(district, 1)
    # 40 + 3 x 40 and 40 + 2 x 40 children are 4 and 3 classes of 40 in 10 rooms: 7/10 full, so 229 and 171 places
    assert [numbers(of(projection, stage).places[0]) for stage in ("primary", "junior")] == [[229, 0], [171, 0]]
    assert [numbers(of(projection, stage).free_rooms[0]) for stage in ("primary", "junior")] == [[3, 0], [3, 0]]
    assert [numbers(of(projection, stage).tracks) for stage in ("primary", "junior")] == [[1, 0], [1, 0]]


def test_what_is_stated_for_a_stage_goes_before_the_whole_school():
    district = make_outlook(
        counts={2027: {ENTRY: [40], ("junior", "7"): [40]}},
        lives={"primary": {"U1": "A"}, "junior": {"U1": "A"}},
        schools=schools(
            "A",
            ["nine_year"],
            places_of_stage={"primary": np.array([200.0])},
            classrooms_of_stage={"junior": np.array([6.0])},
            classes_per_grade={"primary": np.array([5.0])},
        ),
        returned={("A", "primary"): [40, 40, 40], ("A", "junior"): [40, 40]},
    )
    projection = project(district, 1)
    assert of(projection, "primary").places[0, 0] == 200
    assert of(projection, "junior").places[0, 0] == 6 * 40
    assert of(projection, "junior").free_rooms[0, 0] == 6 - 3
    assert (of(projection, "primary").tracks[0], of(projection, "junior").tracks[0]) == (5, 2)


def test_a_new_school_without_children_divides_its_rooms_by_grades():
    district = make_outlook(
        counts={2027: {ENTRY: [0], ("junior", "7"): [0]}},
        lives={"primary": {"U1": "A"}, "junior": {"U1": "A"}},
        schools=schools("A", ["nine_year"], places=np.array([UNKNOWN]), classrooms=np.array([18.0])),
        returned={("A", "primary"): [0]},
    )
    projection = project(district, 1)
    assert [of(projection, stage).places[0, 0] for stage in ("primary", "junior")] == [12 * 40, 6 * 40]


def test_stages_that_are_not_planned_keep_their_rooms():
    district = make_outlook(
        counts={2027: {("junior", "7"): [40]}},
        lives={"junior": {"U1": "A"}},
        schools=schools("A", ["full_secondary"], places=np.array([UNKNOWN]), classrooms=np.array([12.0])),
        returned={("A", "junior"): [40, 40], ("A", "senior"): [90, 90]},
        classes={("A", "senior"): [2, 2]},
    )
    found = of(project(district, 1), "junior")
    assert (found.places[0, 0], found.free_rooms[0, 0]) == (8 * 40, 8 - 3)


# What a reader has to know


def test_notes_say_what_is_missing():
    district = make_outlook(
        counts={2027: {ENTRY: [30, 20, 10]}, 2028: {ENTRY: [9]}}, lives={"primary": {"U1": "A", "U2": "A"}}
    )
    notes = {note.key: note.facts for note in project(district, 2).notes}
    assert notes["partial"] == {"stage": "primary", "year": 2028, "named": 1, "today": 3}
    assert notes["no_school"] == {"stage": "primary", "year": 2027, "students": 10}
    assert notes["no_continuing"] == {"stage": "primary"}
    assert "unzoned" not in notes


def test_few_units_with_younger_children_are_said():
    counts = {2027: {ENTRY: [30, 20, 10], ("kindergarten", "K3"): [9], ("kindergarten", "K2"): [8]}}
    notes = project(make_outlook(counts=counts, lives=HOME, returned={("A", "primary"): [0]}), 4).notes
    assert [note.facts for note in notes if note.key == "partial"] == [
        {"stage": "primary", "year": 2028, "named": 1, "today": 3}
    ]


def test_renaming_and_shuffling_units_changes_nothing():
    counts = {2027: {ENTRY: [11, 7, 5, 3]}, 2028: {ENTRY: [1, 2, 3, 4]}}
    district = make_outlook(counts=counts, lives=HOME, returned={("B", "primary"): [9, 8]})
    turned = make_outlook(
        counts={year: {key: row[::-1] for key, row in count.items()} for year, count in counts.items()},
        lives={"primary": dict(zip(("V4", "V3", "V2", "V1"), HOME["primary"].values(), strict=True))},
        units=make_units(ids=("V1", "V2", "V3", "V4")),
        returned={("B", "primary"): [9, 8]},
    )
    assert numbers(of(project(district, 3)).children) == numbers(of(project(turned, 3)).children)


def test_the_thresholds_are_settings():
    outlook = resolve({"instance": {"name": "x", "year": 2027, "stages": ["primary"]}}, has_current=True).policy.outlook
    assert (outlook.red, outlook.orange, outlook.yellow, outlook.surplus) == pytest.approx((1.0, 0.95, 0.85, 0.6))
