"""Why this school and not that one: a stored plan beside its instance, and what a single change of it would come to."""

from optimizer.explain.basis import Basis, InputsChanged, InputsGone, read_basis
from optimizer.explain.ids import NotKnown
from optimizer.explain.school import SchoolAnswer, explain_school
from optimizer.explain.teacher import TeacherAnswer, explain_teacher
from optimizer.explain.unit import UnitAnswer, explain_unit

__all__ = [
    "Basis",
    "InputsChanged",
    "InputsGone",
    "NotKnown",
    "SchoolAnswer",
    "TeacherAnswer",
    "UnitAnswer",
    "explain_school",
    "explain_teacher",
    "explain_unit",
    "read_basis",
]
