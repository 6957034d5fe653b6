"""Checks of teachers: what they let pass, and where they stop."""

from pathlib import Path
from typing import Any

import districts as d
import pytest

from models.faults import Fault
from optimizer.checks import check_source, describe
from optimizer.io import read_source


def teacher(teacher_id: str = "T1", **cells: Any) -> dict[str, Any]:
    return {"teacher_id": teacher_id, "stage": "primary", "subject": "mathematics", "school_id": "S1"} | cells


def check(folder: Path, *teachers: dict[str, Any], **more: Any) -> list[Fault]:
    report = check_source(read_source(d.write_instance(folder, teachers=teachers, **more)))
    return [*report.faults, *report.warnings]


def codes(folder: Path, *teachers: dict[str, Any], **more: Any) -> list[str]:
    return [fault.code for fault in check(folder, *teachers, **more)]


def test_sound_staff(tmp_path: Path) -> None:
    """A couple, a teacher on rotation, a recruit, a re-engaged one, and someone yet to open a school."""
    teachers = [
        teacher("T1", spouse_id="T2", class_head_grade="6", preferences="S2；S1"),
        teacher("T2", spouse_id="T1", joined_school="2027-08-31", left_previous="2027年8月"),
        teacher("T3", school_id="S2", home_school_id="S1", rotation_until="2027-08-31"),
        teacher("T4", school_id="", certificate_stage="primary"),
        teacher("T5", birth_date="1952-01-01", staff_type="reengaged", certificate_stage="senior"),
        teacher("T6", school_id="S3", role="principal"),
    ]
    schools = [*d.school_rows(), d.school_row("S3", 1.5, 1.5, status="candidate")]
    assert codes(tmp_path, *teachers, schools=schools) == []


@pytest.mark.parametrize(
    ("birth", "sound"),
    [("2009-08-31", True), ("2009-09-01", False), ("1951-09-01", True), ("1951-08-31", False)],
)
def test_ages_from_18_to_75_at_31_august(birth: str, sound: bool, tmp_path: Path) -> None:
    """2027 - 18 = 2009; whoever was born on 1 September 1951 is 75 for one more day."""
    assert codes(tmp_path, teacher(birth_date=birth)) == ([] if sound else ["T504"])


def test_a_birth_ahead_is_told_of_once(tmp_path: Path) -> None:
    assert codes(tmp_path, teacher(birth_date="2030-01-01", joined_school="2020-09-01")) == ["T503"]


def test_whoever_is_married_to_himself(tmp_path: Path) -> None:
    assert codes(tmp_path, teacher(spouse_id="T1")) == ["T501"]


def test_special_schools_may_teach_any_stage(tmp_path: Path) -> None:
    schools = [*d.school_rows(), d.school_row("S3", 1.5, 1.5, "special")]
    assert codes(tmp_path, teacher(school_id="S3"), schools=schools) == []


def test_the_staff_of_private_schools_is_told_of_school_by_school(tmp_path: Path) -> None:
    schools = [*d.school_rows(), d.school_row("S3", 1.5, 1.5, ownership="private")]
    found = check(tmp_path, *(teacher(f"T{k}", school_id="S3") for k in range(3)), schools=schools)
    assert [(fault.code, fault.found, fault.facts["rows"]) for fault in found] == [("T502", "S3", 3)]
    assert "3 teachers work at S3, which is private" in describe(found[0]).found


def test_unknown_ids_of_every_column(tmp_path: Path) -> None:
    links = {"school_id": "S7", "home_school_id": "S8", "previous_school_id": "S9", "spouse_id": "T9"}
    found = check(tmp_path, teacher(**links, preferences="S1、S5；S5"))
    assert [fault.code for fault in found] == ["T201"] * 5
    assert {(fault.column, fault.found, fault.facts["rows"]) for fault in found} == {
        *((column, school, 1) for column, school in links.items()),
        ("preferences", "S5", 2),
    }


@pytest.mark.parametrize(("subject", "near"), [("数学课", "数学"), ("mathematic", "mathematics"), ("体育课", "体育")])
def test_the_nearest_subject_is_named(subject: str, near: str, tmp_path: Path) -> None:
    found = check(tmp_path, teacher(subject=subject))
    assert [(fault.code, fault.facts["near"]) for fault in found] == [("T108", near)]


def test_the_grade_of_a_class_head_is_of_the_stage(tmp_path: Path) -> None:
    found = check(tmp_path, teacher(class_head_grade="7"))
    assert [(fault.code, fault.column) for fault in found] == [("T204", "class_head_grade")]


def test_homes_need_a_coordinate_system(tmp_path: Path) -> None:
    x, y = d.lon_lat(1, 1)
    folder = d.write_instance(tmp_path, teachers=[teacher(x=x, y=y)])
    text = (folder / "instance.toml").read_text(encoding="utf-8").replace('tables = "EPSG:4326"', "")
    (folder / "instance.toml").write_text(text, encoding="utf-8")
    assert {(fault.code, fault.file) for fault in check_source(read_source(folder)).faults} == {
        ("G201", "schools.csv"),
        ("G201", "teachers.csv"),
    }


def staffing(**keys: Any) -> dict[str, Any]:
    return {"policy": {"staffing": keys}}


def test_pools_go_by_zone_or_else_by_school(tmp_path: Path) -> None:
    schools = d.school_rows()
    schools[0] |= {"zone_id": "north"}
    policy = staffing(pool_level="zone", quota={"north": 90, "S2": 40})
    found = check(tmp_path, teacher(), schools=schools, settings=policy)
    assert [(fault.code, fault.facts["schools"]) for fault in found] == [("S221", 1)]


@pytest.mark.parametrize(("level", "name"), [("district", "north"), ("zone", "district"), ("zone", "S1")])
def test_quota_of_a_pool_that_is_none(level: str, name: str, tmp_path: Path) -> None:
    schools = [row | {"zone_id": "north"} for row in d.school_rows()]
    policy = staffing(pool_level=level, quota={name: 90})
    assert codes(tmp_path, teacher(), schools=schools, settings=policy) == ["S220"]


@pytest.mark.parametrize(("stated", "expected"), [({}, []), ({"shared_posts": "group"}, ["S221"])])
def test_posts_shared_in_groups_that_are_none(stated: dict[str, Any], expected: list[str], tmp_path: Path) -> None:
    """By default posts are shared in groups where there are any."""
    assert codes(tmp_path, teacher(), settings=staffing(**stated)) == expected


def test_direction_by_strength(tmp_path: Path) -> None:
    policy = {"policy": {"rotation": {"scope": "each_sending_school"}}}
    schools = [row | {"strength": 3} for row in d.school_rows()]
    assert codes(tmp_path, teacher(), schools=schools, settings=policy) == []


def lessons(grades: str, stage: str = "primary", weekly: float = 45) -> list[dict[str, Any]]:
    return [{"stage": stage, "grade": grade, "subject": "语文", "weekly_lessons": weekly} for grade in grades]


@pytest.mark.parametrize(("system", "found"), [("5-4", []), ("6-3", [("T509", "6")])])
def test_a_curriculum_holds_every_planned_grade(system: str, found: list[tuple[str, str]], tmp_path: Path) -> None:
    """Five primary grades are enough where primary school is five years long; 45 lessons are the most."""
    settings = {"instance": {"system": system}}
    met = check(tmp_path, teacher(), curriculum=lessons("12345"), settings=settings)
    assert [(fault.code, fault.found) for fault in met] == found


def test_classes_are_of_planned_stages(tmp_path: Path) -> None:
    """Junior classes would need posts that nobody counts; a school of their own does not matter here."""
    classes = [{"school_id": "J1", "stage": "junior", "grade": "7", "students": 40, "classes": 1}]
    schools = [*d.school_rows(), d.school_row("J1", 1.5, 1.5, "junior")]
    assert codes(tmp_path, teacher(), schools=schools, classes=classes) == ["T203"]


def test_classes_that_cannot_be(tmp_path: Path) -> None:
    """S1 has children and no class in grade 1, and more classes than children in grade 2; S9 is no school."""
    counts = {("S1", "1"): (40, 0), ("S1", "2"): (1, 2), ("S9", "1"): (40, 1)}
    classes = [
        {"school_id": school, "stage": "primary", "grade": grade, "students": students, "classes": count}
        for (school, grade), (students, count) in counts.items()
    ]
    assert sorted(codes(tmp_path, teacher(), classes=classes)) == ["T201", "T401", "T402"]
