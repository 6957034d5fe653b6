"""Seats: children as flows to schools, once the catchments are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.district import Bools, District, Floats, Ints
from optimizer.formulation.formulation import Formulation, find_columns
from optimizer.formulation.program.classes import add_classes
from optimizer.formulation.program.limits import add_limits
from optimizer.formulation.program.program import Children, Program
from optimizer.formulation.program.writer import Writer


@dataclass(frozen=True)
class Parties:
    """Children of one unit and cohort who need a seat, in long form."""

    unit: Ints
    cohort: Ints
    column: Ints
    """Column of the formulation that counts them."""
    students: Ints

    def __len__(self) -> int:
        return len(self.unit)

    @property
    def arrays(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Unit, cohort, column and students of every party."""
        return self.unit, self.cohort, self.column, self.students


@dataclass(frozen=True)
class Options:
    """Schools where a party may sit, in long form."""

    party: Ints
    school: Ints
    km: Floats
    outside: Bools
    """Whether the school is none of the party's catchment."""
    drawn: Floats
    """Children of the unit who were drawn to this school; inf where the unit is not divided."""

    def __len__(self) -> int:
        return len(self.party)

    def of(self, kept: Bools) -> "Options":
        """Return the options marked in `kept`."""
        return Options(self.party[kept], self.school[kept], self.km[kept], self.outside[kept], self.drawn[kept])


def find_parties(f: Formulation, district: District, left: Ints, cohorts: Sequence[int]) -> Parties:
    """Return the children of `cohorts` who need a seat; `left` are all who do, shape (units, cohorts)."""
    unit, k = np.nonzero(left[:, cohorts])
    cohort = np.array(cohorts, dtype=np.int64)[k]
    column_of = np.array(find_columns(f.columns, district.demand.cohorts), dtype=np.int64)
    return Parties(unit, cohort, column_of[cohort], left[unit, cohort])


def write_seats(f: Formulation, parties: Parties, options: Options, taken: Ints) -> Program:
    """Σ_j seat[p,j] = children of party p;  Σ_p seat[p,j] + taken[j,c] = enrolment[j,c], under limits and class rules.

    Columns 0 .. len(options) - 1 are seats. `taken`, shape (schools, columns), are children who sit already.
    """
    w = Writer(beyond=float(parties.students.sum() + taken.sum()) + 1.0)
    seats = w.columns(parties.students[options.party].astype(float), whole=False)
    count = parties.students.astype(float)
    ones = np.ones(len(options))
    w.sums([f"seated[{p}]" for p in range(len(parties))], options.party, seats, ones, (count, count))
    enrolment = _add_enrolment(w, f, parties, options, taken)
    _add_division(w, f, parties, options)
    add_limits(w, f, enrolment)
    nothing = np.zeros(0, dtype=np.int64)
    return w.finish(
        f.order,
        pairs=0,
        enrolment=enrolment,
        children=Children(0, nothing, nothing),
        classes=add_classes(w, f, enrolment),
        cut_off={},
        away=np.full(taken.shape, -1, dtype=np.int64),
        later=np.zeros((len(taken), 0), dtype=np.int64),
    )


def _add_enrolment(w: Writer, f: Formulation, parties: Parties, options: Options, taken: Ints) -> Ints:
    shape = taken.shape
    column = parties.column[options.party]
    at = options.school * shape[1] + column
    most = np.bincount(at, weights=parties.students[options.party], minlength=taken.size) + taken.ravel()
    enrolment = w.columns(most.astype(float), whole=False)
    held = -taken.ravel().astype(float)
    names = [f"enrolment[{school},{c.stage}]" for school in f.school_ids for c in f.columns]
    w.sums(
        names,
        np.concatenate([at, np.arange(taken.size)]),
        np.concatenate([np.arange(len(options)), enrolment]),
        np.concatenate([np.ones(len(options)), -np.ones(taken.size)]),
        (held, held),
    )
    return enrolment.reshape(shape)


def _add_division(w: Writer, f: Formulation, parties: Parties, options: Options) -> None:
    """Σ_p seat[p,j] ≤ drawn[i,j]   over the parties p of a divided unit i: at home they sit as it was divided."""
    bound = np.flatnonzero(np.isfinite(options.drawn))
    stage = np.array([f.stages.index(column.stage) for column in f.columns])[parties.column]
    ends = np.stack([parties.unit, stage])[:, options.party[bound]]
    rows, first, row = np.unique(
        np.stack([*ends, options.school[bound]]), axis=1, return_index=True, return_inverse=True
    )
    names = [f"divided[{f.unit_ids[i]},{f.stages[s]},{f.school_ids[j]}]" for i, s, j in rows.T]
    most = options.drawn[bound][first]
    w.sums(names, row.ravel(), bound, np.ones(len(bound)), (np.zeros(len(most)), most))
