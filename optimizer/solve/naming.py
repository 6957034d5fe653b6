"""Names after numbers: who of a group of alike teachers takes each of its posts."""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from models.district import Floats, Ints
from optimizer.formulation.staffing.formulation import StaffFormulation
from optimizer.formulation.staffing.groups import RECRUIT, STAY, commute_m

WANTED_KM = 10.0
"""Kilometres of commute that the first of somebody's preferences outweighs; the later ones less by their place."""
NO_EDGE_KM = 1e4
"""Added to every burden: a burden of 0 would be no posting at all to the matching."""
UNASKED_KM = 50.0
"""What asking someone costs who did not come forward, while a colleague did."""


def name_postings(f: StaffFormulation, taken: Ints) -> Ints:
    """Return the option that each teacher takes, by row of `district.teachers`; -1 for posts that were settled.

    Inside every group the shortest way from home and what people prefer decide, those who come forward first.
    Recruits for whom there is no post have -1 as well.
    """
    teachers = f.district.teachers
    assert teachers is not None
    posted = np.full(len(teachers), -1, dtype=np.int64)
    for group, people in enumerate(f.groups.members):
        options = np.flatnonzero((f.options.group == group) & (taken > 0))
        slots = np.repeat(options, taken[options])
        if len(slots) == 0:
            continue
        if len(options) == 1 and len(slots) == len(people):
            posted[people] = slots
            continue
        who, slot = min_weight_full_bipartite_matching(csr_matrix(_burden_km(f, people, slots) + NO_EDGE_KM))
        posted[people[who]] = slots[slot]
    return posted


def _burden_km(f: StaffFormulation, people: Ints, slots: Ints) -> Floats:
    """What each post means to each teacher, in kilometres; shape (people, slots)."""
    teachers, form = f.district.teachers, f.options.form[slots]
    assert teachers is not None
    school = f.need.faculties.school[f.options.faculty[slots]]
    away = form != STAY
    burden = np.nan_to_num(commute_m(f.district, people, school)) / 1000.0
    asked = away & (form != RECRUIT)
    burden += np.where(~teachers.volunteer[people][:, None] & asked[None, :], UNASKED_KM, 0.0)
    for row, person in enumerate(people.tolist()):
        for place, wanted in enumerate(teachers.preferences[person]):
            burden[row, (school == wanted) & away] -= WANTED_KM / (place + 1)
    return np.asarray(burden, dtype=np.float64)
