"""Who may be asked to move (符合交流条件), read anew from the dates and words of the table of teachers.

Age and tenure count at 31 August of the year, for every move takes effect on the next day. What is not given stands in
nobody's way, but without the date of joining no tenure is long enough.
"""

import numpy as np

from models.district import Bools
from models.retirement import add_months, retirement_date
from models.staffed import GIVE_NO_LESSONS, Staffed
from models.staffing import Days
from models.stages import COMPULSORY, SERVES, STAGES, grades_of


def last_day(staffed: Staffed) -> np.datetime64:
    """Return 31 August of the year of the plan."""
    return np.datetime64(f"{staffed.district.settings.instance.year}-08-31", "D")


def leaves_staff(staffed: Staffed) -> Bools:
    """Return who works today and is retired by 31 August; those engaged again after it (银龄) are past that."""
    teachers = staffed.teachers
    reached = (_retirement(staffed) <= last_day(staffed)) & ~teachers.is_one_of("staff_type", "reengaged")
    return np.asarray((staffed.before >= 0) & (reached | teachers.is_one_of("leave", "retiring")), dtype=bool)


def goes_home(staffed: Staffed) -> Bools:
    """Return whose term of rotation is over by 31 August, and whose file lies at another legal school.

    Support staff, those on leave and the exempt are left where they are, and so is whoever has a home that is closed,
    private or of other stages.
    """
    home, schools = staffed.teachers.home_school, staffed.district.schools
    receives = np.array([status == "open" for status in schools.status], dtype=bool) & ~schools.private
    teaches = np.array([[kind == "special" or held in SERVES[kind] for held in STAGES] for kind in schools.types])
    abroad = (home >= 0) & (staffed.legal[home] != staffed.legal[staffed.before])
    over = staffed.teachers.rotation_until <= last_day(staffed)
    there = abroad & receives[home] & teaches[home, staffed.stage_before]
    return np.asarray((staffed.before >= 0) & over & there & ~leaves_staff(staffed) & ~_untouched(staffed), dtype=bool)


def kept_back(staffed: Staffed) -> dict[str, Bools]:
    """Return who may not be moved, by what forbids it; going home at the end of a term is no such move."""
    teachers, rotation = staffed.teachers, staffed.district.settings.policy.rotation
    principal = teachers.is_one_of("role", "principal")
    return {
        "support": teachers.is_one_of("role", "support"),
        "leave": teachers.is_one_of("leave", *GIVE_NO_LESSONS),
        "exempt": ~teachers.is_one_of("exempt", ""),
        "term": teachers.rotation_until > last_day(staffed),
        "principal": principal & ~served(staffed, rotation.principal_years),
        "class_head": keeps_class(staffed) & (rotation.class_heads == "stay"),
        "near_retirement": near_retirement(staffed) & ~teachers.volunteer,
        "reengaged": teachers.is_one_of("staff_type", "reengaged"),
    }


def keeps_class(staffed: Staffed) -> Bools:
    """Return which teachers head a class of any but the last grade of a stage; principals are bound to no class."""
    teachers, system = staffed.teachers, staffed.district.settings.instance.system
    leaving = {grades_of(stage, system)[-1] for stage in STAGES}
    return teachers.is_one_of("role", "teacher") & ~teachers.is_one_of("class_head_grade", "", *leaving)


def is_free(staffed: Staffed) -> Bools:
    """Return whom nothing keeps at the school where they work, and who do not go home or leave anyway.

    Who teaches a stage that is not planned is asked nothing.
    """
    planned = staffed.teachers.is_one_of("stage", *staffed.district.settings.instance.stages)
    working = planned & (staffed.before >= 0) & ~leaves_staff(staffed) & ~goes_home(staffed)
    return np.asarray(working & ~np.any(list(kept_back(staffed).values()), axis=0), dtype=bool)


def is_eligible(staffed: Staffed) -> Bools:
    """Return of whom a share must move: free, in compulsory education, established, with tenure, not near retirement.

    Of principals the terms count and no tenure besides.
    """
    teachers, rotation = staffed.teachers, staffed.district.settings.policy.rotation
    long_enough = teachers.is_one_of("role", "principal") | served(staffed, rotation.tenure_years)
    counted = teachers.is_one_of("stage", *COMPULSORY) & ~teachers.is_one_of("staff_type", "contract")
    return np.asarray(is_free(staffed) & counted & long_enough & ~near_retirement(staffed), dtype=bool)


def served(staffed: Staffed, years: int) -> Bools:
    """Return who has worked at the school for so many years when 31 August is over: since 1 September 2021 six in
    2027.
    """
    complete = add_months(staffed.teachers.joined, 12 * years)
    return np.asarray(complete <= last_day(staffed) + 1, dtype=bool)


def near_retirement(staffed: Staffed) -> Bools:
    """Return who retires less than `years_to_retirement` after 31 August; the re-engaged are past it."""
    years = staffed.district.settings.policy.rotation.years_to_retirement
    soon = _retirement(staffed) < add_months(last_day(staffed), 12 * years)
    return np.asarray(soon & ~staffed.teachers.is_one_of("staff_type", "reengaged"), dtype=bool)


def _retirement(staffed: Staffed) -> Days:
    """Date of retirement; women in posts of professionals. NaT where birth date or sex is not given."""
    teachers = staffed.teachers
    men, women = (retirement_date(teachers.birth, kind) for kind in ("men60", "women55"))
    known = np.where(teachers.is_one_of("sex", "male"), men, women)
    return np.where(teachers.is_one_of("sex", "male", "female"), known, np.datetime64("NaT", "D"))


def _untouched(staffed: Staffed) -> Bools:
    kept = kept_back(staffed)
    return np.asarray(kept["support"] | kept["leave"] | kept["exempt"], dtype=bool)
