"""What is taught where an instance does not say: the data is `curriculum.toml`, with its source."""

import tomllib
from importlib.resources import files

import numpy as np

from models.staffing import Curriculum
from models.stages import COMPULSORY, System, grades_of


def default_curriculum(system: System) -> Curriculum:
    """Return the weekly lessons of grades 1-9, by stage, grade and subject; subjects without a lesson are left out."""
    stated = tomllib.loads(files("models").joinpath("curriculum.toml").read_text(encoding="utf-8"))
    lessons, by_any = stated["weekly_lessons"], stated["taught_by_any"]
    rows = [
        (stage, grade, subject, weekly[int(grade) - 1], subject in by_any[stage])
        for stage in COMPULSORY
        for grade in grades_of(stage, system)
        for subject, weekly in lessons.items()
        if weekly[int(grade) - 1]
    ]
    stage, grade, subject, weekly_lessons, any_teacher = zip(*rows, strict=True)
    return Curriculum(stage, grade, subject, np.array(weekly_lessons, dtype=np.float64), np.array(any_teacher))
