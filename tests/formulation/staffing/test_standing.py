"""One teacher a reason, and the edges of each; plans for 2027, judged at 31 August of it.

An ordinary teacher (`staff.ORDINARY`) has been at A since 1 September 2015: 12 years, so she is eligible. Born in May
1985, she retires at 58, in May 2043.
"""

import tomllib

import pytest
from builders import make_schools
from staff import make_staffed

from models.sentences import say
from optimizer.formulation.staffing.standing import judge_teachers, years_served

ONE_A_REASON = {
    "recruit": {"school": ""},
    "leave_retiring": {"leave": "retiring"},
    "retires": {"sex": "male", "birth": "1966-06-15"},  # month 17: 5 months late, on 15 November 2026
    "support_staff": {"role": "support"},
    "leave_maternity": {"leave": "maternity"},
    "leave_sick": {"leave": "sick"},
    "leave_seconded": {"leave": "seconded"},
    "exempt": {"exempt": "nursing"},
    "returns": {"rotation_until": "2027-08-31", "home_school": "B"},
    "term_runs": {"rotation_until": "2028-08-31", "home_school": "B"},
    "principal_term": {"role": "principal", "joined": "2022-09-01"},
    "class_head": {"class_head_grade": "5"},
    "near_retirement": {"birth": "1974-05-15"},  # month 52: 14 months late, on 15 July 2030
    "reengaged": {"staff_type": "reengaged", "birth": "1960-05-15"},
    "not_compulsory": {"stage": "senior"},
    "contract": {"staff_type": "contract"},
    "tenure_unknown": {"joined": "NaT"},
    "tenure": {"joined": "2022-02-01"},
    "eligible": {},
}


def judge(rows, **more):
    return judge_teachers(make_staffed(rows, **more))


def reason_of(row, **more):
    return judge([row], **more).reason[0]


@pytest.fixture(scope="module")
def everyone():
    return judge(list(ONE_A_REASON.values()))


def those(flags):
    return {reason for reason, flag in zip(ONE_A_REASON, flags, strict=True) if flag}


def test_every_reason_holds_for_its_teacher(everyone):
    assert everyone.reason == tuple(ONE_A_REASON)


def test_what_follows_from_each_reason(everyone):
    assert those(everyone.leaves) == {"leave_retiring", "retires"}
    assert those(everyone.absent) == {"leave_maternity", "leave_sick", "leave_seconded"}
    assert those(everyone.returns) == {"returns"}
    assert those(everyone.eligible) == {"eligible"}
    assert those(everyone.free) == {"not_compulsory", "contract", "tenure_unknown", "tenure", "eligible"}


def test_facts_are_dates_years_and_codes(everyone):
    told = dict(zip(everyone.reason, everyone.facts, strict=True))
    assert {reason: facts for reason, facts in told.items() if facts} == {
        "retires": {"month": "2026-11"},
        "exempt": {"code": "nursing"},
        "returns": {"until": "2027-08-31"},
        "term_runs": {"until": "2028-08-31"},
        "principal_term": {"years": 5, "required": 6},
        "class_head": {"grade": "5"},
        "near_retirement": {"month": "2030-07"},
        "tenure": {"years": 5, "required": 6},
        "eligible": {"years": 12},
    }


OF_POSTINGS = (
    "moves_in_rotation",
    "moves_as_volunteer",
    "moves_from_surplus",
    "changes_stage",
    "takes_first_post",
    "no_post",
)
"""Reasons of a posting, not of a standing."""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_is_said_with_its_facts(everyone, repository, language):
    file = repository / "models" / "sentences" / language / "standing.toml"
    assert set(tomllib.loads(file.read_text(encoding="utf-8"))) == {*everyone.reason, *OF_POSTINGS}
    said = [say(f"standing.{key}", facts, language) for key, facts in zip(everyone.reason, everyone.facts, strict=True)]
    assert all(0 < len(sentence) < 60 for sentence in said)
    assert "nursing" in said[everyone.reason.index("exempt")]


def test_of_several_reasons_the_first_holds():
    pregnant_and_new = {"leave": "maternity", "joined": "2026-09-01", "exempt": "pregnant"}
    assert reason_of(pregnant_and_new) == "leave_maternity"
    assert reason_of({"role": "support", "leave": "sick"}) == "support_staff"
    assert reason_of({"exempt": "illness", "rotation_until": "2028-08-31"}) == "exempt"
    assert reason_of({"staff_type": "contract", "joined": "2026-09-01"}) == "contract"
    assert reason_of({"class_head_grade": "5", "staff_type": "contract"}) == "class_head"


def test_six_school_years_end_on_31_august():
    joined = ["2021-08-31", "2021-09-01", "2021-09-02", "2027-09-01", "NaT"]
    district = make_staffed([{"joined": day} for day in joined])
    assert years_served(district).tolist() == [6, 6, 5, 0, -1]
    assert judge_teachers(district).eligible.tolist() == [True, True, False, False, False]


def test_tenure_is_as_set():
    assert reason_of({"joined": "2022-09-01"}, policy={"rotation": {"tenure_years": 5}}) == "eligible"
    assert reason_of({"joined": "2018-09-01"}, policy={"rotation": {"tenure_years": 10}}) == "tenure"


def test_principals_go_by_terms_and_not_by_tenure():
    long_tenure = {"rotation": {"tenure_years": 10}}
    served, unknown = {"role": "principal", "joined": "2021-09-01"}, {"role": "principal", "joined": "NaT"}
    standing = judge([served, unknown], policy=long_tenure)
    assert standing.reason == ("eligible", "tenure_unknown")
    assert standing.free.tolist() == [True, False]


def test_near_retirement_is_less_than_five_years_from_31_august():
    """Born in January 1971, a man of 60 is 19 months late: he retires in August 2032."""
    births = {"1971-01-30": "near_retirement", "1971-01-31": "eligible"}
    assert judge([{"sex": "male", "birth": birth} for birth in births]).reason == tuple(births.values())
    assert reason_of({"sex": "male", "birth": "1971-01-31"}, policy={"rotation": {"years_to_retirement": 6}}) == (
        "near_retirement"
    )


def test_volunteers_near_retirement_may_go():
    near = ONE_A_REASON["near_retirement"]
    standing = judge([near, near | {"volunteer": True}])
    assert standing.free.tolist() == [False, True]
    assert not standing.eligible.any()


def test_women_retire_five_years_before_men():
    """Born on 1 May 1974: she, 55, in month 52 and so 14 months late, in July 2030; he, 60, 29 months, in 2036."""
    assert [reason_of({"birth": "1974-05-01", "sex": sex}) for sex in ("female", "male")] == [
        "near_retirement",
        "eligible",
    ]


def test_the_last_day_at_work_is_31_august():
    """Born in January 1972, a woman of 55 is 7 months late: she retires in August 2027."""
    assert reason_of({"birth": "1972-01-31"}) == "retires"
    assert reason_of({"birth": "1972-02-01"}) == "near_retirement"


@pytest.mark.parametrize("row", [{"birth": "NaT"}, {"birth": "1950-01-01", "sex": ""}])
def test_without_birth_date_or_sex_nobody_is_near_retirement(row):
    assert reason_of(row) == "eligible"


def test_a_term_that_is_over_leads_home_only_to_another_legal_school():
    over = {"rotation_until": "2027-07-15"}
    schools = make_schools({"A": 0, "B": 1, "C": 3}, legal=("A", "A", "C"))
    rows = [over | {"home_school": home} for home in ("", "A", "B", "C")]
    standing = judge(rows, schools=schools)
    assert standing.returns.tolist() == [False, False, False, True]
    assert standing.eligible.tolist() == [True, True, True, False]


def test_a_class_that_leaves_its_stage_sets_its_head_free():
    grades = {"1": "class_head", "5": "class_head", "6": "eligible", "7": "class_head", "9": "eligible", "": "eligible"}
    assert judge([{"class_head_grade": grade} for grade in grades]).reason == tuple(grades.values())
    five_four = judge([{"class_head_grade": "5"}, {"class_head_grade": "6"}], instance={"system": "5-4"})
    assert five_four.reason == ("eligible", "class_head")


@pytest.mark.parametrize("turn", ["last", "move"])
def test_heads_of_classes_move_where_the_policy_says_so(turn):
    assert reason_of({"class_head_grade": "1"}, policy={"rotation": {"class_heads": turn}}) == "eligible"


def test_principals_stay_with_no_class():
    assert reason_of({"class_head_grade": "1", "role": "principal"}) == "eligible"


def test_a_post_without_a_type_is_established():
    assert reason_of({"staff_type": ""}) == "eligible"


def test_whoever_was_engaged_again_leaves_only_when_the_table_says_so():
    again = ONE_A_REASON["reengaged"]
    assert judge([again, again | {"leave": "retiring"}]).leaves.tolist() == [False, True]


def test_a_table_without_teachers_is_judged_too():
    assert judge([]).reason == ()
