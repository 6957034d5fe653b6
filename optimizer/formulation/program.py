"""A formulation as a mixed-integer program in arrays: what solvers read.

Columns are the pairs first, then classes and slacks. Contiguity has too many rows to write down; they are found when a
solution breaks them (`separate`) and appended with `with_rows`. Row names say which rule a row belongs to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_matrix, vstack

from models.district import Bools, Floats, Ints
from models.settings import Hardness, LevelName
from optimizer.formulation.formulation import ClassRules, Formulation, Grade


@dataclass(frozen=True)
class Program:
    """min cost · x  subject to  row_lower ≤ A x ≤ row_upper,  lower ≤ x ≤ upper,  some x whole."""

    matrix: csr_matrix
    row_lower: Floats
    row_upper: Floats
    row_names: tuple[str, ...]
    lower: Floats
    upper: Floats
    whole: Bools
    cost: dict[LevelName, Floats]
    pairs: int
    """Columns 0 .. pairs - 1 say whether a pair is used."""
    enrolment: Ints
    """Column of the children of a school and student column, shape (schools, columns)."""
    children: "Children"
    """Where units may be split: how many children of a pair use it."""
    crowded: Ints
    """Columns of the children above a class cap, where that is soft or no rule."""
    classes: Ints
    """Column of the classes of a school and grade, -1 where there are none, shape (schools, grades)."""
    cut_off: dict[int, int]
    """Where contiguity is soft: column that lets a block be cut off."""

    @property
    def free_pairs(self) -> Ints:
        """Pairs that may be used or not."""
        return np.flatnonzero(self.upper[: self.pairs] > self.lower[: self.pairs])

    def with_rows(self, rows: Sequence["Row"]) -> "Program":
        """Return the program with further rows."""
        if not rows:
            return self
        return replace(
            self,
            matrix=vstack([self.matrix, _rows_to_csr(rows, self.matrix.shape[1])], format="csr"),
            row_lower=np.concatenate([self.row_lower, [row.lower for row in rows]]),
            row_upper=np.concatenate([self.row_upper, [row.upper for row in rows]]),
            row_names=self.row_names + tuple(row.name for row in rows),
        )

    def with_only_rows(self, kept: Ints) -> "Program":
        """Return the program with `kept` rows alone."""
        return replace(
            self,
            matrix=self.matrix[kept],
            row_lower=self.row_lower[kept],
            row_upper=self.row_upper[kept],
            row_names=tuple(self.row_names[k] for k in kept),
        )

    def with_bounds(self, lower: Floats, upper: Floats) -> "Program":
        """Return the program with other bounds of its columns."""
        return replace(self, lower=lower, upper=upper)

    def with_columns(self, kept: Ints) -> "Program":
        """Return the rows over `kept` columns alone, for a solver: the maps still speak of all columns."""
        return replace(
            self,
            matrix=self.matrix[:, kept],
            lower=self.lower[kept],
            upper=self.upper[kept],
            whole=self.whole[kept],
        )


@dataclass(frozen=True)
class Row:
    """One row: Σ coefficients · columns between two bounds."""

    name: str
    columns: tuple[int, ...]
    coefficients: tuple[float, ...]
    lower: float
    upper: float


@dataclass(frozen=True)
class Children:
    """Columns from `start` on: children of student column `column` who use `pair`. Empty where units stay whole."""

    start: int
    pair: Ints
    column: Ints


def _rows_to_csr(rows: Sequence[Row], columns: int) -> csr_matrix:
    lengths = [len(row.columns) for row in rows]
    start = np.concatenate([[0], np.cumsum(lengths)])
    flat = np.fromiter((c for row in rows for c in row.columns), dtype=np.int64, count=int(start[-1]))
    values = np.fromiter((v for row in rows for v in row.coefficients), dtype=float, count=int(start[-1]))
    return csr_matrix((values, flat, start), shape=(len(rows), columns))


@dataclass
class _Writer:
    """Columns and rows in the making. `beyond` bounds every slack: more than all children there are."""

    beyond: float
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    cost: dict[LevelName, dict[int, float]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    crowded: list[int] = field(default_factory=list)

    def column(self, upper: float, *, whole: bool = True) -> int:
        self.lower.append(0.0)
        self.upper.append(upper)
        self.whole.append(whole)
        return len(self.lower) - 1

    def columns(self, upper: Floats, *, whole: bool = True) -> Ints:
        first = len(self.lower)
        self.lower.extend([0.0] * len(upper))
        self.upper.extend(upper.tolist())
        self.whole.extend([whole] * len(upper))
        return np.arange(first, first + len(upper))

    def price(self, level: LevelName, column: int, price: float) -> None:
        at = self.cost.setdefault(level, {})
        at[column] = at.get(column, 0.0) + price

    def row(self, name: str, terms: Iterable[tuple[int, float]], lower: float, upper: float) -> None:
        merged: dict[int, float] = {}
        for column, value in terms:
            merged[column] = merged.get(column, 0.0) + value
        kept = {column: value for column, value in merged.items() if value}
        self.rows.append(Row(name, tuple(kept), tuple(kept.values()), lower, upper))

    def sums(self, names: Sequence[str], row: Ints, column: Ints, value: Floats, bounds: tuple[Floats, Floats]) -> None:
        """Add many rows at once, given by their entries."""
        order = np.argsort(row, kind="stable")
        ends = np.cumsum(np.bincount(row, minlength=len(names)))
        for name, columns, values, lower, upper in zip(
            names, np.split(column[order], ends[:-1]), np.split(value[order], ends[:-1]), *bounds, strict=True
        ):
            self.rows.append(Row(name, tuple(columns.tolist()), tuple(values.tolist()), lower, upper))


def write_program(f: Formulation) -> Program:
    """Write a formulation as a program; contiguity is left to `separate`."""
    w = _Writer(beyond=float(f.blocks.size.sum()) + 1.0)
    w.columns(np.ones(len(f.pairs)))
    children = _add_children(w, f)
    _add_levels(w, f, children)
    _add_assigned(w, f, children)
    enrolment = _add_enrolment(w, f, children)
    _add_limits(w, f, enrolment)
    _add_budgets(w, f, children)
    classes = _add_classes(w, f, enrolment) if f.classes else np.zeros((len(f.school_ids), 0), dtype=np.int64)
    cut_off = _add_cut_off(w, f)
    cost = {level: np.zeros(len(w.lower)) for level in f.order}
    for level, prices in w.cost.items():
        if level in cost:
            cost[level][list(prices)] = list(prices.values())
    return Program(
        matrix=_rows_to_csr(w.rows, len(w.lower)),
        row_lower=np.array([row.lower for row in w.rows]),
        row_upper=np.array([row.upper for row in w.rows]),
        row_names=tuple(row.name for row in w.rows),
        lower=np.array(w.lower),
        upper=np.array(w.upper),
        whole=np.array(w.whole, dtype=bool),
        cost=cost,
        pairs=len(f.pairs),
        enrolment=enrolment,
        children=children,
        crowded=np.array(w.crowded, dtype=np.int64),
        classes=classes,
        cut_off=cut_off,
    )


def _add_children(w: _Writer, f: Formulation) -> Children:
    """Children of a split unit: whole children, none where the pair is not used and at least one where it is."""
    if not f.divisible:
        return Children(len(w.lower), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    pair, column = np.nonzero(f.blocks.students[f.pairs.block])
    most = f.blocks.students[f.pairs.block[pair], column].astype(float)
    columns = w.columns(most)
    held: dict[int, list[int]] = {}
    for c, p, n in zip(columns.tolist(), pair.tolist(), most.tolist(), strict=True):
        w.row(f"split[{p}]", [(c, 1.0), (p, -n)], -np.inf, 0.0)
        held.setdefault(p, []).append(c)
    for p, of_pair in held.items():
        w.row(f"split[{p}]", [*((c, 1.0) for c in of_pair), (p, -1.0)], 0.0, np.inf)
    return Children(int(columns[0]) if len(columns) else len(w.lower), pair, column)


def _add_levels(w: _Writer, f: Formulation, children: Children) -> None:
    """Price every pair in every level; the children of a split unit share its price evenly."""
    size = f.blocks.size[f.pairs.block]
    for level, price in f.pairs.price.items():
        if f.divisible:
            for k, pair in enumerate(children.pair.tolist()):
                w.price(level, children.start + k, float(price[pair] / size[pair]))
        else:
            for pair in np.flatnonzero(price).tolist():
                w.price(level, pair, float(price[pair]))
    if f.split_price:
        _add_split_price(w, f, children)


def _add_split_price(w: _Writer, f: Formulation, children: Children) -> None:
    """apart[e,j] ≥ children of estate e at j - all children · main[e,j], Σ_j main[e,j] = 1: who is not with the most.

    A unit without an estate is one by itself.
    """
    estate = f.blocks.estate[f.pairs.block]
    size = np.bincount(f.blocks.estate, weights=f.blocks.size)
    keys, of_pair = np.unique(np.stack([estate, f.pairs.school]), axis=1, return_inverse=True)
    of_pair = of_pair.ravel()
    main = w.columns(np.ones(keys.shape[1]))
    apart = w.columns(size[keys[0]], whole=False)
    used: list[list[int]] = [[] for _ in range(keys.shape[1])]
    for k, pair in enumerate(children.pair.tolist()):
        used[of_pair[pair]].append(children.start + k)
    for k, columns in enumerate(used):
        terms = [(int(apart[k]), 1.0), (int(main[k]), float(size[keys[0, k]])), *((c, -1.0) for c in columns)]
        w.row(f"indivisible[{keys[0, k]}]", terms, 0.0, np.inf)
        w.price("shortage", int(apart[k]), 1.0)
    ones = np.ones(len(size))
    names = [f"indivisible[{e}]" for e in range(len(size))]
    w.sums(names, keys[0], main, np.ones(len(main)), (ones, ones))


def _add_assigned(w: _Writer, f: Formulation, children: Children) -> None:
    """Σ_j assign[b,j] = 1; where units may be split at least one school, and every child at one of them."""
    ones = np.ones(len(f.blocks))
    most = np.where(f.blocks.size > 0, np.inf, 1.0) if f.divisible else ones
    names = [f"assigned[{block}]" for block in range(len(f.blocks))]
    w.sums(names, f.pairs.block, np.arange(len(f.pairs)), np.ones(len(f.pairs)), (ones, most))
    if f.divisible:
        width = len(f.columns)
        all_of = f.blocks.students.ravel().astype(float)
        row = f.pairs.block[children.pair] * width + children.column
        columns = children.start + np.arange(len(row))
        w.sums(
            [f"assigned[{k // width}]" for k in range(len(all_of))], row, columns, np.ones(len(row)), (all_of, all_of)
        )


def _add_enrolment(w: _Writer, f: Formulation, children: Children) -> Ints:
    """enrolment[j,c] = Σ_b students[b,c] · assign[b,j], or the children of split units who go there."""
    shape = (len(f.school_ids), len(f.columns))
    most = np.zeros(shape)
    np.add.at(most, f.pairs.school, f.blocks.students[f.pairs.block].astype(float))
    columns = w.columns(most.ravel(), whole=False)
    if f.divisible:
        pair, c = children.pair, children.column
        entry, value = children.start + np.arange(len(pair)), np.ones(len(pair))
    else:
        pair, c = np.nonzero(f.blocks.students[f.pairs.block])
        entry, value = pair, f.blocks.students[f.pairs.block[pair], c].astype(float)
    row = np.concatenate([f.pairs.school[pair] * shape[1] + c, np.arange(columns.size)])
    zero = np.zeros(columns.size)
    names = [f"enrolment[{school},{column.stage}{column.grade}]" for school in f.school_ids for column in f.columns]
    entries, values = np.concatenate([entry, columns]), np.concatenate([value, np.full(columns.size, -1.0)])
    w.sums(names, row, entries, values, (zero, zero))
    return columns.reshape(shape)


Terms = list[tuple[int, float]]


def _add_limits(w: _Writer, f: Formulation, enrolment: Ints) -> None:
    for limit in f.limits:
        terms = [(int(column), 1.0) for column in enrolment[limit.school, limit.columns]]
        if not limit.hard:
            above = w.column(w.beyond)
            w.price("shortage", above, 1.0)
            terms.append((above, -1.0))
        w.row(limit.name, terms, -np.inf, limit.bound)


def _add_budgets(w: _Writer, f: Formulation, children: Children) -> None:
    size = f.blocks.size[f.pairs.block]
    for budget in f.budgets:
        terms = [(int(pair), float(budget.weight[pair])) for pair in np.flatnonzero(budget.weight)]
        if f.divisible:
            each = budget.weight[children.pair] / size[children.pair]
            terms = [(children.start + int(k), float(each[k])) for k in np.flatnonzero(each)]
        if not budget.hard:
            above = w.column(w.beyond, whole=False)
            w.price("shortage", above, 1.0)
            terms.append((above, -1.0))
        w.row(budget.name, terms, -np.inf, budget.bound)


def _add_classes(w: _Writer, f: Formulation, enrolment: Ints) -> Ints:
    rules = f.classes
    assert rules is not None
    columns = np.full((len(f.school_ids), len(rules.grades)), -1, dtype=np.int64)
    small: list[list[int]] = [[] for _ in rules.targets]
    for school, school_id in enumerate(f.school_ids):
        taught = [g for g in range(len(rules.grades)) if rules.taught[school, g]]
        sizes = _grade_sizes(w, rules, enrolment[school], school_id, taught)
        for g in taught:
            grade, n = rules.grades[g], sizes[g]
            columns[school, g] = _add_grade(w, grade, n, school_id, (rules.cap, _most_classes(w, rules, school, g, n)))
            if rules.targets and rules.public[school] and grade.compulsory:
                _add_small(w, rules, grade, n, int(columns[school, g]), small, school_id)
    for group in rules.rooms:
        held = [(int(columns[group.school, g]), 1.0) for g in np.flatnonzero(group.grades & rules.taught[group.school])]
        if not group.hard:
            beyond = w.column(w.beyond)
            w.price("shortage", beyond, float(group.price))
            held.append((beyond, -1.0))
        w.row(group.name, held, -np.inf, group.rooms)
    _add_shares(w, rules, columns, small)
    return columns


def _most(w: _Writer, terms: Terms) -> float:
    return sum(value * w.upper[column] for column, value in terms)


def _grade_sizes(w: _Writer, rules: ClassRules, enrolment: Ints, school_id: str, taught: list[int]) -> dict[int, Terms]:
    """Children of every grade as terms; those counted by stage alone through columns of an even spread."""
    sizes: dict[int, Terms] = {}
    parts: dict[int, list[int]] = {}
    for g in taught:
        grade = rules.grades[g]
        sizes[g] = [(int(enrolment[grade.counted]), 1.0)] if grade.counted >= 0 else []
        if grade.spread >= 0:
            part = w.column(np.ceil(w.upper[int(enrolment[grade.spread])] / grade.of))
            parts.setdefault(grade.spread, []).append(part)
            sizes[g].append((part, 1.0))
    for column, held in parts.items():
        name = f"spread[{school_id},{column}]"
        w.row(name, [*((part, 1.0) for part in held), (int(enrolment[column]), -1.0)], 0.0, 0.0)
        for more, fewer in pairwise(held):
            w.row(name, [(more, 1.0), (fewer, -1.0)], 0.0, np.inf)
        if len(held) > 1:
            w.row(name, [(held[0], 1.0), (held[-1], -1.0)], -np.inf, 1.0)
    return sizes


def _most_classes(w: _Writer, rules: ClassRules, school: int, g: int, n: Terms) -> float:
    """Classes a grade can ever want: those of the cap; under share targets as many as rooms or children allow."""
    students = _most(w, n)
    if not (rules.targets and rules.grades[g].compulsory):
        return float(np.ceil(students / rules.grades[g].cap))
    rooms = [group.rooms for group in rules.rooms if group.school == school and group.hard and group.grades[g]]
    return float(min([students, *rooms]))


def _add_grade(w: _Writer, grade: Grade, n: Terms, school_id: str, binding: tuple[Hardness, float]) -> int:
    """Add n ≤ cap · classes; soft: n ≤ cap · classes + above, n ≤ ceiling · classes; off: above costs nothing."""
    hardness, most = binding
    classes = w.column(most)
    name = f"class_size[{school_id},{grade.grade}]"
    terms = [*n, (classes, -float(grade.cap))]
    if hardness != "hard":
        above = w.column(w.beyond)
        w.crowded.append(above)
        terms.append((above, -1.0))
        w.row(name, [*n, (classes, -float(grade.ceiling))], -np.inf, 0.0)
    if hardness == "soft":
        w.price("shortage", above, 1.0)
    w.row(name, terms, -np.inf, 0.0)
    w.row(f"classes[{school_id},{grade.grade}]", [*n, (classes, -1.0)], 0.0, np.inf)
    return classes


def _add_small(
    w: _Writer, rules: ClassRules, grade: Grade, n: Terms, classes: int, small: list[list[int]], school_id: str
) -> None:
    """min(k, max(0, (m + 1) k - n)) classes have at most m children: small ≤ k, and where any is, ≤ (m + 1) k - n.

    Together they hold n ≤ Σ sizes: n ≤ m_1 s_1 + m_2 (s_2 - s_1) + ... + cap (k - s_T), which tightens the relaxation.
    """
    most_n, most_k = _most(w, n), w.upper[classes]
    name = f"small[{school_id},{grade.grade}]"
    counted = []
    for t, target in enumerate(rules.targets):
        s = w.column(most_k)
        some = w.column(1.0)
        small[t].append(s)
        counted.append((target.max_size, s))
        w.row(name, [(s, 1.0), (classes, -1.0)], -np.inf, 0.0)
        w.row(name, [(s, 1.0), (some, -most_k)], -np.inf, 0.0)
        full = [(s, 1.0), (classes, -float(target.max_size + 1)), *n, (some, most_n)]
        w.row(name, full, -np.inf, most_n)
    _add_sizes(w, grade, n, classes, counted, name)


def _add_sizes(w: _Writer, grade: Grade, n: Terms, classes: int, counted: list[tuple[int, int]], name: str) -> None:
    counted = sorted((size, s) for size, s in counted if size < grade.ceiling)
    terms = [*n, (classes, -float(grade.ceiling))]
    next_sizes = [size for size, _ in counted[1:]] + [grade.ceiling]
    for (size, s), above in zip(counted, next_sizes, strict=False):
        terms.append((s, float(above - size)))
    w.row(name, terms, -np.inf, 0.0)
    for (_, fewer), (_, more) in pairwise(counted):
        w.row(name, [(fewer, 1.0), (more, -1.0)], -np.inf, 0.0)


def _add_shares(w: _Writer, rules: ClassRules, columns: Ints, small: list[list[int]]) -> None:
    compulsory = [g for g, grade in enumerate(rules.grades) if grade.compulsory]
    counted = [int(k) for school in np.flatnonzero(rules.public) for k in columns[school, compulsory] if k >= 0]
    for target, classes in zip(rules.targets, small, strict=True):
        terms = [(s, 1.0) for s in classes] + [(k, -target.share) for k in counted]
        if not rules.targets_hard:
            missing = w.column(w.beyond)
            w.price("small_classes", missing, 1.0)
            terms.append((missing, 1.0))
        w.row(f"small_classes[{target.max_size}]", terms, 0.0, np.inf)


def _add_cut_off(w: _Writer, f: Formulation) -> dict[int, int]:
    """Where contiguity is soft: a column that excuses a block from it, at the price of its children."""
    if f.contiguity is None or f.contiguity.hard:
        return {}
    columns = {}
    for block in range(len(f.blocks)):
        columns[block] = w.column(1.0)
        w.price("shortage", columns[block], float(f.blocks.size[block]))
    return columns
