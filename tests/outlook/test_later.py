"""Who enters in later years by unit (`solve --hold`): every source by hand, and what is refused."""

from dataclasses import replace

import pytest
from builders import make_schools
from outlook.years import make_outlook

from models.stages import STAGES
from optimizer.outlook.later import NothingAhead, look_later

P1, P6, J7 = ("primary", "1"), ("primary", "6"), ("junior", "7")
LIVES = {"primary": {"U1": "A", "U2": "A", "U3": "B", "U4": "B"}}
BOTH = LIVES | {"junior": {"U1": "C", "U2": "C", "U3": "C", "U4": "C"}}


def three(**more):
    """Primary schools A and B, and the junior school C."""
    schools = make_schools({"A": 0, "B": 3, "C": 1}, types=("primary", "primary", "junior"))
    return make_outlook(lives=BOTH, schools=schools, **more)


def rows(years, what, stage=0):
    return [getattr(later, what)[:, stage].tolist() for later in years]


def test_one_year_looks_nowhere():
    assert look_later(make_outlook(counts={2027: {P1: [5]}}, lives=LIVES), 1) == ()


def test_rows_of_demand_for_a_year_come_first():
    # zoned children alone; U2 has no row in 2028 and so nobody enters there
    counts = {2027: {P1: [5, 6, 7, 8]}, 2028: {P1: [9, 0, 1, 2], (*P1, "migrant"): [3, 3, 3, 3]}}
    district = make_outlook(counts=counts, lives=LIVES, categories={"local": {}, "migrant": {"zoned": False}})
    later = look_later(district, 2)
    assert [each.year for each in later] == [2028]
    assert later[0].sources == {"primary": "counted"}
    assert rows(later, "entrants") == [[9, 0, 1, 2]]
    assert rows(later, "joined") == [[14, 6, 8, 10]]


def test_who_entered_before_stays_at_the_rates_and_leaves_after_the_last_grade():
    # nine tenths of grade 1 stay: 5 of 5, rounded half up from 4.5, then all of them; grade 6 is 2032, 2033 has left
    counts = {year: {P1: [5 if year == 2027 else 0]} for year in range(2027, 2034)}
    district = make_outlook(counts=counts, lives=LIVES, rates={P1: 0.9, ("primary", "2"): 0.5})
    assert [row[0] for row in rows(look_later(district, 7), "joined")] == [5, 3, 3, 3, 3, 0]


def test_younger_children_come_of_age_and_register_at_the_shares_of_the_stage():
    # of 20 in grade 5 nineteen reach grade 6 and 18 leave it; nine tenths of 18 register, 16
    counts = {2027: {P1: [1], ("primary", "5"): [20, 10], P6: [2, 2], J7: [4, 4, 4, 4]}}
    district = three(counts=counts, demand={"capture": {"junior": 0.9}}, rates={("primary", "5"): 0.95, P6: 0.95})
    later = look_later(district, 3)
    assert later[1].sources == {"junior": "younger"}
    assert rows(later, "entrants", 1)[1] == [16, 9, 0, 0]


def test_the_primary_roll_is_spread_over_the_units_it_comes_from():
    # grade 6 of A in 2027 was its grade 5: 30 children, for 2028, over U1 and U2 as 10 to 5 of their primary children
    counts = {2027: {P1: [10, 5, 6, 6], J7: [4, 4, 4, 4]}}
    returned = {("A", "primary"): [0, 0, 0, 0, 30, 9], ("B", "primary"): [0, 0, 0, 0, 8, 9]}
    later = look_later(three(counts=counts, returned=returned), 2)
    assert later[0].sources == {"junior": "leavers"}
    assert rows(later, "entrants", 1) == [[20, 10, 4, 4]]
    fed = look_later(three(counts=counts, returned=returned, feeders=[("A", "C", 1.0), ("B", "C", 1.0)]), 2)
    assert fed[0].sources == {"junior": "feeders"}
    assert rows(fed, "entrants", 1) == [[20, 10, 4, 4]]


def test_a_stage_of_which_nothing_is_known_is_left_out():
    counts = {2027: {P1: [1, 1], J7: [4]}, 2028: {P1: [2, 2]}}
    later = look_later(three(counts=counts), 2)
    assert later[0].sources == {"primary": "counted"}
    assert rows(later, "joined", 1) == [[0, 0, 0, 0]]


def test_the_classes_that_stand_are_rolled_and_stages_not_planned_stay():
    schools = make_schools({"A": 0, "B": 3}, types=("nine_year", "primary"))
    counts = {2027: {P1: [1, 1]}, 2028: {P1: [1, 1]}}
    returned = {("A", "primary"): [30, 0, 0, 0, 0, 29], ("A", "junior"): [50, 0, 40]}
    district = make_outlook(counts=counts, lives=LIVES, schools=schools, returned=returned)
    (later,) = look_later(district, 2)
    assert later.students(2, ("primary",)).tolist() == [30, 0]
    assert later.students(2, ("junior",)).tolist() == [90, 0]
    assert later.classes(2, STAGES).tolist() == [4 + 3, 0]


@pytest.mark.parametrize(("years", "key", "most"), [(2, None, None), (3, "unknown", 2), (5, "unknown", 2)])
def test_more_years_than_anybody_knows_are_refused(years, key, most):
    district = make_outlook(counts={2027: {P1: [5]}, 2028: {P1: [5]}}, lives=LIVES)
    if key is None:
        assert len(look_later(district, years)) == 1
        return
    with pytest.raises(NothingAhead) as refused:
        look_later(district, years)
    assert (refused.value.key, refused.value.facts) == (key, {"year": 2029, "until": 2028, "most": most})


def test_a_next_year_that_nobody_knows_is_refused_in_other_words():
    with pytest.raises(NothingAhead, match="next_unknown"):
        look_later(make_outlook(counts={2027: {P1: [5]}}, lives=LIVES), 2)


def test_a_study_of_the_steady_state_has_no_years():
    counts = {2027: {P1: [5]}, 2028: {P1: [5]}}
    with pytest.raises(NothingAhead, match="whole"):
        look_later(make_outlook(counts=counts, lives=LIVES, instance={"mode": "whole"}), 2)


def test_units_that_may_be_divided_are_refused():
    district = make_outlook(counts={2027: {P1: [5]}, 2028: {P1: [5]}}, lives=LIVES)
    rules = district.settings.rules.model_copy(update={"indivisible": "soft"})
    with pytest.raises(NothingAhead, match="divisible"):
        look_later(replace(district, settings=district.settings.model_copy(update={"rules": rules})), 2)
