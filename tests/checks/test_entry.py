"""What `check` makes of an admission year: stock and places, younger children, seats of placed children."""

from pathlib import Path
from typing import Any

import districts as d
import pytest

from models.faults import Fault
from optimizer.checks import check_source
from optimizer.io import read_source

ENTRY: dict[str, Any] = {"instance": {"mode": "entry"}}
KINDS = {"local": {"zoned": True}, "special": {"placed": True}}
RETURN = [{"school_id": "S1", "stage": "primary", "grade": "1", "students": 10, "classes": 1}]


def found(folder: Path, **given: Any) -> dict[str, Fault]:
    report = check_source(read_source(d.write_instance(folder, **given)))
    return {fault.code: fault for fault in (*report.faults, *report.warnings)}


def shortage(folder: Path, students: int, **tables: Any) -> tuple[object, object] | None:
    """Places and children missing, of so many children in one unit, with 300 places at S1 and at S2."""
    demand = [{"unit_id": "U1", "stage": "primary", "grade": "1", "students": students}]
    fault = found(folder, settings=ENTRY, demand=demand, **tables).get("P103")
    return None if fault is None else (fault.facts["places"], fault.facts["short"])


def enrolled(school: str, grade: str, students: int, stage: str = "primary") -> dict[str, Any]:
    return {"school_id": school, "stage": stage, "grade": grade, "students": students, "classes": 5}


def test_continuing_classes_take_places(tmp_path: Path) -> None:
    """S1 keeps 200 of 240 (grade 6 leaves), S2 100: 600 - 300 places are free."""
    rows = [enrolled("S1", "1", 200), enrolled("S1", "6", 40), enrolled("S2", "2", 100)]
    assert shortage(tmp_path / "a", 300, enrolment=rows) is None
    assert shortage(tmp_path / "b", 301, enrolment=rows) == (300, 1)


def test_a_school_that_was_fuller_may_stay_as_full(tmp_path: Path) -> None:
    """S1 held 350 in 300 places and keeps 310: 350 - 310 = 40 are free, and 300 at S2."""
    rows = [enrolled("S1", "1", 310), enrolled("S1", "6", 40)]
    assert shortage(tmp_path / "a", 340, enrolment=rows) is None
    assert shortage(tmp_path / "b", 341, enrolment=rows) == (340, 1)


def test_a_nine_year_school_shares_its_places(tmp_path: Path) -> None:
    """150 juniors stay in a school of 300 places; with 200 primary places of its own they take none of them."""
    rows = [enrolled("S1", "7", 150, "junior")]
    shared = [d.school_row("S1", 0.5, 1.5, "nine_year")]
    assert shortage(tmp_path / "shared", 151, schools=shared, enrolment=rows) == (150, 1)
    apart = [d.school_row("S1", 0.5, 1.5, "nine_year", places_primary=200)]
    assert shortage(tmp_path / "apart", 201, schools=apart, enrolment=rows) == (200, 1)


def test_purchased_places_count_in_an_admission_year(tmp_path: Path) -> None:
    schools = [*d.school_rows(), d.school_row("P1", 1.5, 0.5, ownership="private", purchased_places=30)]
    assert shortage(tmp_path / "a", 630, schools=schools) is None
    assert shortage(tmp_path / "b", 631, schools=schools) == (630, 1)


def test_only_children_who_are_decided_need_places(tmp_path: Path) -> None:
    demand = [{"unit_id": "U1", "stage": "primary", "grade": g, "students": 500} for g in ("1", "2", "3")]
    assert "P103" not in found(tmp_path, settings=ENTRY, demand=demand, enrolment=RETURN)


@pytest.mark.parametrize(
    ("stage", "grade", "faulty"),
    [("kindergarten", "K3", False), ("kindergarten", "", True), ("junior", "8", True)],
)
def test_younger_children_may_be_counted_by_grade(tmp_path: Path, stage: str, grade: str, faulty: bool) -> None:
    demand = [*d.demand_rows(), {"unit_id": "U1", "stage": stage, "grade": grade, "students": 9}]
    assert ("T203" in found(tmp_path, settings=ENTRY, demand=demand, enrolment=RETURN)) is faulty


def test_in_mode_whole_they_have_no_school(tmp_path: Path) -> None:
    demand = [*d.demand_rows(), {"unit_id": "U1", "stage": "kindergarten", "grade": "K3", "students": 9}]
    assert "T203" in found(tmp_path, demand=demand)


def seat(unit: str, school: str, rule: str = "must", category: str = "special") -> dict[str, str]:
    return {"unit_id": unit, "stage": "primary", "school_id": school, "rule": rule, "category": category}


def seats(folder: Path, *fixed: dict[str, str], **tables: Any) -> dict[str, Fault]:
    schools = [*d.school_rows(), d.school_row("X1", 1.5, 1.5, "special")]
    special = [{"unit_id": unit, "stage": "primary", "category": "special", "students": 2} for unit in ("U1", "U2")]
    return found(
        folder,
        settings={**ENTRY, "categories": KINDS},
        schools=schools,
        demand=[*d.demand_rows(), *special],
        enrolment=RETURN,
        fixed=list(fixed),
        **tables,
    )


def test_a_special_school_seats_placed_children_alone(tmp_path: Path) -> None:
    assert seats(tmp_path / "a", seat("U1", "X1"), seat("U2", "S1")) == {}
    assert set(seats(tmp_path / "b", seat("U1", "X1"), seat("U2", "X1", category="local"))) == {"T307", "T406"}


def test_children_without_a_seat_are_counted(tmp_path: Path) -> None:
    lost = seats(tmp_path, seat("U1", "S1", "never"), seat("U2", "S2", category=""))["T406"]
    assert (lost.found, lost.facts["students"], lost.facts["units"]) == ("special", 2, 1)


def test_placed_children_of_one_estate_may_part(tmp_path: Path) -> None:
    units = [row | {"estate_id": "E" if row["unit_id"] in ("U1", "U2") else ""} for row in d.unit_rows()]
    assert seats(tmp_path / "a", seat("U1", "S1"), seat("U2", "S2"), units=units) == {}
    local = (seat("U1", "S1", category="local"), seat("U2", "S2", category="local"))
    assert "T306" in seats(tmp_path / "b", *local, units=units)


def test_must_for_one_kind_and_never_for_another(tmp_path: Path) -> None:
    both = (seat("U2", "S2"), seat("U1", "S1"), seat("U1", "S1", "never", "local"))
    assert seats(tmp_path / "a", *both) == {}
    assert "T305" in seats(tmp_path / "b", *both, seat("U1", "S1", "never", ""))


def test_a_nine_year_school_leads_to_itself_whatever_current_says(tmp_path: Path) -> None:
    """Every unit belongs to N1 for primary and to J1 for junior school today; feeders, unless they name N1, say N1."""
    current = [
        {"unit_id": f"U{k}", "stage": stage, "school_id": school}
        for k in range(1, 10)
        for stage, school in (("primary", "N1"), ("junior", "J1"))
    ]
    given: dict[str, Any] = {
        "settings": {"instance": {"mode": "entry", "stages": ["primary", "junior"]}, "demand": {"junior": "feeders"}},
        "schools": [d.school_row("N1", 0.5, 1.5, "nine_year"), d.school_row("J1", 2.5, 1.5, "junior")],
        "enrolment": [{"school_id": "N1", "stage": "primary", "grade": "6", "students": 40, "classes": 1}],
        "current": current,
    }
    parted = found(tmp_path / "a", **given)["T410"]
    assert (parted.found, parted.facts["school"], parted.facts["units"]) == ("U1", "N1", 9)
    feeders = [{"primary_school_id": "N1", "junior_school_id": "J1"}]
    assert "T410" not in found(tmp_path / "b", **given, feeders=feeders)
