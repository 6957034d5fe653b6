"""`school_size`: no school grows beyond what one head can lead (大校额)."""

from models.stages import COMPULSORY
from optimizer.formulation.draft import Draft
from optimizer.formulation.formulation import Limit
from optimizer.formulation.stock import students_left


def add_school_size(draft: Draft) -> None:
    """Σ_b students[b] · assign[b,j] over grades 1-9 ≤ cap[type of j], for every school, or only for new ones.

    Senior grades of a twelve-year school do not count. Hard, or soft: children above are counted in `shortage`.
    """
    settings = draft.district.settings
    policy = settings.policy.school_size
    if settings.rules.school_size == "off":
        return
    schools = draft.district.schools
    columns = draft.columns_of(COMPULSORY)
    for row, (school_id, kind) in enumerate(zip(schools.ids, schools.types, strict=True)):
        if kind in policy.cap and (policy.applies_to == "all" or schools.is_new[row]):
            name, hard = f"school_size[{school_id}]", draft.hardness("school_size", row) == "hard"
            bound = students_left(draft, row, COMPULSORY, policy.cap[kind]) if draft.entry else policy.cap[kind]
            draft.limits.append(Limit(name, "school_size", row, columns, bound, hard))
