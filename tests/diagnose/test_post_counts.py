"""Sums about posts, each redone by hand, and none of them untrue of any district that is small enough to try all plans.

One class of Chinese at A and one at B, a post each.
"""

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import make_schools
from postings import CLASSES, LESSONS, make_pool
from solve.test_staffing import draw_pool, every_plan

from models.diagnosis import Count
from models.district import Cohort, District
from models.plan import CLASS_COLUMNS
from models.settings import Settings, merge
from optimizer.diagnose.posts import count_posts, count_posts_of_fewest
from optimizer.diagnose.posts.decide import decide_posts
from optimizer.formulation.staffing.formulation import StaffFormulation, formulate_staffing
from optimizer.solve.effort import Effort

ASKED = {"rotation_share": "hard"}


def state(district: District, classes=CLASSES) -> StaffFormulation:
    table = pd.DataFrame([(*row, row[3], "given") for row in classes], columns=list(CLASS_COLUMNS))
    return formulate_staffing(district, table)


def count(*args: Any, classes=CLASSES, **more: Any) -> dict[str, Count]:
    return {found.key: found for found in count_posts(state(make_pool(*args, **more), classes))}


def test_a_subject_is_short_of_what_nobody_can_teach():
    found = count([{}])["posts_subject"]
    assert found.facts == {"where": "district", "stage": "primary", "subject": "chinese", "posts": 2.0, "teachers": 1.0,
                           "others": 0.0, "short": 1.0}  # fmt: skip
    assert not found.proves and found.short == pytest.approx(1.0)


def test_a_second_subject_fills_what_is_short():
    assert count([{}, {"subject": "music", "second_subject": "chinese"}]) == {}


def test_teachers_of_another_stage_fill_what_their_certificate_reaches():
    nine = make_schools(types=("nine_year", "nine_year"))
    row = {"stage": "junior", "certificate_stage": "junior"}
    stages = {"schools": nine, "instance": {"stages": ["primary", "junior"]}}
    assert count([{}, row], **stages) == {}
    assert count([{}, row | {"role": "principal"}], **stages)["posts_subject"].facts["others"] == 0.0
    assert count([{}, row | {"certificate_stage": ""}], **stages)["posts_subject"].facts["short"] == 1.0


def test_lessons_that_any_teacher_may_give_come_last():
    # 9 lessons of 18 in each class: half a post twice, and both teachers have their hands full.
    lessons = [*LESSONS, ("primary", "1", "labour", 9.0, "any")]
    found = count([{}, {"school": "B"}], lessons=lessons)
    assert list(found) == ["posts_any"]
    assert found["posts_any"].facts["posts"] == found["posts_any"].facts["short"] == 1.0


def test_pools_share_no_teachers():
    apart = {"staffing": {"pool_level": "group"}}
    found = count([{}, {}], policy=apart)["posts_subject_of_pool"]
    assert found.facts["where"] == "B" and found.facts["short"] == 1.0
    assert count([{}, {"school": ""}], policy=apart) == {}
    assert count([{}, {}], policy=apart, schools=make_schools(legal=("A", "A"))) == {}


def test_a_quota_is_short_of_the_posts():
    # Two posts; of a quota of two one holder gives no lessons.
    support = {"role": "support", "subject": "music"}
    found = count([{}, support], policy={"staffing": {"quota": {"district": 2}}})["posts_quota"]
    assert found.facts == {"posts": 2.0, "quota": 2, "filled": 1.0, "short": 1.0} and not found.proves


def test_too_few_may_leave():
    # Half of four is two; a fifth of four, rounded down, is none.
    found = count([{}] * 4, rules=ASKED | {"continuity": "hard"}, policy={"rotation": {"min_share": 0.5}})
    facts = found["posts_share"].facts
    assert facts == {"share": 0.5, "eligible": 4, "least": 2, "able": 0, "short": 2}
    assert {"rotation_share", "continuity"} <= set(found["posts_share"].rules)


def test_every_sending_school_is_counted_by_itself():
    policy = {"rotation": {"min_share": 0.5, "max_leaving_share": 0.3, "scope": "each_sending_school"}}
    found = count([{}] * 4, rules=ASKED | {"continuity": "hard"}, policy=policy)["posts_share_of_school"]
    assert found.schools == ("A",) and found.facts["least"] == 2 and found.facts["able"] == 1


def test_a_budget_pays_for_too_few():
    # Three of three must move; 30,000 yuan are two at 12,000, and nobody goes without.
    subsidy = {"subsidy": {"living_yuan": 12_000.0}, "budget_yuan": 30_000.0, "min_share": 1.0}
    found = count([{}] * 3, rules=ASKED, policy={"rotation": subsidy})["posts_budget"]
    assert found.facts == {"least": 3, "paid": 2, "others": 0, "each": 12_000.0, "budget": 30_000.0, "short": 1}


def test_too_few_backbone_teachers_may_move():
    rows = [{"backbone": True, "exempt": "illness"}, {}, {}]
    found = count(rows, rules=ASKED | {"rotation_backbone": "hard"})["posts_backbone"]
    assert found.facts["least"] == 1 and found.facts["able"] == 0 and found.facts["of"] == 1


def test_a_principal_who_must_go_has_nowhere_to_go():
    row = {"role": "principal", "stage": "primary"}
    policy = {"staffing": {"pool_level": "group"}}
    found = count([row], rules={"principal_terms": "hard"}, policy=policy)["posts_principals"]
    assert found.schools == ("A",) and found.rules[0] == "principal_terms"


def test_who_stays_may_make_schools_too_uneven():
    # Two at A who stay; the one who may go brings 1 to B: 2 and 1, a coefficient of 1/3.
    stay = {"backbone": True, "exempt": "illness"}
    more = {"rules": {"balance_cv": "hard"}, "policy": {"balance": {"indicators": ["backbone"]}}}
    assert count([stay, stay], **more)["posts_balance.backbone"].facts["value"] == 1.0
    assert "posts_balance.backbone" not in count([stay, stay, {"backbone": True}], **more)
    tight = {"rules": more["rules"], "policy": {"balance": {"indicators": ["backbone"], "cv_max": {"primary": 0.3}}}}
    facts = count([stay, stay, {"backbone": True}], **tight)["posts_balance.backbone"].facts
    assert facts == {"stage": "primary", "value": 0.333, "limit": 0.3}


def test_posts_of_the_fewest_classes():
    # 90 children of grade 1 need two classes of 45, which are two posts; 91 need three.
    for children, posts in ((90, 2.0), (91, 3.0)):
        students = {Cohort("primary", "1", "local"): (children, 0, 0, 0)}
        found = {each.key: each for each in count_posts_of_fewest(make_pool([{}], students=students))}
        assert found["posts_fewest"].facts == {"classes": posts, "posts": posts, "filled": 1.0, "short": posts - 1}
        assert found["posts_subject"].facts["short"] == posts - 1
    assert count_posts_of_fewest(make_pool([{}, {}], students={Cohort("primary", "1", "local"): (90, 0, 0, 0)})) == ()


@pytest.mark.parametrize("seed", range(25))
def test_no_sum_and_no_answer_is_untrue(seed: int) -> None:
    """Of every plan of a district drawn at random: some exists where one is found, none where a sum says so."""
    rng = Random(seed)
    district, classes = draw_pool(rng)
    asked: dict[str, Any] = {
        "rules": {rule: rng.choice(["hard", "off"]) for rule in ("rotation_share", "rotation_backbone")},
        "policy": {"rotation": {"min_share": rng.choice([0.1, 0.5, 0.8]), "budget_yuan": rng.choice([0.0, 1.0])}},
    }
    asked["rules"] |= {"principal_terms": rng.choice(["hard", "off"]), "balance_cv": rng.choice(["hard", "off"])}
    asked["policy"]["balance"] = {"cv_max": {"primary": rng.choice([0.3, 0.6]), "junior": 0.6}}
    drawn = replace(district, settings=Settings.model_validate(merge(district.settings.model_dump(), asked)))
    f = state(drawn, classes)
    counts, plans = count_posts(f), list(every_plan(drawn, classes))
    assert decide_posts(f, Effort(20.0, None, lambda: False)).possible in (bool(plans), None)
    if any(found.proves for found in counts):
        assert not plans
    short = sum(found.short for found in counts if found.key.startswith(("posts_subject", "posts_any")))
    assert short <= min((plan.vacancies for plan in plans), default=np.inf) + 0.02
