"""How evenly teachers are spread, by hand: 40 children a class, two classes at each of two schools.

With b and 2n - b who count at schools of equal size the coefficient is |b - n| / n.
"""

import numpy as np
import pytest
from builders import make_schools
from postings import LESSONS, make_pool
from staff import solve_posts

from models.outcome import Status
from optimizer.formulation.staffing.balance import coefficient_of_variation

AT_B, BACKBONE = {"school": "B"}, {"backbone": True}
EVEN_TOO = {"order": ["vacancies", "rotation", "moves", "balance"]}
"""As long as the order does not name it, evenness is no level."""
APART = (BACKBONE, BACKBONE, AT_B, AT_B)
"""Both backbone teachers at A."""


def solve(
    rows=APART, *, limit=0.5, indicators=("backbone",), classes=(2, 2), rules=None, homes="AB", order=None, **more
):
    district = make_pool(
        rows,
        lessons=LESSONS,
        schools=make_schools({school: unit for unit, school in enumerate(homes)}, **more),
        policy={"balance": {"cv_max": {"primary": limit, "junior": limit}, "indicators": list(indicators)}},
        rules={"staff_quota": "off"} | (rules or {}),
        objective={"order": order} if order else EVEN_TOO,
    )
    counts = zip(homes, classes, strict=True)
    return solve_posts(district, [(school, "primary", "1", 40 * n, n) for school, n in counts if n])


def values(posted):
    return round(posted.vacancies, 2), len(posted.moves), round(posted.levels["balance"], 3)


@pytest.mark.parametrize(
    ("counted", "students", "expected"),
    [
        ([2, 0], [80, 80], 1.0),
        ([1, 1], [80, 80], 0.0),
        ([1, 3], [80, 80], 0.5),
        ([1, 2], [40, 80], 0.0),
        ([0, 0], [1, 1], 0),
    ],
)
def test_the_coefficient(counted, students, expected):
    assert coefficient_of_variation(np.array(counted, float), np.array(students, float)) == pytest.approx(expected)


def test_weighted_by_children():
    """100 T / P = 2.5 and 0, X = 100 / 120, S² = 40/120 · (2.5 - X)² + 80/120 · X² = 1.389: S / X = √2."""
    assert coefficient_of_variation(np.array([1.0, 0.0]), np.array([40.0, 80.0])) == pytest.approx(2**0.5)


class TestLimit:
    def test_a_swap_is_what_it_costs(self):
        """From a coefficient of 1 to 0: nothing between them keeps both classes taught."""
        assert values(solve()) == (0, 0, 2)
        assert values(solve(rules={"balance_cv": "hard"})) == (0, 2, 0)

    def test_it_goes_before_vacancies(self):
        """Only A sends: B gets a third teacher, and A has one, a post vacant."""
        posted = solve(rules={"balance_cv": "hard"}, strength=np.array([2.0, 1.0]))
        assert values(posted) == (1, 1, 0)

    def test_no_further_than_the_limit(self):
        """Four backbone teachers at A, none at B: 1 and 3 are 0.5 apart, one swap; 2 and 2 nothing, two swaps."""
        rows = [BACKBONE] * 4 + [AT_B] * 4
        found = {
            limit: values(solve(rows, limit=limit, classes=(4, 4), rules={"balance_cv": "hard"}))
            for limit in (1.0, 0.5, 0.49)
        }
        assert found == {1.0: (0, 0, 1), 0.5: (0, 2, 1), 0.49: (0, 4, 0)}

    def test_a_limit_far_below_everything_is_no_rule_where_it_is_off(self):
        """A coefficient of 1 is ten thousand times the limit."""
        assert values(solve(limit=1e-4)) == (0, 0, 10_000)

    def test_nobody_may_keep_it(self):
        assert solve([BACKBONE | {"exempt": "x"}, AT_B], classes=(1, 1), rules={"balance_cv": "hard"}).status in (
            Status.INFEASIBLE,
            Status.NO_PLAN,
        )


class TestIndicators:
    def test_degrees_above_what_the_law_asks(self):
        """In primary schools everything above a secondary school; T1 and T2 have such a degree."""
        rows = [{"degree": "associate"}, {"degree": "master"}, AT_B | {"degree": ""}, AT_B | {"degree": "secondary"}]
        assert values(solve(rows, indicators=["degree"], rules={"balance_cv": "hard"})) == (0, 2, 0)

    def test_pe_and_arts_by_the_subject_taught(self):
        """Nobody else counts, and no post in music is vacant at B: they stay, and the coefficient is 1."""
        rows = [{"subject": "music"}, {"subject": "art"}, AT_B, AT_B]
        assert values(solve(rows, indicators=["pe_arts"])) == (2, 0, 2)

    def test_support_staff_count_for_none(self):
        rows = [*APART, AT_B | BACKBONE | {"role": "support"}]
        assert values(solve(rows)) == (0, 0, 2)


class TestSchools:
    """Both backbone teachers at A, where 80 children are; as many at B; 40 at C, with one post and nobody."""

    ROWS = (*APART, {"school": "C"})

    def judge(self, kind, students=40):
        district = make_pool(
            self.ROWS,
            schools=make_schools({"A": 0, "B": 1, "C": 2}, types=("primary", "primary", kind)),
            policy={"balance": {"cv_max": {"primary": 1.0}, "indicators": ["backbone"]}},
            rules={"staff_quota": "off"},
            objective=EVEN_TOO,
        )
        posted = solve_posts(
            district, [("A", "primary", "1", 80, 2), ("B", "primary", "1", 80, 2), ("C", "primary", "1", students, 1)]
        )
        return round(posted.levels["balance"], 3)

    def test_a_small_teaching_point_and_a_special_school_are_apart(self):
        """With C: X = 1, S² = 0.4 · 1.5² + 0.6 · 1 = 1.5, by children 80, 80 and 40."""
        assert self.judge("primary") == round(1.5**0.5, 3)
        assert self.judge("special") == 1
        assert self.judge("teaching_point") == 1

    def test_a_teaching_point_of_fifty_is_not(self):
        """X = 200 / 210, S² = 80/210 · (2.5 - X)² + 130/210 · X²: S / X = √(130/80)."""
        assert self.judge("teaching_point", 50) == round((130 / 80) ** 0.5, 3)


def test_evenness_is_sought_last():
    """Teachers of two schools swap because a share must move: then the swap that spreads the backbone is taken."""
    rows = [BACKBONE, BACKBONE | {"exempt": "x"}, {}, AT_B, AT_B, AT_B]
    posted = solve(rows, classes=(3, 3), rules={"rotation_share": "hard"})
    assert values(posted) == (0, 2, 0)
    assert posted.moves.keys() >= {"T1"}


class TestOrder:
    """A swap makes APART even; where only A sends, one who moves does, and leaves a post vacant."""

    @pytest.mark.parametrize("balance_cv", ["soft", "off"])
    def test_evenness_before_moves(self, balance_cv):
        assert values(solve(order=["vacancies", "balance", "moves"], rules={"balance_cv": balance_cv})) == (0, 2, 0)

    def test_evenness_before_vacancies(self):
        one_way = {"strength": np.array([2.0, 1.0])}
        assert values(solve(order=["balance", "vacancies", "moves"], **one_way)) == (1, 1, 0)
        assert values(solve(order=["vacancies", "balance", "moves"], **one_way)) == (0, 0, 2)

    def test_a_soft_limit_is_a_level_that_comes_last(self):
        assert values(solve(order=["vacancies", "moves"], rules={"balance_cv": "soft"})) == (0, 0, 2)


def test_of_plans_alike_in_every_level_a_more_even_one_is_taken():
    """Of 24 three must move, so that two go each way: 5 and 1 backbone teachers keep the limit, 4 and 2 are as many."""
    rows = [BACKBONE] * 6 + [{}] * 6 + [AT_B] * 12
    rules = {"rotation_share": "hard", "balance_cv": "hard"}
    posted = solve(rows, limit=1.25, classes=(12, 12), rules=rules, order=["vacancies", "moves"])
    assert "balance" not in posted.levels and len(posted.moves) == 4
    gone = {teacher for teacher, school in posted.moves.items() if school == "B"}
    assert len(gone) == 2 and gone <= {f"T{k}" for k in range(1, 7)}
