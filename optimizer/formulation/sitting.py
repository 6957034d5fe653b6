"""Mode `entry`: who needs a seat, and where each could sit in some catchments, whichever are drawn."""

import numpy as np

from models.district import Bools, District, Ints, Travel
from optimizer.formulation.catchments import receiving_today
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.kinds import count_seats, decided_seats, without_seats
from optimizer.formulation.program.seats import Parties, find_parties
from optimizer.formulation.reach import beyond_borders, within_reach


def who_sits(f: Formulation, district: District) -> tuple[Parties, Ints]:
    """Return the children who need a seat, and those who have one already, shape (schools, columns)."""
    decided = decided_seats(district)
    everybody = range(len(district.demand.cohorts))
    parties = find_parties(f, district, without_seats(district, decided), everybody)
    return parties, count_seats(district, f.columns, decided)


def may_sit(f: Formulation, district: District, travel: Travel, parties: Parties) -> Bools:
    """Return the schools at which children could sit in some catchment, shape (parties, schools).

    Zoned ones at those that their unit may belong to, and unless overflow is hard at whatever is within reach; the
    others at what is within reach.
    """
    assert f.pool is not None
    stage, zoned = stage_of_columns(f)[parties.column], are_zoned(district, parties)
    own = f.pair_table[f.blocks.of_unit] >= 0
    for s, name in enumerate(f.stages):
        shared = f.pool.shared[:, s]
        if shared.any() and district.current is not None:
            own[shared, s] = receiving_today(district, district.current, name)[shared]
    hosts = f.pool.hosts[:, parties.column].T & within_reach(district, travel, f.stages)[parties.unit, :, stage]
    if f.pool.overflow == "hard":
        hosts &= ~zoned[:, None]
    own &= ~beyond_borders(district)[:, None, :]
    return np.asarray(hosts | (own[parties.unit, stage] & zoned[:, None]))


def are_zoned(district: District, parties: Parties) -> Bools:
    """Return which parties follow a catchment."""
    kinds = [district.settings.kind_of(cohort.category) for cohort in district.demand.cohorts]
    return np.array([kind == "zoned" for kind in kinds], dtype=bool)[parties.cohort]


def stage_of_columns(f: Formulation) -> Ints:
    """Return the position of the stage of every column."""
    return np.array([f.stages.index(column.stage) for column in f.columns], dtype=np.int64)
