"""Why a teacher stays: what forbids the vacant post of Chinese at B, when he works at A; each school needs one post."""

from dataclasses import asdict

import numpy as np
import pytest
from builders import make_schools
from explain.bases import make_basis
from postings import make_pool, make_staff_plan

from optimizer.explain import NotKnown, explain_teacher

AT_A = {("A", "primary", "chinese"): 1.0}


def ask(teacher, *, strength=(2.0, 1.0), rules=None, policy=None, others=()):
    schools = make_schools(strength=np.array(strength))
    rows = [{"ids": "T1"} | teacher, *others]
    district = make_pool(rows, schools=schools, rules=rules, policy=policy)
    return explain_teacher(make_basis(district, make_staff_plan(district, filled=AT_A), ()), "T1")


def rules_of(answer):
    (vacancy,) = answer.vacancies
    assert (vacancy.school, vacancy.subject, vacancy.posts) == ("B", "chinese", 1.0)
    return {(shortfall.rule, shortfall.kind) for shortfall in vacancy.forbids}


def test_nothing_forbids():
    answer = ask({})
    assert rules_of(answer) == set()
    assert (answer.from_school, answer.to_school, answer.way, answer.standing) == ("A", "A", "stay", "eligible")


@pytest.mark.parametrize(
    ("teacher", "more", "rule"),
    [
        ({}, {"strength": (1.0, 2.0)}, ("direction", "")),
        ({"certificate_subject": "pe"}, {}, ("certificate", "")),
        ({"previous_school": "B", "left_previous": "2026-08-31"}, {}, ("no_return", "")),
        ({"lon": 120.205, "lat": 30.205}, {"policy": {"rotation": {"max_commute_m": 2000}}}, ("commute", "")),
        ({}, {"rules": {"continuity": "hard"}}, ("continuity", "subject")),
        ({"exempt": "pregnancy"}, {}, ("rotation_eligible", "exempt")),
        ({"joined": "2025-09-01"}, {}, ("rotation_eligible", "ineligible")),
    ],
)
def test_what_forbids_a_post(teacher, more, rule):
    assert rule in rules_of(ask(teacher, **more))


def test_a_volunteer_may_go_up():
    assert rules_of(ask({"volunteer": True, "joined": "2025-09-01"}, strength=(1.0, 2.0))) == set()


def test_who_retires_is_shown_no_vacancy():
    answer = ask({"leave": "retiring"})
    assert (answer.standing, answer.vacancies) == ("leave_retiring", ())


def test_what_the_register_says():
    known = {"title": "senior_professor", "degree": "master", "staff_type": "contract", "role": "principal"}
    answer = ask(known | {"backbone": True})
    assert answer.registered == (
        ("titles", "senior_professor"), ("degrees", "master"), ("staff_types", "contract"), ("roles", "principal")
    )  # fmt: skip
    assert answer.backbone
    assert not ask({}).backbone


def test_nobody_else_is_named():
    others = [{"ids": "T2", "spouse": "T1"}, {"ids": "T3", "school": "B", "subject": "pe"}]
    told = str(asdict(ask({"spouse": "T2"}, others=others)))
    assert "T2" not in told
    assert "T3" not in told


def test_a_teacher_who_is_not_there():
    district = make_pool([{}])
    with pytest.raises(NotKnown):
        explain_teacher(make_basis(district, make_staff_plan(district, filled=AT_A), ()), "X9")
