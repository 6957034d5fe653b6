"""What one more class, or some places, at a full school would be worth to a finished plan: it is solved with them.

All but a few schools round the one in question stay as they are. Round all that are asked about the best plan is sought
without any change first, so that what is found with one is its own merit and no luck of a longer search.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from models.diagnosis import Binding, Price
from models.district import Bools, Ints
from models.plan import Plan
from models.settings import LevelName
from models.stages import Stage
from optimizer.diagnose.attempt import Attempt, Case
from optimizer.diagnose.binding import Standing
from optimizer.diagnose.enlarge import Load, enlarge, list_changes, load_of, with_cells
from optimizer.formulation import Formulation, formulate
from optimizer.formulation.formulation import Pairs
from optimizer.formulation.program import write_program
from optimizer.formulation.separate import separate
from optimizer.formulation.start import starting_plan
from optimizer.solve import Effort, solve
from optimizer.solve.seats import seat_children

MOST = 5
"""Changes that are tried, those first that most children would gain by."""
AROUND = 4
"""Schools of the stage whose catchments are drawn anew with that of the school in question, the nearest ones.

Few, so that the best plan among them is found in seconds: a redraw of all schools might make more of a change.
"""
FIRST = 0.25
"""Share of the effort for the plan without any change."""
LONG_S, SHORTEST_S = 6.0, 1.0
"""For one change, as long as it lasts: where time is short fewer of them are tried, not all of them badly."""
DRAWING = 0.7
"""Share of the time for a plan in which catchments are drawn; seats and tables need the rest."""
PLACES = 40
"""Children who are given places together, where no class cap says how many a class holds."""
LEAST_KM = 1.0
"""Student-kilometres: what saves less is worth no class."""
EXACT = 1e-6
ROOM = ("classrooms", "tracks", "places")
"""Rules whose limit a bureau can raise at a school."""


@dataclass(frozen=True)
class Change:
    """One more class at a school, or some places where the plan does not decide classes."""

    school: int
    stage: Stage
    children: int
    """Whom it holds."""
    lever: str


def price_rooms(
    case: Case, plan: Plan, standing: Standing, bindings: Iterable[Binding], effort: Effort
) -> tuple[Price, ...]:
    """Return what one more class, or some places, would be worth at full schools, what saves most first.

    Savings are compared in the order of the levels: a child who need not be placed outside its catchment comes before
    any kilometre. What saves nothing is left out.
    """
    changes = rank_changes(standing, bindings)[:MOST]
    near = [_near(standing, change) for change in changes]
    if not changes:
        return ()
    before = _solve_near(case, plan, np.any(near, axis=0), effort.rest(FIRST))
    found: list[tuple[tuple[float, ...], Price]] = []
    for turn, change in enumerate(changes):
        if before is None or effort.over or effort.left_s < SHORTEST_S:
            break
        part = effort.rest(min(1.0, max(1.0 / (len(changes) - turn), LONG_S / effort.left_s)))
        found += _price(case, *before, change, near[turn], part)
    return tuple(price for _, price in sorted(found, key=lambda each: each[0], reverse=True))


def rank_changes(standing: Standing, bindings: Iterable[Binding]) -> list[Change]:
    """Return a change for every school and stage whose limit of rooms or places binds, that first which promises most.

    It promises children of the catchment who come back, then kilometres: of those who gain most, as many as it holds.
    """
    promises: dict[tuple[int, int], tuple[float, float]] = {}
    rows, stages = standing.placement.district.schools.row, standing.f.stages
    for binding in bindings:
        held = range(len(stages)) if binding.stage == "" else [stages.index(binding.stage)]
        for s in held if binding.rule in ROOM else ():
            school = rows[binding.where]
            if standing.comers[school, s]:
                promises[school, s] = standing.wishes[s].promise(school, _size(standing, s))
    ranked = sorted(promises, key=lambda key: promises[key], reverse=True)
    return [
        Change(school, stages[s], _size(standing, s), "class" if _class_of(standing, s) else "places")
        for school, s in ranked
    ]


def _size(standing: Standing, stage: int) -> int:
    """Children whom a change makes room for."""
    return _class_of(standing, stage) or PLACES


def _class_of(standing: Standing, stage: int) -> int | None:
    """Children of a full class of the first grade; None where no cap says how many these are."""
    rules, named = standing.f.classes, standing.f.stages[stage]
    capped = rules is not None and named in standing.placement.district.settings.policy.class_size.cap
    return next(grade.cap for grade in rules.grades if grade.stage == named) if rules is not None and capped else None


def _price(
    case: Case, made: Attempt, plan: Plan, change: Change, near: Bools, effort: Effort
) -> list[tuple[tuple[float, ...], Price]]:
    """The price of one change beside what it saves level by level; nothing where it saves nothing."""
    cells = enlarge(case, _with_change(made, change), {change.school})
    larger = replace(case, district=with_cells(case.district, cells))
    after = _solve_near(larger, plan, near, effort, change) if cells else None
    if after is None or not enlarge(case, load_of(after[0]), {change.school}):
        return []
    order = made.formulation.order
    saved = {level: _value(made, level) - _value(after[0], level) for level in order}
    if not _is_worth(saved):
        return []
    ways, changes = _compare(case, plan, after[1]), list_changes(case.district, cells)
    lever = change.lever if ways["children"] else f"{change.lever}_alone"
    differs = {level: value for level, value in saved.items() if abs(value) > EXACT}
    facts = {"stage": change.stage, "size": change.children, "changes": changes, **ways, "differs": differs}
    where = case.district.schools.ids[change.school]
    price = Price(lever, where, facts, saved.get("travel", 0.0), {"schools": cells})
    return [(tuple(saved[level] for level in order), price)]


def _is_worth(saved: Mapping[LevelName, float]) -> bool:
    """Whether the first level that differs by a child, a class or a kilometre is better."""
    for level, value in saved.items():
        least = LEAST_KM if level == "travel" else 0.5
        if abs(value) >= least:
            return value > 0
    return False


def _near(standing: Standing, change: Change) -> Bools:
    """The school and those of its stage nearest to it, shape (schools, stages)."""
    schools, travel = standing.placement.district.schools, standing.placement.travel
    metres = np.where(schools.unit >= 0, travel.metres[schools.unit, change.school], np.inf)
    metres = np.where(schools.serves(change.stage), metres, np.inf)
    metres[change.school] = -1.0
    near = np.zeros((len(schools), len(standing.f.stages)), dtype=bool)
    nearest = np.argsort(metres, kind="stable")[: AROUND + 1]
    near[nearest[np.isfinite(metres[nearest])], standing.f.stages.index(change.stage)] = True
    return near


def _solve_near(
    case: Case, plan: Plan, near: Bools, effort: Effort, change: Change | None = None
) -> tuple[Attempt, Plan] | None:
    """The best plan in which the catchments of the schools near are drawn anew, all else as in `plan`."""
    f = hold(formulate(case.district, case.travel), plan, near)
    start, drawing = starting_plan(f, case.district, plan.catchments), effort.rest(DRAWING)
    today = starting_plan(f, case.district, None)
    if start is not None and today is not None and change is not None and "stability" in f.order:
        start = _with_returned(f, start, today, change)
    outcome = solve(f, drawing, seed=case.seed, workers=case.workers, start=start)
    if f.pool is not None:
        outcome = seat_children(f, case.district, case.travel, outcome)
    made = Attempt(case, f, outcome)
    drawn = made.plan
    return None if drawn is None else (made, drawn)


def _with_returned(f: Formulation, start: Ints, today: Ints, change: Change) -> Ints:
    """The plan with children of today's catchment back at the school: as many as the change holds, in one piece."""
    program, left, size = write_program(f), change.children, f.blocks.size
    gone = np.flatnonzero((today == change.school) & (start != today))
    for block in gone[np.argsort(-size[gone], kind="stable")].tolist():
        tried = start.copy()
        tried[block] = change.school
        pairs = f.pair_table[np.arange(len(tried)), tried]
        used = np.zeros(program.pairs)
        used[pairs] = 1.0
        if size[block] <= left and (tried >= 0).all() and (pairs >= 0).all() and not separate(f, program, used):
            start, left = tried, left - int(size[block])
    return start


def hold(f: Formulation, plan: Plan, near: Bools) -> Formulation:
    """assign[i,j] = 0 unless j has i in `plan`, or both j and the school that has i are `near`.

    `near` has the shape (schools, stages). A block that the plan gives to no school that may have it stays open.
    """
    unit_row = {unit: row for row, unit in enumerate(f.unit_ids)}
    school_row = {school: row for row, school in enumerate(f.school_ids)}
    has = np.zeros((len(f.blocks), len(f.school_ids)), dtype=bool)
    for unit, of, school in plan.catchments[["unit_id", "stage", "school_id"]].itertuples(index=False):
        if unit in unit_row and school in school_row and of in f.stages:
            has[f.blocks.of_unit[unit_row[unit], f.stages.index(of)], school_row[school]] = True
    block, school = f.pairs.block, f.pairs.school
    held = np.zeros(len(f.blocks), dtype=bool)
    np.logical_or.at(held, block, has[block, school])
    around = near[:, f.blocks.stage].T
    drawn: Bools = np.any(has & around, axis=1)
    kept = has[block, school] | ~held[block] | (drawn[block] & around[block, school])
    pairs = Pairs(
        block=block[kept],
        school=school[kept],
        price={level: price[kept] for level, price in f.pairs.price.items()},
        counted=f.pairs.counted,
    )
    budgets = tuple(replace(budget, weight=budget.weight[kept]) for budget in f.budgets)
    return replace(f, pairs=pairs, budgets=budgets, metres=f.metres[kept])


def _with_change(made: Attempt, change: Change) -> Load:
    """Who is at each school, and the children of the change at its school, in one more class of the first grade."""
    load, f = load_of(made), made.formulation
    enrolment, classes = load.enrolment.copy(), load.classes.copy()
    column = next(c for c, column in enumerate(f.columns) if column.stage == change.stage)
    enrolment[change.school, column] += change.children
    grades = () if f.classes is None else f.classes.grades
    for g in [g for g, grade in enumerate(grades) if grade.stage == change.stage][:1]:
        classes[change.school, g] += 1
    return Load(enrolment, classes)


def _value(made: Attempt, level: LevelName) -> float:
    return next((told.value for told in made.outcome.levels if told.name == level), 0.0)


def _compare(case: Case, before: Plan, after: Plan) -> dict[str, int]:
    """Children who go to another school than before, and their way on average then and now, in metres."""
    keys = ["unit_id", "stage", "category", "school_id"]
    counts = [table.groupby(keys)["students"].sum() for table in (before.assignments, after.assignments)]
    both = pd.concat(counts, axis=1, keys=["before", "after"]).fillna(0).reset_index()
    unit, school = both["unit_id"].map(case.district.units.row), both["school_id"].map(case.district.schools.row)
    metres = case.travel.metres[unit.to_numpy(np.int64), school.to_numpy(np.int64)]
    left = (both["before"] - both["after"]).clip(lower=0).to_numpy(np.float64)
    came = (both["after"] - both["before"]).clip(lower=0).to_numpy(np.float64)
    if not came.any():
        return {"children": 0, "before_m": 0, "after_m": 0}
    mean = [float((each * np.where(each > 0, metres, 0.0)).sum() / each.sum()) for each in (left, came)]
    return {"children": int(came.sum()), "before_m": round(mean[0]), "after_m": round(mean[1])}
