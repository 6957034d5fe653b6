"""The mathematical thing: blocks, the pairs that no rule forbids, and what limits and prices them.

A *block* is what is assigned as a whole: the units of one estate, or one unit, for one stage. A *pair* is a block and a
school that may take it. Children are counted in *columns*: one a grade and kind of children, and one a stage and kind
for children that were counted without a grade and are spread evenly over the grades at the school. Kinds that always go
together, because blocks stay whole, share a column.

Rules add to a `Draft`; a finished `Formulation` is frozen. Search reads these arrays as they are; `program` writes
them as a mixed-integer program. A new rule of a known kind (forbids pairs, prices pairs, limits a school, limits the
district) is therefore one function in one file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from models.district import Bools, Cohort, Floats, Ints
from models.settings import Hardness, LevelName
from models.stages import Stage


@dataclass(frozen=True)
class Column:
    """Children who are counted together at a school.

    `grade` is "" where they are spread over the stage's grades, `category` is "" where all kinds go together.
    """

    stage: Stage
    grade: str
    category: str

    def holds(self, cohort: Cohort) -> bool:
        """Whether the children of a cohort are counted here."""
        alike = (self.stage, self.grade) == (cohort.stage, cohort.grade)
        return alike and self.category in ("", cohort.category)


def find_columns(columns: Sequence[Column], cohorts: Sequence[Cohort]) -> list[int]:
    """Return the position of the column that holds each cohort, -1 for a cohort of no planned stage."""
    return [next((c for c, column in enumerate(columns) if column.holds(cohort)), -1) for cohort in cohorts]


@dataclass(frozen=True)
class Blocks:
    """What is assigned as a whole. `students` has shape (blocks, columns)."""

    stage: Ints
    """Position in `Formulation.stages`."""
    students: Ints
    start: Ints
    """Units of block b: `units[start[b]:start[b + 1]]`."""
    units: Ints
    estate: Ints
    """Number of the estate and stage of each block: blocks of one number are asked to keep together."""
    of_unit: Ints
    """Block of a unit and stage, shape (units, stages)."""
    children: Ints
    """Children of a unit and stage, shape (units, stages)."""

    def __len__(self) -> int:
        return len(self.stage)

    @property
    def size(self) -> Ints:
        """Children of each block."""
        return np.asarray(self.students.sum(axis=1), dtype=np.int64)

    def members(self, block: int) -> Ints:
        """Rows of the units of one block."""
        return self.units[self.start[block] : self.start[block + 1]]


@dataclass(frozen=True)
class Pairs:
    """Pairs of block and school that no rule forbids, sorted by block, then school."""

    block: Ints
    school: Ints
    price: dict[LevelName, Floats]
    """What using a pair adds to a level: student-kilometres to `travel`, children to the others."""
    counted: dict[LevelName, Bools]
    """Columns whose children a level counts: where units may be divided, they bear the price of a pair evenly."""

    def __len__(self) -> int:
        return len(self.block)


@dataclass(frozen=True)
class Limit:
    """Σ students of `columns` at `school` ≤ bound: `places`, `school_size`. Soft ones cost children above."""

    name: str
    rule: str
    school: int
    columns: Bools
    bound: int
    hard: bool


@dataclass(frozen=True)
class LaterLimit:
    """Σ children · used pairs at `schools` ≤ bound + Σ beyond: a later year, above which a child costs in `later`."""

    name: str
    schools: tuple[int, ...]
    """One, or those that share a catchment."""
    beyond: tuple[tuple[int, int, Stage], ...]
    """Year, first of the schools and stage of the counts of children beyond: limits that name one alike share it."""
    children: Ints
    """Children of every block."""
    bound: int


@dataclass(frozen=True)
class Budget:
    """Σ weight · used pairs ≤ bound over the whole district: `stability`. Soft ones cost children above.

    Where units may be divided, the children of `columns` bear the weight of a pair evenly.
    """

    name: str
    rule: str
    weight: Floats
    columns: Bools
    bound: float
    hard: bool


@dataclass(frozen=True)
class Grade:
    """A grade of a stage: its class cap, and the columns whose children sit in it."""

    stage: Stage
    grade: str
    position: int
    of: int
    """The grade is number `position` of `of` in its stage; the first ones take the remainder of an even spread."""
    counted: tuple[int, ...]
    """Columns of children counted by this grade."""
    spread: tuple[int, ...]
    """Columns of children counted by stage alone: their sum is spread."""
    cap: int
    ceiling: int
    compulsory: bool


@dataclass(frozen=True)
class Rooms:
    """Σ weight · classes of every grade at `school` ≤ rooms. Soft ones cost a full class of children a class above."""

    name: str
    school: int
    weight: Ints
    """Rooms that a class of each grade takes: 0 where it sits elsewhere, above 1 where like ones follow it."""
    rooms: int
    hard: bool
    price: int

    @property
    def grades(self) -> Bools:
        """Grades whose classes take rooms here."""
        return np.asarray(self.weight > 0)


@dataclass(frozen=True)
class ShareTarget:
    """At least `share` of the classes that count have at most `max_size` children."""

    max_size: int
    share: float
    standing: int = 0
    """Classes that count besides those the plan decides: continuing ones."""
    standing_small: int = 0
    """Those of them with at most `max_size` children."""


@dataclass(frozen=True)
class ClassRules:
    """Class caps, rooms and small-class shares."""

    grades: tuple[Grade, ...]
    taught: Bools
    """Which school has which grade, shape (schools, grades)."""
    cap: Hardness
    rooms: tuple[Rooms, ...]
    targets: tuple[ShareTarget, ...]
    targets_hard: bool
    public: Bools
    """Schools whose classes count for the shares."""

    def sizes(self, enrolment: Ints) -> Ints:
        """Children of every grade, shape (..., grades), from children of every column at a school, (..., columns)."""
        sizes = np.zeros((*enrolment.shape[:-1], len(self.grades)), dtype=np.int64)
        for g, grade in enumerate(self.grades):
            share, more = np.divmod(enrolment[..., grade.spread].sum(axis=-1), grade.of)
            sizes[..., g] = enrolment[..., grade.counted].sum(axis=-1) + share + (grade.position < more)
        return sizes


@dataclass(frozen=True)
class Contiguity:
    """The graph of units and who stands where. Judged by connected component (contract: contiguous)."""

    start: Ints
    neighbours: Ints
    """Neighbours of unit u: `neighbours[start[u]:start[u + 1]]`."""
    component: Ints
    """Number of the connected component each unit lies in."""
    judged: Bools
    """Units whose component holds a school of the stage, shape (units, stages)."""
    home: Ints
    """Unit that a school holds where it has a catchment, shape (schools, stages); -1: none is asked for."""
    stands_in: Ints
    """Unit of every school that serves the stage, asked to hold it or not, shape (schools, stages); -1: none."""
    shared_home: Bools
    """Several schools of the stage stand in that unit: one of them holds it, shape (schools, stages)."""
    stands: Bools
    """Catchments that stand as they are today, shape (schools, stages): units of no school today may join them."""
    gates: Bools
    """Units by which others join a catchment that stands, shape (units, schools, stages)."""
    hard: bool

    @property
    def rooted(self) -> Bools:
        """Which catchments begin at an own unit of theirs alone, shape (schools, stages)."""
        return np.asarray((self.home >= 0) & ~self.shared_home)

    @property
    def doors(self) -> Bools:
        """Units by which a catchment is entered: its own unit, or its gates where it stands.

        Shape (units, schools, stages); none for a catchment that may begin anywhere.
        """
        doors = self.gates.copy()
        school, stage = np.nonzero(self.rooted)
        doors[self.home[school, stage], school, stage] = True
        return doors

    def judges(self, blocks: Blocks) -> Bools:
        """Blocks with a unit that is judged, shape (blocks,)."""
        block = np.repeat(np.arange(len(blocks)), np.diff(blocks.start))
        judged = np.zeros(len(blocks), dtype=bool)
        np.logical_or.at(judged, block, self.judged[blocks.units, blocks.stage[block]])
        return judged

    def around(self, unit: int) -> Ints:
        """Neighbours of one unit."""
        return self.neighbours[self.start[unit] : self.start[unit + 1]]


@dataclass(frozen=True)
class Pool:
    """Mode `entry`: children of the entry grades who are seated once the catchments are drawn (统筹)."""

    students: Ints
    """Children of every column who follow no catchment that is drawn."""
    taken: Ints
    """Placed children, whose seats are decided, shape (schools, columns)."""
    hosts: Bools
    """Schools that may seat children from elsewhere, shape (schools, columns)."""
    overflow: Hardness
    """Whether children of a catchment may join the pool: never (hard), at a price (soft), freely (off)."""
    shared: Bools
    """Units that several schools share and go on sharing, shape (units, stages): they are in no block's children."""


@dataclass(frozen=True)
class Formulation:
    """A district's plan as mathematics; every array is final."""

    stages: tuple[Stage, ...]
    columns: tuple[Column, ...]
    unit_ids: tuple[str, ...]
    school_ids: tuple[str, ...]
    blocks: Blocks
    pairs: Pairs
    limits: tuple[Limit, ...]
    budgets: tuple[Budget, ...]
    classes: ClassRules | None
    contiguity: Contiguity | None
    divisible: bool
    """Units may be split: `indivisible` is not hard, and nobody may sit outside the catchment."""
    split_price: bool
    """Children who do not go with most of their estate, or of their split unit, are counted in `shortage`."""
    order: tuple[LevelName, ...]
    tolerance: dict[LevelName, float]
    metres: Floats
    """Metres from the worst unit of the block to the school, one a pair: breaks ties for blocks without children."""
    ceilings: dict[LevelName, float] = field(default_factory=dict)
    """What levels may not exceed that no budget limits."""
    pool: Pool | None = None
    later: tuple[LaterLimit, ...] = ()
    unmendable: tuple[str, ...] = ()
    """Hard rules that no plan keeps, because what stands breaks them: names such as `class_size[S01,4]`."""

    def enrolment(self, school_of_block: Ints) -> Ints:
        """Children of every column at every school, shape (schools, columns), for whole blocks."""
        out = np.zeros((len(self.school_ids), len(self.columns)), dtype=np.int64)
        placed = school_of_block >= 0
        np.add.at(out, school_of_block[placed], self.blocks.students[placed])
        return out

    def grade_sizes(self, enrolment: Ints) -> Ints:
        """Children of every grade at every school, shape (schools, grades), from children of every column."""
        assert self.classes is not None
        return self.classes.sizes(enrolment)

    @cached_property
    def pair_table(self) -> Ints:
        """Position of the pair of a block and a school, -1 where a rule forbids it, shape (blocks, schools)."""
        table = np.full((len(self.blocks), len(self.school_ids)), -1, dtype=np.int64)
        table[self.pairs.block, self.pairs.school] = np.arange(len(self.pairs))
        return table
