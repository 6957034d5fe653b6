"""What came out of a solve, in honest words."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Status(StrEnum):
    """What was shown about a plan."""

    OPTIMAL = "optimal"
    """Every level was proved within the gap asked for."""
    FEASIBLE = "feasible"
    """A plan that keeps every hard rule; bound and gap say how far it may be from the best."""
    INFEASIBLE = "infeasible"
    """Proved by two paths that no plan keeps every hard rule."""
    NO_PLAN = "no_plan"
    """The limit came before a plan or a proof."""
    DRAWN = "drawn"
    """A plan that nobody searched for under this question: drawn by hand, or found for another demand, and judged."""


@dataclass(frozen=True)
class Level:
    """One level of the objective, minimised in order.

    `bound` holds given what the earlier levels were held at. `grain` is the smallest difference that counts:
    one child, one class, or a thousandth of a student-kilometre.
    """

    name: str
    value: float
    bound: float
    grain: float

    @property
    def gap(self) -> float:
        """|value - bound| / max(|value|, 1e-9), and 0 where they differ by less than the grain."""
        difference = abs(self.value - self.bound)
        return 0.0 if difference < self.grain else difference / max(abs(self.value), 1e-9)


@dataclass(frozen=True)
class Seats:
    """Children seated at a school, in long form; `cohort` is a position in `district.demand.cohorts`."""

    unit: NDArray[np.int64]
    cohort: NDArray[np.int64]
    school: NDArray[np.int64]
    students: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.unit)


@dataclass(frozen=True)
class Seating:
    """Mode `entry`: every child of the entry grades at a school, and the classes they make."""

    catchments: NDArray[np.bool_]
    """Which school has which unit, shape (units, schools, stages); several for a shared catchment."""
    seats: Seats
    classes: NDArray[np.int64]
    """Shape (schools, grades), in the order of the formulation's class rules."""
    overflow: int
    """Zoned children outside their catchment."""
    student_km: float
    bound_km: float
    """No seating in these catchments, of the kinds of children in their order, has fewer."""


@dataclass(frozen=True)
class Outcome:
    """The result of a solve, in positions of the formulation; without a plan the arrays are None."""

    status: Status
    levels: tuple[Level, ...] = ()
    pairs: NDArray[np.int64] | None = None
    """Positions of the pairs used."""
    students: NDArray[np.int64] | None = None
    """Children of every student column who use each of those pairs, shape (pairs used, columns)."""
    classes: NDArray[np.int64] | None = None
    """Classes of every school and grade column, shape (schools, grades)."""
    seating: Seating | None = None
    """Mode `entry`: who sits where in these catchments."""
    work: dict[str, int] = field(default_factory=dict)
    interrupted: bool = False
    reason: str = ""
    """For `infeasible`: the key of the sentence that says what was proved, and its facts."""
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """The largest gap over the levels."""
        return max((level.gap for level in self.levels), default=0.0)

    def with_posts(self, posts: "Outcome") -> "Outcome":
        """Return the outcome of the children with that of the posts, which tells what was decided in both.

        Without a plan of posts there is none at all.
        """
        work = {kind: self.work.get(kind, 0) + posts.work.get(kind, 0) for kind in (*self.work, *posts.work)}
        if not posts.levels:
            reason = "solve.posts" if posts.status == Status.INFEASIBLE else "solve.posts_late"
            return Outcome(posts.status, work=work, interrupted=posts.interrupted, reason=reason)
        told = {level.name for level in posts.levels}
        return replace(
            self,
            status=Status.OPTIMAL if self.status == posts.status == Status.OPTIMAL else Status.FEASIBLE,
            levels=(*(level for level in self.levels if level.name not in told), *posts.levels),
            work=work,
            interrupted=self.interrupted or posts.interrupted,
        )
