"""Where room is short: the least that some schools together lack, each child as near as may be, by a relaxation."""

from dataclasses import dataclass

import numpy as np

from models.district import Floats
from optimizer.diagnose.attempt import Case
from optimizer.diagnose.enlarge import Cells, Load, enlarge
from optimizer.formulation import Formulation, formulate
from optimizer.formulation.draft import Eased
from optimizer.formulation.program import Program, write_program
from optimizer.formulation.program.seats import Options, write_seats
from optimizer.formulation.sitting import may_sit, who_sits
from optimizer.solve.backends import solve_relaxation

SECONDS = 20.0
NEVER = 1e4
"""Kilometres that a child without room weighs: nobody saves as much by going elsewhere."""
EXACT = 1e-6
KEPT_SOFT = ("class_size", "overflow")
"""Soft rules that are not left out: a class cap says what a room holds, and who may sit elsewhere may."""


@dataclass(frozen=True)
class Lack:
    """What schools must be given, as far as a relaxation tells."""

    least: Cells
    """With less there is no plan."""
    ample: Cells
    """With so much every child may go where it is nearest."""


def find_lack(case: Case, eased: Eased) -> Lack | None:
    """Return what the schools lack if these rules are broken there, and there alone, as little as can be.

    None where that leaves no room at all. Children are rounded up, and catchments may be torn: it tells where to look,
    and what is not enough.
    """
    rules = case.district.settings.rules
    soft = [rule for rule, hardness in rules if hardness == "soft"]
    off = {rule: "off" for rule in soft if rule not in KEPT_SOFT}
    posed = case.posed({"rules": off, "objective": {"order": ["shortage", "travel"]}})
    f = formulate(posed.district, case.travel, eased)
    program, km = _catchments(f) if f.pool is None else _seats(f, case)
    schools = {school for of_rule in eased.values() for school in of_rule}
    short = program.cost.get("shortage", np.zeros(len(program.lower)))
    cells = list[Cells]()
    for price in (NEVER, 0.0):
        cost = price * short
        cost[: len(km)] += km
        solved = solve_relaxation(program, cost, SECONDS)
        if not np.isfinite(solved.value):
            return None
        held = np.append(solved.solution, 0.0)
        enrolment, classes = held[program.enrolment], held[program.classes]
        load = Load(np.ceil(enrolment - EXACT).astype(np.int64), np.ceil(classes - EXACT).astype(np.int64))
        cells.append(enlarge(case, load, schools))
    return Lack(cells[0], cells[1])


def _catchments(f: Formulation) -> tuple[Program, Floats]:
    """Mode `whole`: blocks and their schools."""
    return write_program(f), np.array(f.pairs.price["travel"])


def _seats(f: Formulation, case: Case) -> tuple[Program, Floats]:
    """Mode `entry`: children and the schools at which they may sit."""
    parties, taken = who_sits(f, case.district)
    party, school = np.nonzero(may_sit(f, case.district, case.travel, parties))
    none = np.zeros(len(party))
    km = case.travel.metres[parties.unit[party], school] / 1000.0
    options = Options(party, school, km, none > 0, none + np.inf)
    return write_seats(f, parties, options, taken), np.where(np.isfinite(km), km, 0.0)
