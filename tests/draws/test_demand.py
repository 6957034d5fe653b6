"""Draws of demand keep the mean, the spread and the correlation that were asked for, and follow from ids alone."""

from dataclasses import replace

import numpy as np
import pytest
from admission import make_entry_district
from builders import make_district, make_units

from models.district import Cohort, Demand
from optimizer.draws import Draws, Spread, draw_demand

MANY = 4000
BY_KIND = {
    Cohort("primary", "1", "local"): (40, 7, 0, 3),
    Cohort("primary", "1", "migrant"): (5, 5, 0, 0),
    Cohort("primary", "1", "special"): (2, 1, 1, 0),
}


def large(zones: tuple[str, ...], spread: Spread, draws: int = MANY) -> Draws:
    """Units with 10,000 children, so that rounding plays no part."""
    district = make_district(units=make_units(4, zone=zones), students=(10_000,) * 4)
    return draw_demand(district, draws, 3, spread)


def factors(drawn: Draws) -> np.ndarray:
    return drawn.students[:, :, 0] / 10_000


def test_the_mean_stays_and_the_spread_is_as_asked() -> None:
    found = factors(large(("N", "N", "S", "S"), Spread(0.2, 0.5)))
    # The error of a mean of 4,000 draws is 0.2 / 63 = 0.003, that of their deviation a little less.
    assert found.mean(axis=0) == pytest.approx(1.0, abs=0.015)
    assert found.std(axis=0) == pytest.approx(0.2, abs=0.012)


def test_units_of_one_zone_go_together_and_those_of_two_do_not() -> None:
    logs = np.log(factors(large(("N", "N", "S", "S"), Spread(0.2, 0.7))))
    found = np.corrcoef(logs.T)
    assert found[0, 1] == pytest.approx(0.7, abs=0.05)
    assert found[2, 3] == pytest.approx(0.7, abs=0.05)
    assert np.abs(found[:2, 2:]).max() < 0.08


@pytest.mark.parametrize(("correlation", "apart"), [(0.0, True), (1.0, False)])
def test_a_district_without_zones_is_one_zone(correlation: float, apart: bool) -> None:
    found = factors(large(("",) * 4, Spread(0.2, correlation), draws=200))
    # Rounding moves a factor of 10,000 children by 0.0001 at most.
    assert (np.ptp(found, axis=1).max() > 0.01) == apart


def test_rounding_at_random_keeps_the_mean_of_few_children() -> None:
    # 3 children, spread 0.1: rounded to the nearest they would nearly always be 3; drawn they are 2 or 4 at times.
    drawn = draw_demand(make_district(students=(3, 3, 0, 1)), MANY, 1, Spread(0.1, 0.5)).students[:, :, 0]
    assert drawn.mean(axis=0) == pytest.approx([3, 3, 0, 1], abs=0.05)
    assert set(drawn[:, 0].tolist()) >= {2, 3, 4}
    assert not drawn[:, 2].any()


def test_all_children_of_a_unit_share_its_factor_and_placed_ones_are_not_drawn() -> None:
    district = make_entry_district(students={"local": (10_000, 0, 0, 0), "migrant": (10_000, 0, 0, 0)})
    drawn = draw_demand(district, 50, 1, Spread(0.3, 0.5)).students
    assert np.abs(drawn[:, 0, 0] - drawn[:, 0, 1]).max() <= 1
    placed = replace(district, demand=Demand(tuple(BY_KIND), np.array(list(BY_KIND.values())).T))
    drawn = draw_demand(placed, 50, 1, Spread(0.3, 0.5)).students
    assert (drawn[:, :, 2] == [2, 1, 1, 0]).all()
    assert np.ptp(drawn[:, 0, 0]) > 0


def test_a_draw_is_the_same_however_many_there_are() -> None:
    district = make_entry_district(students={"local": (40, 7, 0, 3), "migrant": (5, 5, 0, 0)})
    few, many = (draw_demand(district, count, 9, Spread()).students for count in (3, 40))
    assert (few == many[:3]).all()


def test_the_order_of_the_rows_plays_no_part() -> None:
    units = make_units(4, zone=("N", "N", "S", ""))
    order = [2, 0, 3, 1]
    shuffled = replace(units, ids=tuple(units.ids[k] for k in order), zone=tuple(units.zone[k] for k in order))
    counts = np.array([40, 7, 9, 3])
    one = draw_demand(make_district(units=units, students=counts.tolist()), 20, 5, Spread()).students
    other = draw_demand(make_district(units=shuffled, students=counts[order].tolist()), 20, 5, Spread()).students
    assert (one[:, order] == other).all()


def test_another_seed_gives_other_draws_and_no_spread_gives_none() -> None:
    district = make_district(students=(40, 30, 20, 10))
    one, same, other = (draw_demand(district, 20, seed, Spread()).students for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()
    assert (draw_demand(district, 20, 1, Spread(0.0, 0.5)).students == district.demand.students).all()
