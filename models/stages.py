"""Stages (学段), their grades, and the types of school that teach them."""

from typing import Literal, get_args

Stage = Literal["kindergarten", "primary", "junior", "senior"]
System = Literal["6-3", "5-4"]
SchoolType = Literal[
    "kindergarten",
    "primary",
    "junior",
    "senior",
    "nine_year",
    "twelve_year",
    "full_secondary",
    "special",
    "teaching_point",
]

STAGES: tuple[Stage, ...] = get_args(Stage)
SCHOOL_TYPES: tuple[SchoolType, ...] = get_args(SchoolType)
COMPULSORY: tuple[Stage, ...] = ("primary", "junior")
"""Grades 1-9: what school-size caps and small-class shares count (义务教育阶段)."""

_GRADES: dict[System, dict[Stage, tuple[str, ...]]] = {
    "6-3": {
        "kindergarten": ("K1", "K2", "K3"),
        "primary": ("1", "2", "3", "4", "5", "6"),
        "junior": ("7", "8", "9"),
        "senior": ("10", "11", "12"),
    },
    "5-4": {
        "kindergarten": ("K1", "K2", "K3"),
        "primary": ("1", "2", "3", "4", "5"),
        "junior": ("6", "7", "8", "9"),
        "senior": ("10", "11", "12"),
    },
}

SERVES: dict[SchoolType, tuple[Stage, ...]] = {
    "kindergarten": ("kindergarten",),
    "primary": ("primary",),
    "junior": ("junior",),
    "senior": ("senior",),
    "nine_year": ("primary", "junior"),
    "twelve_year": ("primary", "junior", "senior"),
    "full_secondary": ("junior", "senior"),
    "special": (),
    "teaching_point": ("primary",),
}
"""Stages each school type teaches. Special schools receive by decision of a committee, never by catchment."""


GRADES: tuple[str, ...] = tuple(
    dict.fromkeys(g for stages in _GRADES.values() for grades in stages.values() for g in grades)
)
"""All grades, in order."""


def grades_of(stage: Stage, system: System) -> tuple[str, ...]:
    """Return the grades of `stage` in order, the entry grade first."""
    return _GRADES[system][stage]
