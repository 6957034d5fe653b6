"""Posts that cannot be decided: one planted impossibility for each rule, its conflict, and repairs known to work.

One class of Chinese at A and one at B, a post each; T1 at A has served long enough to be asked, so that one must move
where a share is asked for at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import make_schools
from postings import CLASSES, make_pool

from models.district import District
from models.plan import CLASS_COLUMNS
from models.settings import Settings, merge
from optimizer.diagnose.posts import PostsCase, diagnose_posts
from optimizer.diagnose.posts.decide import decide_posts
from optimizer.solve.effort import Effort

ASKED = {"rotation_share": "hard"}
PRINCIPAL = {"role": "principal", "joined": "2015-09-01"}


def make_case(rows: Sequence[Mapping[str, Any]], classes=CLASSES, **more: Any) -> PostsCase:
    district = make_pool(rows, **more)
    table = pd.DataFrame([(*row, row[3], "given") for row in classes], columns=list(CLASS_COLUMNS))

    def patched(patch: Mapping[str, Any]) -> District:
        merged = merge(district.settings.model_dump(), patch)
        return replace(district, settings=Settings.model_validate(merged))

    return PostsCase(district, table, None, patched)


def effort() -> Effort:
    return Effort(30.0, None, lambda: False)


def is_possible(case: PostsCase, rules: Sequence[str]) -> bool | None:
    return decide_posts(case.keeping(rules).formulate(), effort()).possible


SCHOOLS = make_schools()
PLANTED: dict[str, tuple[set[str], PostsCase, dict[str, Any]]] = {
    "pools": (
        {"rotation_share"},
        make_case([{}], rules=ASKED, policy={"staffing": {"pool_level": "group"}}),
        {"posts_share": {"before": 0.1, "after": 0}},
    ),
    "direction": (
        {"rotation_share", "direction"},
        make_case([{}], rules=ASKED, schools=make_schools(strength=np.array([1.0, 2.0]))),
        {"posts_share": {"before": 0.1, "after": 0}, "posts_direction": {"count": 1}},
    ),
    "no_return": (
        # Two years after 31 August 2025 is not after 1 September 2027, three years are.
        {"rotation_share", "no_return"},
        make_case([{"previous_school": "B", "left_previous": "2025-08-31"}], rules=ASKED),
        {"posts_share": {"before": 0.1, "after": 0}, "posts_return": {"before": 3, "after": 2}},
    ),
    "commute": (
        # T1 lives beside A, and B is 0.03 degrees east of it: 0.03 · 111,320 m · cos 30.2° = 2,887 m.
        {"rotation_share", "commute"},
        make_case(
            [{"lon": float(SCHOOLS.lon[0]), "lat": float(SCHOOLS.lat[0])}],
            rules=ASKED,
            policy={"rotation": {"max_commute_m": 450.0}},
        ),
        {"posts_share": {"before": 0.1, "after": 0}, "posts_commute": {"before": 450, "after": 2900}},
    ),
    "certificate": (
        {"rotation_share", "certificate"},
        make_case([{"certificate_subject": "pe"}], rules=ASKED),
        {"posts_share": {"before": 0.1, "after": 0}},
    ),
    "continuity": (
        # Two of four must move, and ⌊0.2 · 4⌋ = 0 may leave.
        {"rotation_share", "continuity"},
        make_case(
            [{}] * 4, rules=ASKED | {"continuity": "hard"}, policy={"rotation": {"min_share": 0.5}},
        ),
        {"posts_share": {"before": 0.5, "after": 0}, "posts_leaving": {"before": 0.2, "after": 0.5}},
    ),
    "experience": (
        # T1 is the only one at A who has taught there for long.
        {"rotation_share", "continuity"},
        make_case([{}], rules=ASKED | {"continuity": "hard"}, policy={"rotation": {"max_leaving_share": 1.0}}),
        {"posts_share": {"before": 0.1, "after": 0}, "posts_experience": {"count": 1}},
    ),
    "backbone": (
        {"rotation_backbone"},
        make_case(
            [{}, {}], rules={"rotation_backbone": "hard"}, policy={"rotation": {"backbone_of": "eligible"}},
        ),
        {"posts_backbone": {"before": 0.2, "after": 0}},
    ),
    "backbone_of_moved": (
        # One must move, and of those who do a fifth must be backbone teachers: nobody is.
        {"rotation_backbone", "rotation_share"},
        make_case([{}, {}], rules=ASKED | {"rotation_backbone": "hard"}),
        {"posts_share": {"before": 0.1, "after": 0}, "posts_backbone": {"before": 0.2, "after": 0}},
    ),
    "budget": (
        {"rotation_share", "budget"},
        make_case(
            [{}],
            rules=ASKED,
            policy={"rotation": {"subsidy": {"housing_yuan": 12_400.0}, "budget_yuan": 5_000.0}},
        ),
        {"posts_budget": {"before": 5000, "after": 13000}, "posts_share": {"before": 0.1, "after": 0}},
    ),
    "swaps": (
        # Nobody works at B who could come in exchange.
        {"rotation_share", "swaps"},
        make_case([{}], rules=ASKED | {"swaps": "hard"}),
        {"posts_share": {"before": 0.1, "after": 0}, "posts_swaps": {"count": 2}},
    ),
    "principal_terms": (
        # A's principal has served twelve years; B's has not served long enough to go, and no school has two.
        {"principal_terms"},
        make_case(
            [PRINCIPAL, PRINCIPAL | {"school": "B", "joined": "2025-09-01"}], rules={"principal_terms": "hard"},
        ),
        {"posts_terms": {"before": 9, "after": 13}},
    ),
    "couples": (
        # Both must go, each to where the other one is.
        {"principal_terms", "couples"},
        make_case(
            [PRINCIPAL | {"spouse": "T2"}, PRINCIPAL | {"school": "B", "spouse": "T1"}],
            rules={"principal_terms": "hard"},
        ),
        {"posts_terms": {"before": 9, "after": 13}, "posts_couples": {"count": 1}},
    ),
    "balance_cv": (
        # One backbone teacher for two schools of 40: 2.5 and 0 for 100 children, a coefficient of 1.
        {"balance_cv"},
        make_case([{"backbone": True}], rules={"balance_cv": "hard"}, policy={"balance": {"indicators": ["backbone"]}}),
        {"posts_variation_of_stage": {"before": 0.5, "after": 1, "stage": "primary"}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_impossibility_is_explained_and_repaired(name):
    rules, case, repairs = PLANTED[name]
    found = diagnose_posts(case, effort())
    assert found.possible is False and found.complete
    assert found.conflict is not None and set(found.conflict.rules) == rules and found.conflict.minimal
    assert {repair.lever: dict(repair.facts) for repair in found.repairs} == repairs
    assert list(repairs) == [repair.lever for repair in found.repairs]


@pytest.mark.parametrize("name", PLANTED)
def test_without_any_one_of_its_rules_a_conflict_is_none(name):
    rules, case, _ = PLANTED[name]
    assert is_possible(case, sorted(rules)) is False
    for rule in rules:
        assert is_possible(case, sorted(rules - {rule})) is True


def test_where_no_rule_alone_suffices_several_are_eased():
    # T1 may only go to the weaker school, and there is none; T2 has served twelve years, and T3 may not make room.
    rows = [{}, PRINCIPAL, PRINCIPAL | {"school": "B", "joined": "2025-09-01"}]
    rules = ASKED | {"principal_terms": "hard"}
    found = diagnose_posts(make_case(rows, rules=rules, schools=make_schools(strength=np.array([1.0, 2.0]))), effort())
    assert [repair.lever for repair in found.repairs] == ["posts_several"]
    figures = ["policy.rotation.min_share = 0.0", "policy.rotation.principal_most_years = 13"]
    assert found.repairs[0].facts == {"rules": ["rotation_share", "principal_terms"], "figures": figures}


def test_where_posts_can_be_decided_there_is_nothing_to_repair():
    found = diagnose_posts(make_case([{}], rules=ASKED), effort())
    assert found.possible and found.conflict is None and found.repairs == ()
    assert [count.key for count in found.counts] == ["posts_subject"]
