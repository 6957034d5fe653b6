"""Who may be asked to move, and why others may not: judged at 31 August, for every move takes effect on 1 September."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from models.district import Bools, District, Ints
from models.retirement import add_months, retirement_date
from models.staffing import Days, Standing, Teachers
from models.stages import COMPULSORY, SERVES, STAGES, grades_of

_LEAVES = ("leave_retiring", "retires")
_ABSENT = ("leave_maternity", "leave_sick", "leave_seconded")
_FREE = ("not_compulsory", "contract", "tenure_unknown", "tenure", "eligible")


class _Dates(NamedTuple):
    eve: np.datetime64
    """31 August, the last day of the school year that ends."""
    retirement: Days
    """NaT where birth date or sex is not given."""
    served: Ints
    """As `years_served`."""


def judge_teachers(district: District) -> Standing:
    """Return what the coming year holds for each teacher: the first of all reasons that holds, and what follows of it.

    What is not given is no fault: without birth date or sex nobody is near retirement, without the date of joining no
    tenure is long enough, and no principal free.
    """
    teachers = district.teachers
    assert teachers is not None
    dates = _find_dates(district, teachers)
    cases = _list_reasons(district, teachers, dates)
    reason = np.array(list(cases))[np.argmax(np.array(list(cases.values())), axis=0)]
    term_unknown = teachers.is_one_of("role", "principal") & (dates.served < 0)
    return Standing(
        reason=tuple(reason.tolist()),
        facts=_list_facts(reason.tolist(), district, teachers, dates),
        leaves=np.isin(reason, _LEAVES),
        absent=np.isin(reason, _ABSENT),
        returns=reason == "returns",
        eligible=reason == "eligible",
        free=(np.isin(reason, _FREE) | (reason == "near_retirement") & teachers.volunteer) & ~term_unknown,
    )


def years_served(district: District) -> Ints:
    """Return the whole years that each has worked at the school when 31 August is over, -1 where nobody knows.

    Who came on 1 September 2021 has served six by 31 August 2027.
    """
    assert district.teachers is not None
    since, until = district.teachers.joined, _eve(district) + 1
    years = (until.astype("datetime64[Y]") - since.astype("datetime64[Y]")).astype(np.int64)
    years -= add_months(since, 12 * years) > until
    return np.where(np.isnat(since), -1, np.maximum(years, 0))


def goes_on_with_class(district: District) -> Bools:
    """Return who heads a class that does not leave its stage this summer; principals stay with no class."""
    teachers = district.teachers
    assert teachers is not None
    going_on = [grade for stage in STAGES for grade in grades_of(stage, district.settings.instance.system)[:-1]]
    heads = teachers.is_one_of("class_head_grade", *going_on) & (teachers.school >= 0)
    return heads & teachers.is_one_of("role", "teacher")


def _list_reasons(district: District, teachers: Teachers, dates: _Dates) -> Mapping[str, Bools]:
    """Where each reason holds: the first that does is the reason, and the last holds for everyone.

    Whoever was engaged again after retirement (银龄) is past that age, and stays as long as the contract.
    """
    rotation, eve, served = district.settings.policy.rotation, dates.eve, dates.served
    principal = teachers.is_one_of("role", "principal")
    reengaged = teachers.is_one_of("staff_type", "reengaged")
    soon = add_months(eve, 12 * rotation.years_to_retirement)
    return {
        "recruit": teachers.school < 0,
        "leave_retiring": teachers.is_one_of("leave", "retiring"),
        "retires": (dates.retirement <= eve) & ~reengaged,
        "support_staff": teachers.is_one_of("role", "support"),
        "leave_maternity": teachers.is_one_of("leave", "maternity"),
        "leave_sick": teachers.is_one_of("leave", "sick"),
        "leave_seconded": teachers.is_one_of("leave", "seconded"),
        "exempt": ~teachers.is_one_of("exempt", ""),
        "returns": (teachers.rotation_until <= eve) & _has_another_home(district, teachers),
        "term_runs": teachers.rotation_until > eve,
        "principal_term": principal & (served >= 0) & (served < rotation.principal_years),
        "class_head": goes_on_with_class(district) & (rotation.class_heads == "stay"),
        "near_retirement": (dates.retirement < soon) & ~reengaged,
        "reengaged": reengaged,
        "not_compulsory": ~teachers.is_one_of("stage", *COMPULSORY),
        "contract": teachers.is_one_of("staff_type", "contract"),
        "tenure_unknown": served < 0,
        "tenure": (served < rotation.tenure_years) & ~principal,
        "eligible": np.ones(len(teachers), dtype=bool),
    }


def _list_facts(
    reasons: Sequence[str], district: District, teachers: Teachers, dates: _Dates
) -> tuple[Mapping[str, Any], ...]:
    """What the sentence of each one's reason names."""
    rotation = district.settings.policy.rotation
    month = np.datetime_as_string(dates.retirement, unit="M").tolist()
    until = np.datetime_as_string(teachers.rotation_until, unit="D").tolist()
    years = dates.served.tolist()
    named: Mapping[str, Mapping[str, Sequence[Any]]] = {
        "retires": {"month": month},
        "exempt": {"code": teachers.exempt},
        "returns": {"until": until},
        "term_runs": {"until": until},
        "principal_term": {"years": years, "required": [rotation.principal_years] * len(years)},
        "class_head": {"grade": teachers.class_head_grade},
        "near_retirement": {"month": month},
        "tenure": {"years": years, "required": [rotation.tenure_years] * len(years)},
        "eligible": {"years": years},
    }
    return tuple({name: column[k] for name, column in named.get(key, {}).items()} for k, key in enumerate(reasons))


def _find_dates(district: District, teachers: Teachers) -> _Dates:
    man, woman = teachers.is_one_of("sex", "male"), teachers.is_one_of("sex", "female")
    as_woman = np.where(woman, retirement_date(teachers.birth, "women55"), np.datetime64("NaT", "D"))
    retirement = np.where(man, retirement_date(teachers.birth, "men60"), as_woman)
    return _Dates(_eve(district), retirement, years_served(district))


def _eve(district: District) -> np.datetime64:
    return np.datetime64(f"{district.settings.instance.year}-08-31", "D")


def _has_another_home(district: District, teachers: Teachers) -> Bools:
    """Who works at another legal school than the one that holds their file, which is open and teaches their stage."""
    schools, home = district.schools, teachers.home_school
    legal = np.array(schools.legal, dtype=object)
    receives = np.array([status == "open" for status in schools.status]) & ~schools.private
    kinds = [schools.types[school] for school in home.tolist()]
    taught = [kind == "special" or stage in SERVES[kind] for kind, stage in zip(kinds, teachers.stage, strict=True)]
    return np.asarray(
        (home >= 0) & (legal[home] != legal[teachers.school]) & receives[home] & np.array(taught, dtype=bool)
    )
