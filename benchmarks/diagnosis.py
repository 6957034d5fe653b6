"""Planted impossibilities in the whole of binhe: is the cause named, in what time, and do the repairs hold?

    PYTHONPATH=tests python benchmarks/diagnosis.py --seconds 90
    PYTHONPATH=tests python benchmarks/diagnosis.py --cases places region_tracks --corner --no-rival

Every case of tests/diagnose/planted.py is planted in a copy of its own. A line a case says how long counting took and
the whole diagnosis, whether the planted rules are among those that it blames, and how many of its repairs make a plan:
each is written as a scenario and solved anew.

The rival is CP-SAT's core of assumptions on the same program: every rule is a literal that its rows depend on, and what
the solver returns is a set of literals that cannot all be true. Rules that take schools from units are rows too: the
rival gets the program without them, and a row for every pair that they forbid. Other rules shape the columns, such as
`overflow` or `direction`; it is not asked for these. Contiguity, and who of those outside their catchment
sits where, is found out between solves and stands in no program: there it finds plans that are none. Posts are for the
children where ours seats them, in seconds that are not counted.
"""

import argparse
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.queues import Queue
from pathlib import Path

import numpy as np
from diagnose.cut import corner_of, cut_district
from diagnose.planned import has_plan
from diagnose.planted import CASES, NAME, Planted, blamed
from ortools.sat.python import cp_model
from rival import ask

from models.diagnosis import Diagnosis
from models.district import District, Travel
from models.watch import Silence
from optimizer.diagnose.count import count_children
from optimizer.diagnose.diagnose import Terms, diagnose_instance
from optimizer.diagnose.families import FAMILIES, without
from optimizer.diagnose.posts.case import RULES as OF_POSTS
from optimizer.formulation import Formulation, formulate
from optimizer.formulation.plan import draw_plan
from optimizer.formulation.program import write_program
from optimizer.formulation.program.program import LinearProgram, Row
from optimizer.formulation.staffing.formulation import formulate_staffing
from optimizer.formulation.staffing.openings import find_openings, with_classes
from optimizer.formulation.staffing.program import write_staffing
from optimizer.formulation.start import starting_plan
from optimizer.geo.travel import measure_travel
from optimizer.io import build_district, read_source
from optimizer.io.amend import write_scenario
from optimizer.solve import Effort, solve
from optimizer.solve.seats import seat_children

FORBIDDING = ("max_travel", "region", "fixed", "change")
"""Rules that take schools from units: pairs that a formulation has without one of them, and not with it, are its."""
ROWS = {"classes": "class_size", "evenness": "balance_cv"}
"""Rules of rows that are not called by their rule; all other rows say what columns mean, or that all have a place."""
RULES = frozenset({*FAMILIES, *OF_POSTS})
IMPLIED = "rounded"
"""Rows that follow from those of the posts needed, and are of no use to whoever counts in parts."""
PARTS = 1000
"""Of a number that is not whole: CP-SAT counts in whole ones."""
SLIP = 1e-6
"""Arithmetic may miss a whole number by it."""
MOST = 2**40
"""A bound that is none."""
OVERTIME_S = 30.0
"""Beyond its time, before a rival is ended."""


@dataclass(frozen=True)
class Finding:
    """What a case came to."""

    counting_s: float
    all_s: float
    diagnosis: Diagnosis
    sound: int
    """Repairs that make a plan."""

    def tell(self, case: Planted) -> str:
        """One line."""
        named = case.rules <= blamed(self.diagnosis)
        repairs = ", ".join(repair.lever for repair in self.diagnosis.repairs) or "none"
        return (
            f"{case.name:26} counting {self.counting_s:5.2f} s  in all {self.all_s:6.1f} s  "
            f"{'named' if named else 'MISSED'}: {', '.join(sorted(blamed(self.diagnosis))) or 'nothing'}; "
            f"repairs that hold {self.sound} of {len(self.diagnosis.repairs)}: {repairs}"
        )


@dataclass(frozen=True)
class Core:
    """What the rival answered."""

    ending: str
    asked: frozenset[str]
    """Rules that it had a literal for."""
    rules: frozenset[str]
    """Those of its core."""

    def tell(self, case: Planted) -> str:
        """What it blames, where it found that there is no plan."""
        if self.ending != "infeasible":
            return ""
        asked = case.rules & self.asked
        named = "not asked" if not asked else "named" if asked <= self.rules else "MISSED"
        return f"; {named}: {', '.join(sorted(self.rules)) or 'nothing'}"


def diagnose(case: Planted, folder: Path, seconds: float) -> Finding:
    """Diagnose a planted folder, and solve with each of the repairs."""
    district, travel = read(folder)
    stated = formulate(district, travel)
    began = time.monotonic()
    count_children(stated, district, travel)
    counted = time.monotonic()
    diagnosis = diagnose_instance(
        folder, NAME, Terms(seconds, workers=2, students_only=not case.posts), watch=Silence()
    )
    ended = time.monotonic()
    sound = sum(holds(case, folder, number, diagnosis) for number in range(len(diagnosis.repairs)))
    return Finding(counted - began, ended - counted, diagnosis, sound)


def holds(case: Planted, folder: Path, number: int, diagnosis: Diagnosis) -> bool:
    """Whether a repair makes a plan."""
    scenario = f"repair_{number}"
    write_scenario(folder, scenario, diagnosis.repairs[number].patch, base=NAME)
    return has_plan(folder, scenario, folder.parent / "runs", students_only=not case.posts)


def read(folder: Path) -> tuple[District, Travel]:
    """Return the planted district and its distances."""
    district = build_district(read_source(folder, NAME))
    return district, measure_travel(district)


def write_whole(case: Planted, folder: Path, seconds: float) -> LinearProgram:
    """Return the program of a case, with the pairs that a rule forbids as rows of that rule."""
    district, travel = read(folder)
    if case.posts:
        return _write_posts(district, travel, seconds)
    stated, wide = formulate(district, travel), formulate(without(district, FORBIDDING), travel)
    return write_program(wide).with_rows(list(_forbidden(district, travel, stated, wide)))


def _forbidden(district: District, travel: Travel, stated: Formulation, wide: Formulation) -> Iterator[Row]:
    """A row for every pair that the stated rules forbid, by the name of the rule that does."""
    gone = _pairs(wide) - _pairs(stated)
    at = {pair: k for k, pair in enumerate(zip(wide.pairs.block.tolist(), wide.pairs.school.tolist(), strict=True))}
    for rule in FORBIDDING:
        others = [other for other in FORBIDDING if other != rule]
        alone = formulate(without(district, others), travel)
        for pair in gone - _pairs(alone):
            yield Row(f"{rule}[{pair}]", (at[pair],), (1.0,), 0.0, 0.0)


def _pairs(f: Formulation) -> set[tuple[int, int]]:
    return set(zip(f.pairs.block.tolist(), f.pairs.school.tolist(), strict=True))


def _write_posts(district: District, travel: Travel, seconds: float) -> LinearProgram:
    f = formulate(district, travel)
    outcome = solve(f, Effort(seconds, None, lambda: False), workers=2, start=starting_plan(f, district, None))
    outcome = seat_children(f, district, travel, outcome)
    plan = draw_plan(f, district, travel, outcome)
    if plan is None:
        raise SystemExit(f"no plan of the children in {seconds:.0f} s: {outcome.status}")
    openings = find_openings(f, district, outcome)
    classes = plan.classes if openings is None else with_classes(plan.classes, district, openings)
    return write_staffing(formulate_staffing(district, classes, openings)).linear


def run_rival(program: LinearProgram, seconds: float, answer: "Queue[Core]") -> None:
    """Ask CP-SAT for a core; put what it says into `answer`."""
    model = cp_model.CpModel()
    parts = np.where(program.whole, 1, PARTS)
    columns = [
        model.new_int_var(round(low), min(MOST, int(high)) if np.isfinite(high) else MOST, "")
        for low, high in zip(parts * program.lower, parts * program.upper, strict=True)
    ]
    literals: dict[str, cp_model.IntVar] = {}
    for k, name in enumerate(program.row_names):
        family = re.sub(r"\[.*", "", name)
        if family == IMPLIED:
            continue
        span = slice(program.matrix.indptr[k], program.matrix.indptr[k + 1])
        at, values = program.matrix.indices[span], program.matrix.data[span]
        scale = 1 if program.whole[at].all() and np.array_equal(values, np.round(values)) else PARTS * PARTS
        low, high = (scale * bound for bound in (program.row_lower[k], program.row_upper[k]))
        row = model.add_linear_constraint(
            cp_model.LinearExpr.weighted_sum(
                [columns[c] for c in at], np.round(scale * values / parts[at]).astype(int).tolist()
            ),
            int(np.ceil(low - SLIP)) if np.isfinite(low) else -MOST,
            int(np.floor(high + SLIP)) if np.isfinite(high) else MOST,
        )
        rule = ROWS.get(family, family)
        if rule in RULES:
            row.only_enforce_if(literals.setdefault(rule, model.new_bool_var(rule)))
    model.add_assumptions(list(literals.values()))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    ending = solver.status_name(solver.solve(model)).lower()
    rule_of = {literal.index: rule for rule, literal in literals.items()}
    core = solver.sufficient_assumptions_for_infeasibility() if ending == "infeasible" else []
    answer.put(Core(ending, frozenset(literals), frozenset(rule_of[index] for index in core)))


def challenge(case: Planted, folder: Path, seconds: float) -> str:
    """Return what the rival makes of a case, in a process of its own."""
    program = write_whole(case, folder, seconds)
    core, ended = ask(run_rival, (program, seconds), seconds + OVERTIME_S)
    if core is None:
        return f"  CP-SAT: ended after {ended:.1f} s without an answer"
    return f"  CP-SAT: {core.ending} after {ended:.1f} s{core.tell(case)}"


def main() -> None:
    """Read the command line, plant, diagnose."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instance", type=Path, default=Path("instances/binhe"))
    parser.add_argument("--cases", nargs="+", choices=[case.name for case in CASES], metavar="CASE")
    parser.add_argument("--corner", action="store_true", help="in the corner that the tests take, not in all of binhe")
    parser.add_argument("--seconds", type=float, default=90.0, help="for each diagnosis, and for the rival")
    parser.add_argument("--no-rival", action="store_true")
    given = parser.parse_args()
    for case in CASES:
        if given.cases and case.name not in given.cases:
            continue
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "planted"
            if given.corner:
                cut_district(given.instance, folder, corner_of(given.instance))
            else:
                shutil.copytree(given.instance, folder)
            case.plant(folder)
            print(diagnose(case, folder, given.seconds).tell(case), flush=True)
            if not given.no_rival:
                print(challenge(case, folder, given.seconds), flush=True)


if __name__ == "__main__":
    main()
