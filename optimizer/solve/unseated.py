"""Why children find no seat whatever the catchments: no school within reach, or too few places in those that are."""

import numpy as np

from models.district import Bools, District, Floats, Ints, Travel
from optimizer.formulation.catchments import receiving_today
from optimizer.formulation.formulation import Formulation
from optimizer.formulation.kinds import count_seats, decided_seats, without_seats
from optimizer.formulation.program.seats import Options, Parties, find_parties, write_seats
from optimizer.formulation.reach import beyond_borders, within_reach
from optimizer.solve.count import Count
from optimizer.solve.prove import prove_by_sums

SECONDS = 60.0
MOST_NAMED = 5


def explain_unseated(f: Formulation, district: District, travel: Travel) -> Count | None:
    """Return why no seating exists in any catchments; None where neither counting nor a weighted sum shows it."""
    decided = decided_seats(district)
    everybody = range(len(district.demand.cohorts))
    parties = find_parties(f, district, without_seats(district, decided), everybody)
    may, taken = _may_sit(f, district, travel, parties), count_seats(district, f.columns, decided)
    return _stranded(f, parties, may) or _confined(f, parties, may, taken) or _weighed(f, travel, parties, may, taken)


def _may_sit(f: Formulation, district: District, travel: Travel, parties: Parties) -> Bools:
    """Schools at which children could sit in some catchments, shape (parties, schools).

    Zoned ones at those that their unit may belong to, and unless overflow is hard at whatever is within reach; the
    others at what is within reach.
    """
    assert f.pool is not None
    stage = _stages(f)[parties.column]
    kinds = [district.settings.kind_of(cohort.category) for cohort in district.demand.cohorts]
    zoned = np.array([kind == "zoned" for kind in kinds])[parties.cohort]
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


def _stranded(f: Formulation, parties: Parties, may: Bools) -> Count | None:
    """Children, of the first stage with any, whom no school takes that is within reach."""
    nowhere: Bools = ~np.any(may, axis=1)
    if not nowhere.any():
        return None
    stage = _stages(f)[parties.column]
    return Count("solve.stranded", _tell(f, parties, nowhere & (stage == stage[nowhere][0])))


def _confined(f: Formulation, parties: Parties, may: Bools, taken: Ints) -> Count | None:
    """Children of a stage against the places of the schools beyond which none of them may sit."""
    for s in range(len(f.stages)):
        of_stage = np.flatnonzero(_stages(f)[parties.column] == s)
        schools, of_set = np.unique(may[of_stage], axis=0, return_inverse=True)
        within = schools.astype(np.int64) @ ~schools.T == 0
        students = np.bincount(of_set.ravel(), weights=parties.students[of_stage], minlength=len(schools)) @ within
        places = np.where(schools, _places(f, taken, s), 0.0).sum(axis=1)
        if not (students > places).any():
            continue
        worst = int(np.argmax(students - places))
        concerned = np.zeros(len(parties), dtype=bool)
        concerned[of_stage[within[of_set.ravel(), worst]]] = True
        told = _tell(f, parties, concerned)
        told |= {"places": int(places[worst]), "short": int(students[worst] - places[worst])}
        if (schools[worst] == schools.any(axis=0)).all():
            return Count("solve.places", told)
        named = [f.school_ids[school] for school in np.flatnonzero(schools[worst])]
        told["schools"] = ", ".join([*named[:MOST_NAMED], *(["..."] if len(named) > MOST_NAMED else [])])
        return Count("solve.confined", told)
    return None


def _places(f: Formulation, taken: Ints, s: int) -> Floats:
    """Most children of a stage whom the hard rules let sit at each school beside those `taken`; inf without a limit."""
    columns, places = _stages(f) == s, np.full(len(f.school_ids), np.inf)
    for limit in f.limits:
        if limit.hard and limit.columns[columns].all():
            left = limit.bound - taken[limit.school, limit.columns].sum()
            places[limit.school] = min(places[limit.school], left)
    rules = f.classes
    for group in rules.rooms if rules is not None and rules.cap == "hard" else ():
        assert rules is not None
        for grade, weight in zip(rules.grades, group.weight.tolist(), strict=True):
            if group.hard and weight and grade.stage == f.stages[s]:
                left = group.rooms // weight * grade.cap - taken[group.school, columns].sum()
                places[group.school] = min(places[group.school], left)
    return np.asarray(np.maximum(places, 0.0))


def _weighed(f: Formulation, travel: Travel, parties: Parties, may: Bools, taken: Ints) -> Count | None:
    """A weighted sum of all rules about seats that contradicts itself."""
    party, school = np.nonzero(may)
    none = np.zeros(len(party))
    km = travel.metres[parties.unit[party], school] / 1000.0
    program = write_seats(f, parties, Options(party, school, km, none > 0, none + np.inf), taken)
    return Count("solve.weighed") if prove_by_sums(program, SECONDS) else None


def _stages(f: Formulation) -> Ints:
    """Position of the stage of every column."""
    return np.array([f.stages.index(column.stage) for column in f.columns], dtype=np.int64)


def _tell(f: Formulation, parties: Parties, concerned: Bools) -> dict[str, object]:
    units = [f.unit_ids[unit] for unit in np.unique(parties.unit[concerned])]
    return {
        "units": len(units),
        "first": ", ".join(units[:MOST_NAMED]),
        "students": int(parties.students[concerned].sum()),
        "stage": f.columns[parties.column[concerned][0]].stage,
    }
