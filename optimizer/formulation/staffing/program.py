"""The program of posts, and which of its columns say what."""

from dataclasses import dataclass

import numpy as np

from models.district import Ints
from optimizer.formulation.program.program import LinearProgram
from optimizer.formulation.program.writer import Writer
from optimizer.formulation.staffing.balance import Spread, add_balance
from optimizer.formulation.staffing.formulation import StaffFormulation
from optimizer.formulation.staffing.openings import add_openings
from optimizer.formulation.staffing.posts import Week, add_cover, add_quota, add_spare, add_week
from optimizer.formulation.staffing.rotation import (
    add_backbone,
    add_budget,
    add_continuity,
    add_couples,
    add_prices,
    add_principals,
    add_share,
    add_surplus,
    add_swaps,
)


@dataclass(frozen=True)
class StaffProgram:
    """A linear program whose first columns say how many of a group take each option."""

    linear: LinearProgram
    options: int
    """Columns 0 .. options - 1: teachers of each option."""
    week: Week
    classes: Ints
    """Column of the further classes of each school and grade, -1 where none may open; shape (schools, grades),
    (schools, 0) where the classes are given."""
    spreads: tuple[Spread, ...]
    """Coefficients of variation."""
    unevenness: int
    """Column of the square of the largest of them over its limit."""


def write_staffing(f: StaffFormulation) -> StaffProgram:
    """Write the program of posts; tangents of squares are added as they are found wanting."""
    w = Writer(beyond=float(max(1, len(f.roster.subject))))
    take = add_postings(w, f)
    classes = add_openings(w, f.openings, len(f.district.schools))
    week = add_week(w, f, take, classes)
    add_cover(w, f, week, classes)
    add_quota(w, f, take)
    add_spare(w, f, take, classes)
    add_rotation(w, f, take)
    spreads, unevenness = add_balance(w, f, take)
    return StaffProgram(w.linear(dict.fromkeys((*f.order, "balance"))), len(take), week, classes, spreads, unevenness)


def add_postings(w: Writer, f: StaffFormulation) -> Ints:
    """Add how many of each group take each option, and return these columns.

    pooled[g]:  Σ_d take[g,d] = size[g]   (recruits: at most)
    """
    take = w.columns(f.groups.size[f.options.group].astype(float))
    size = f.groups.size.astype(float)
    recruits = f.roster.faculty[f.groups.first] < 0 if len(f.groups) else np.zeros(0, dtype=bool)
    least = np.where(recruits, 0.0, size)
    w.sums([f"pooled[{g}]" for g in range(len(size))], f.options.group, take, np.ones(len(take)), (least, size))
    return take


def add_rotation(w: Writer, f: StaffFormulation, take: Ints) -> None:
    """Add every rule about who moves."""
    for add in (
        add_prices,
        add_surplus,
        add_share,
        add_backbone,
        add_continuity,
        add_couples,
        add_principals,
        add_swaps,
        add_budget,
    ):
        add(w, f, take)
