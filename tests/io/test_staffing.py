"""Teachers, curriculum and classes as arrays, and an instance of posts alone."""

from datetime import date
from pathlib import Path

import districts as d
import numpy as np
import pytest

from models.curriculum import default_curriculum
from models.district import District
from models.plan import CLASS_COLUMNS
from models.stages import System
from optimizer.checks import check_source
from optimizer.checks.instance import check_instance
from optimizer.io import build_district, read_source

NO_CHILDREN = {"units": None, "demand": None}


def build(folder: Path) -> District:
    source = read_source(folder)
    assert check_source(source).faults == ()
    return build_district(source)


def teacher(teacher_id: str, school: str = "S1", **cells: object) -> dict[str, object]:
    return {"teacher_id": teacher_id, "stage": "primary", "subject": "数学", "school_id": school} | cells


def school(school_id: str) -> dict[str, object]:
    return {"school_id": school_id, "type": "primary"}


def classes(school_id: str = "S1", **cells: object) -> dict[str, object]:
    return {"school_id": school_id, "stage": "primary", "grade": "1", "students": 81, "classes": 2} | cells


def test_teachers_by_row(tmp_path: Path) -> None:
    """T1 and T2 are a couple; T2 is on rotation from S1 at S2 and would go to S1, then S2; T3 has no school yet."""
    x, y = d.lon_lat(1, 1)
    teachers = [
        teacher("T1", spouse_id="T2", 骨干教师="是", 职称="副高级", 学历="本科", x=x, y=y),
        teacher("T2", "S2", spouse_id="T1", home_school_id="S1", rotation_until="2028年8月31日", 志愿学校="S1、S2"),
        teacher("T3", "", birth_date="1999-02-28", staff_type="员额", role="教辅", class_head_grade=""),
    ]
    held = build(d.write_instance(tmp_path, teachers=teachers)).teachers
    assert held is not None and len(held) == 3
    assert held.school.tolist() == [0, 1, -1]
    assert held.home_school.tolist() == [-1, 0, -1]
    assert held.spouse.tolist() == [1, 0, -1]
    assert held.subject == ("mathematics",) * 3
    assert (held.backbone.tolist(), held.title[0], held.degree[0]) == ([True, False, False], "senior", "bachelor")
    assert held.preferences == ((), (0, 1), ())
    assert held.rotation_until[1].tolist() == date(2028, 8, 31) and np.isnat(held.rotation_until[0])
    assert held.birth[2].tolist() == date(1999, 2, 28)
    assert held.staff_type == ("established", "established", "contract")
    assert held.role == ("teacher", "teacher", "support")
    assert (held.lon[0], held.lat[0]) == pytest.approx((x, y)) and np.isnan(held.lon[1])


def test_no_teachers(tmp_path: Path) -> None:
    district = build(d.write_instance(tmp_path))
    assert district.teachers is None and district.classes is None


@pytest.mark.parametrize(("system", "last_primary"), [("6-3", "6"), ("5-4", "5")])
def test_default_curriculum_has_the_lessons_of_the_national_programme(system: System, last_primary: str) -> None:
    """26 lessons a week in grades 1-2, 30 in 3-6, 34 in 7-9: 6 x 34 + ... = 274 for one class of each grade."""
    held = default_curriculum(system)
    grades = np.array(held.grade)
    totals = {grade: held.weekly_lessons[grades == grade].sum() for grade in held.grade}
    assert totals == {"1": 26, "2": 26} | dict.fromkeys("3456", 30) | dict.fromkeys("789", 34)
    assert max(grade for grade, stage in zip(held.grade, held.stage, strict=True) if stage == "primary") == last_primary


def test_default_curriculum_by_subject() -> None:
    """Primary: ethics 6 x 2 and practice 3+3+5+5+4+4 = 36 by any; junior: practice 16 of 102."""
    held = default_curriculum("6-3")
    stage = np.array(held.stage)
    assert held.weekly_lessons[held.by_any & (stage == "primary")].sum() == 36
    assert held.weekly_lessons[held.by_any & (stage == "junior")].sum() == 16
    music = np.array(held.subject) == "music"
    assert held.weekly_lessons[music].tolist() == [2] * 6 + [1] * 3


def test_a_given_curriculum_replaces_the_default(tmp_path: Path) -> None:
    rows = [
        {"stage": "小学", "grade": grade, "subject": subject, "weekly_lessons": lessons, "taught_by": by}
        for grade in "123456"
        for subject, lessons, by in (("语文", 7.5, ""), ("劳动", 1, "any"))
    ]
    held = build(d.write_instance(tmp_path, curriculum=rows)).curriculum
    assert held is not None and len(held) == 12
    assert held.subject[:2] == ("chinese", "labour")
    assert held.weekly_lessons[:2].tolist() == [7.5, 1]
    assert held.by_any[:2].tolist() == [False, True]


def test_posts_need_neither_units_nor_geometry(tmp_path: Path) -> None:
    """81 children in two classes: 41 and 40."""
    tables = {
        "schools": [school("S1"), school("S2")],
        "classes": [classes(), classes("S2", largest_class=45)],
        "teachers": [teacher("T1")],
    }
    folder = d.write_instance(tmp_path, settings={"instance": {"mode": "entry"}}, **NO_CHILDREN, **tables)
    report = check_instance(folder)
    assert (report.faults, report.warnings) == ((), ())
    district = build(folder)
    assert len(district.units) == 0 and district.demand.students.shape == (0, 0)
    assert district.classes is not None and tuple(district.classes.columns) == CLASS_COLUMNS
    assert district.classes.largest_class.tolist() == [41, 45]
    assert set(district.classes.origin) == {"given"}


@pytest.mark.parametrize("missing", ["units", "demand"])
def test_one_table_of_children_needs_the_other(missing: str, tmp_path: Path) -> None:
    folder = d.write_instance(tmp_path, classes=[classes()], **{missing: None})
    faults = check_source(read_source(folder)).faults
    assert [(fault.code, fault.file) for fault in faults] == [("F103", missing)]


def test_neither_classes_nor_children(tmp_path: Path) -> None:
    faults = check_source(read_source(d.write_instance(tmp_path, **NO_CHILDREN))).faults
    assert {fault.file for fault in faults} == {"units", "demand"}


def test_what_speaks_of_units_is_left_aside_without_them(tmp_path: Path) -> None:
    current = [{"unit_id": "U1", "stage": "primary", "school_id": "S1"}]
    folder = d.write_instance(tmp_path, classes=[classes()], current=current, **NO_CHILDREN)
    assert build(folder).current is None
