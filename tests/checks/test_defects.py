"""One defective instance a code: the grid district with exactly one thing wrong."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import districts as d
import openpyxl
import pytest

from models.faults import Fault
from models.sentences import find
from optimizer.checks import check_source, codes, describe, explain
from optimizer.checks.reach import OUT_OF_REACH
from optimizer.checks.registry import CHECKS
from optimizer.io import read_source
from optimizer.io.findings import READING

Defect = Callable[[Path], Any]
DEFECTS: dict[str, Defect] = {}


def defect(code: str) -> Callable[[Defect], Defect]:
    def register(write: Defect) -> Defect:
        DEFECTS[code] = write
        return write

    return register


def with_settings(code: str, **sections: Any) -> None:
    DEFECTS[code] = lambda folder: d.write_instance(folder, settings=sections)


def with_tables(code: str, settings: Any = None, **tables: Any) -> None:
    DEFECTS[code] = lambda folder: d.write_instance(folder, settings=settings, **tables)


def with_scenarios(code: str, text: str) -> None:
    DEFECTS[code] = lambda folder: d.write_instance(folder, scenarios=text)


def changed(rows: list[dict[str, Any]], row: int, **cells: Any) -> list[dict[str, Any]]:
    return [held | cells if position == row else held for position, held in enumerate(rows)]


def units(row: int = 0, **cells: Any) -> list[dict[str, Any]]:
    return changed(d.unit_rows(), row, **cells)


def schools(row: int = 0, **cells: Any) -> list[dict[str, Any]]:
    return changed(d.school_rows(), row, **cells)


def demand(row: int = 0, **cells: Any) -> list[dict[str, Any]]:
    return changed(d.demand_rows(), row, **cells)


def catchments(**cells: Any) -> list[dict[str, Any]]:
    rows = [{"unit_id": f"U{number}", "stage": "primary", "school_id": "S1"} for number in range(1, 10)]
    return changed(rows, 0, **cells)


def must(unit: str, school: str, rule: str = "must") -> dict[str, str]:
    return {"unit_id": unit, "stage": "primary", "school_id": school, "rule": rule}


def enrolment(**cells: Any) -> list[dict[str, Any]]:
    rows = [
        {"school_id": school, "stage": "primary", "grade": grade, "students": 40, "classes": 1}
        for school in ("S1", "S2")
        for grade in ("5", "6")
    ]
    return changed(rows, 0, **cells)


def teachers(row: int = 0, **cells: Any) -> list[dict[str, Any]]:
    """Two teachers of mathematics, one at each school."""
    rows = [
        {"teacher_id": teacher, "stage": "primary", "subject": "mathematics", "school_id": school}
        for teacher, school in (("T1", "S1"), ("T2", "S2"))
    ]
    return changed(rows, row, **cells)


FEEDERS = {"instance": {"mode": "entry", "stages": ["primary", "junior"]}, "demand": {"junior": "feeders"}}


def with_junior(**cells: Any) -> list[dict[str, Any]]:
    return [*d.school_rows(), d.school_row("J1", 0.5, 2.5, "junior", **cells)]


def with_juniors() -> list[dict[str, Any]]:
    return [*d.demand_rows(students=10), {"unit_id": "U1", "stage": "junior", "students": 1}]


def feeder(primary: str = "S1", junior: str = "J1", share: Any = "") -> dict[str, Any]:
    return {"primary_school_id": primary, "junior_school_id": junior, "share": share}


FED: dict[str, Any] = {
    "schools": with_junior(),
    "enrolment": enrolment(),
    "current": [*catchments(), *({**row, "stage": "junior", "school_id": "J1"} for row in catchments())],
    "feeders": [feeder()],
}
"""All nine units go from S1 to J1; S2 has children and no units."""


# files


@defect("F101")
def no_settings(folder: Path) -> None:
    (d.write_instance(folder) / "instance.toml").unlink()


@defect("F102")
def broken_settings(folder: Path) -> None:
    (d.write_instance(folder) / "instance.toml").write_text("[instance\nname = 1", encoding="utf-8")


with_tables("F103", demand=None)


@defect("F104")
def two_files(folder: Path) -> None:
    d.write_instance(folder)
    shutil.copy(folder / "demand.csv", folder / "demand.xlsx")


with_settings("F105", files={"demand": "demnd.csv"})
with_settings("F106", files={"demand": "postgresql://host/db?table=t"})
with_settings("F107", files={"demand": "postgresql://me:secret@host/db?table=t"})


@defect("F108")
def folder_for_a_file(folder: Path) -> None:
    d.write_instance(folder, demand=None)
    (folder / "demand.csv").mkdir()


@defect("F109")
def unknown_format(folder: Path) -> None:
    d.write_instance(folder, settings={"files": {"demand": "demand.txt"}})
    (folder / "demand.csv").rename(folder / "demand.txt")


@defect("F110")
def null_bytes(folder: Path) -> None:
    d.write_instance(folder)
    (folder / "demand.csv").write_bytes(b"unit_id,stage,students\0\n")


@defect("F111")
def cut_off(folder: Path) -> None:
    path = d.write_instance(folder) / "units.geojson"
    path.write_bytes(path.read_bytes()[:700])


@defect("F112")
def two_sheets(folder: Path) -> None:
    d.write_instance(folder, demand=None)
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("More")):
        sheet.append(["unit_id", "stage", "students"])
    book.save(folder / "demand.xlsx")


DEFECTS["F113"] = lambda folder: (d.write_instance(folder, demand=None) / "demand.parquet").write_bytes(b"PAR1")


@defect("F114")
def unmarked_encoding(folder: Path) -> None:
    d.write_instance(folder)
    text = (folder / "schools.csv").read_text(encoding="utf-8-sig").replace("School S1", "滨河小学")
    (folder / "schools.csv").write_bytes(text.encode("gb18030"))


@defect("F115")
def doubled_feature_ids(folder: Path) -> None:
    path = d.write_instance(folder) / "units.geojson"
    path.write_text(path.read_text(encoding="utf-8").replace('"type": "Feature",', '"type": "Feature", "id": 5,'))


# settings

with_settings("S101", policy={"clas_size": {}})
with_settings("S103", policy={"reserve_share": 2.0})
with_settings("S104", policy={"profile": "nationl"})
with_settings("S105", crs={"tables": "WGS 84"})
with_settings("S106", terms={"学校": "学堂"})
with_settings("S202", travel={"method": "roads"})
with_settings("S203", travel={"method": "matrix"})
with_tables("S204", travel=[{"unit_id": "U1", "school_id": "S1", "metres": 10}])
with_settings("S205", objective={"order": ["travel", "travel"]})
with_settings("S224", objective={"order": ["travel"], "at_most": {"stability": 5}})
with_settings("S206", instance={"stages": ["primary", "primary"]})
with_settings("S207", policy={"class_size": {"cap": {"primary": 60}, "ceiling": 55}})
with_settings(
    "S208", policy={"class_size": {"targets": [{"max_size": 40, "share": 0.5}, {"max_size": 35, "share": 0.6}]}}
)
with_settings("S210", catchments={"open_to_change": {"units": ["U70"]}})
with_tables("S209", units=[row | {"geometry": d.point(east, 1)} for east, row in enumerate(d.unit_rows())])


ENTRY = {"instance": {"mode": "entry"}}

with_tables("S212", {"instance": {"mode": "entry", "enrolment_year": 2027}}, enrolment=enrolment())
with_settings("S213", **ENTRY)
with_tables("S214", {"instance": {"mode": "entry", "enrolment_year": 2024}}, enrolment=enrolment())
with_tables("S215", FEEDERS, schools=with_junior(), enrolment=enrolment(), demand=with_juniors())
with_settings("S216", demand={"junior": "feeders"})
with_settings("S217", categories={"local": {"zoned": True, "placed": True}})
with_tables(
    "S219",
    FEEDERS | {"categories": {"migrant": {"zoned": False}}},
    **FED,
    demand=[row | {"category": "migrant"} for row in d.demand_rows()],
)
with_settings("S218", policy={"outlook": {"orange": 0.8}})


@defect("S102")
def no_year(folder: Path) -> None:
    path = d.write_instance(folder) / "instance.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("year = 2027\n", ""), encoding="utf-8")


# scenarios

with_scenarios("C101", '[scenarios]\nmore = ["rooms"]\n')
with_scenarios("C102", '[scenarios]\n"../more" = []\n')
with_scenarios("C103", '[overrides.rooms.schools]\n"S9" = { places = 10 }\n')


with_scenarios("C106", '[scenarios]\nmore = []\n[titles]\nmroe = "More places"\n')
with_scenarios("C105", '[overrides.move.schools]\n"S1" = { x = 120.21 }\n')


@defect("C104")
def override_of_nothing(folder: Path) -> str:
    text = '[[overrides.more.demand]]\nunit_id = "U1"\nzone_id = "B"\nscale = 2.0\n[scenarios]\nmore = ["more"]\n'
    rows = [row | {"zone_id": "A" if row["unit_id"] == "U1" else "B"} for row in d.unit_rows()]
    d.write_instance(folder, units=rows, scenarios=text)
    return "more"


# tables

with_tables("T101", demand=[{"unit_id": "U1", "stage": "primary", "number": 3}])
with_tables("T102", schools=schools(学校名称="One"))
with_tables("T103", schools=schools(classroms=10))
with_tables("T104", demand=demand(students="-20"))
with_tables("T105", demand=demand(students=""))
with_tables("T106", schools=schools(strength="1,5"))
with_tables("T107", demand=demand(students=2_000_000))
with_tables("T108", schools=schools(status="opn"))
with_tables("T109", schools=schools(is_new="perhaps"))
with_tables("T110", schools=schools(legal_id="1.01E+17"))
with_tables("T111", schools=schools(legal_id="A\u200b1"))
with_tables("T112", demand=[*d.demand_rows(), {"unit_id": "合计", "stage": "primary", "students": 360}])
with_tables("T113", demand=demand(unit_id=" U1"))
with_tables("T114", demand=[*d.demand_rows(), {"unit_id": "", "stage": "", "students": ""}])


@defect("T115")
def no_schools(folder: Path) -> None:
    path = d.write_instance(folder) / "schools.csv"
    path.write_text(path.read_text(encoding="utf-8-sig").splitlines()[0], encoding="utf-8")


@defect("T116")
def stray_comma(folder: Path) -> None:
    path = d.write_instance(folder) / "demand.csv"
    path.write_text(path.read_text(encoding="utf-8-sig").replace("U1,primary,40", "U1,primary,,40"), encoding="utf-8")


@defect("T117")
def no_current(folder: Path) -> None:
    (d.write_instance(folder) / "current.csv").write_text("unit_id,stage,school_id\n", encoding="utf-8")


with_tables("T119", schools=schools(legal_id="=1+1"))
with_tables("T120", teachers=teachers(joined_school="31.8.2017"))

# links

with_tables("T201", demand=demand(unit_id="U70"))
with_tables("T202", demand=[*d.demand_rows(), d.demand_rows()[0]])
with_tables("T203", demand=[*d.demand_rows(), {"unit_id": "U1", "stage": "junior", "students": 4}])
with_tables("T204", demand=demand(grade="7"))
with_tables("T205", demand=demand(category="migrant"))
with_tables("T206", demand=[*d.demand_rows(), {"unit_id": "U1", "stage": "primary", "grade": "1", "students": 4}])
with_tables("T207", adjacency=[{"unit_a": "U1", "unit_b": "U1"}])
with_tables(
    "T301", schools=[*d.school_rows(), d.school_row("S3", 0.5, 0.5, "junior")], current=catchments(school_id="S3")
)
with_tables(
    "T302",
    schools=[*d.school_rows(), d.school_row("S3", 0.5, 0.5, ownership="private")],
    current=catchments(school_id="S3"),
)
with_tables(
    "T303",
    schools=[*d.school_rows(), d.school_row("S3", 0.5, 0.5, status="closed")],
    current=catchments(school_id="S3"),
)
with_tables("T308", {"catchments": {"change": "none"}}, current=[*catchments(), {**catchments()[0], "school_id": "S2"}])
with_tables("T304", current=catchments()[1:])
with_tables("T305", fixed=[must("U1", "S1"), must("U1", "S1", "never")])
with_tables("T306", fixed=[must("U1", "S1"), must("U1", "S2")])
with_tables("T307", schools=[*d.school_rows(), d.school_row("S3", 0.5, 0.5, status="closed")], fixed=[must("U1", "S3")])

with_tables("T118", enrolment=enrolment(), progression=[{"stage": "primary", "grade": "5", "rate": 2.5}])
with_tables("T401", enrolment=enrolment(classes=0))
with_tables("T402", enrolment=enrolment(classes=41))
with_tables("T403", enrolment=enrolment(stage="junior", grade="7"))
with_tables("T404", schools=with_junior(), feeders=[feeder("J1", "S1")])
with_tables(
    "T405",
    schools=[*with_junior(), d.school_row("J2", 2.5, 2.5, "junior")],
    feeders=[feeder(share=0.6), feeder("S1", "J2", 0.6)],
)
with_tables(
    "T406",
    ENTRY | {"categories": {"local": {"zoned": True}, "special": {"placed": True}}},
    enrolment=enrolment(),
    demand=demand(category="special"),
)
with_tables("T408", FEEDERS, **FED, demand=with_juniors())
with_tables("T409", schools=with_junior(status="closed"), feeders=[feeder()])
with_tables(
    "T410",
    FEEDERS,
    **FED | {"schools": [*with_junior(), d.school_row("J2", 2.5, 2.5, "junior")], "feeders": [feeder(junior="J2")]},
)

# teachers


def lessons(weekly: float = 4, grades: str = "123456") -> list[dict[str, Any]]:
    return [{"stage": "primary", "grade": g, "subject": "mathematics", "weekly_lessons": weekly} for g in grades]


with_tables("T501", teachers=teachers(spouse_id="T2"))
with_tables(
    "T502", teachers=teachers(school_id="S3"), schools=[*d.school_rows(), d.school_row("S3", 1.5, 1.5, status="closed")]
)
with_tables("T503", teachers=teachers(joined_school="2027-09-01"))
with_tables("T504", teachers=teachers(birth_date="2010-01-01"))
with_tables("T505", teachers=teachers(birth_date="1990-01-01", joined_school="1989-12-31"))
with_tables("T506", teachers=teachers(rotation_until="2028-08-31"))
with_tables("T507", {"instance": {"stages": ["primary", "junior"]}}, teachers=teachers(stage="junior"))
with_tables("T508", teachers=teachers(certificate_stage="kindergarten"))
with_tables("T509", curriculum=lessons(grades="12345"))
with_tables("T510", curriculum=lessons(weekly=45.5))
with_tables("T511", {"instance": {"stages": ["primary", "senior"]}}, teachers=teachers())
with_tables("T512", teachers=teachers(school_id=""))
with_tables("T513", teachers=teachers(stage="senior", school_id=""))
with_tables("S220", {"policy": {"staffing": {"quota": {"north": 90}}}})
with_tables("S221", {"policy": {"staffing": {"pool_level": "zone"}}}, teachers=teachers())
with_settings("S223", policy={"staffing": {"load": {"primary": {"maths": 14.0}}}})
with_tables("S222", {"policy": {"rotation": {"scope": "each_sending_school"}}}, teachers=teachers())

# geography

with_tables("G101", schools=schools(x="", y=""))
with_tables("G102", units=units(geometry=d.line((0, 0), (1, 1))))
with_tables("G103", units=units(geometry=d.polygon((0, 0), (float("nan"), 0), (1, 1), (0, 1))))
with_tables("G104", units=units(geometry=d.polygon((0, 0), (1, 1), (1, 0), (0, 1))))
with_tables("G105", units=units(geometry=d.square(0, 0, 1.05)))
with_tables("G106", units=units(geometry=d.square(0, 0, 1.0005)))
with_tables("G107", units=[*d.unit_rows(), {"unit_id": "U10", "geometry": d.square(-0.005, 0, 0.005, 0.01)}])
with_tables("G108", units=units(geometry=d.point(0.5, 0.5)))
with_tables("G109", units=units(x=d.WEST))
with_tables("G203", schools=schools(x=30.2, y=84.2))
with_tables("G204", schools=schools(x=121.2))
with_tables("G205", schools=[*d.school_rows(), d.school_row("S3", 4.0, 1.5)])
with_tables("G206", schools=schools(unit_id="U1"))
with_tables("G207", barriers=[{"geometry": d.line((1, 0), (1, 3))}], crossings=[{"geometry": d.point(1.1, 1)}])
with_tables("G202", schools=schools(x=40520000.0, y=3340000.0))


@defect("G201")
def no_crs(folder: Path) -> None:
    path = d.write_instance(folder) / "instance.toml"
    text = path.read_text(encoding="utf-8").replace('[crs]\ntables = "EPSG:4326"\n', "")
    path.write_text(text, encoding="utf-8")


# places and children

JUNIOR = {"instance": {"stages": ["primary", "junior"]}}
REGIONS = {"policy": {"profile": "none"}, "rules": {"region": "hard"}}

with_tables("P101", JUNIOR, demand=[*d.demand_rows(), *d.demand_rows(stage="junior")])
with_tables("P102", schools=schools(places=""))
with_tables("P103", schools=schools(places=10))
with_tables("P104", demand=demand(students=310, row=0), schools=[*d.school_rows(), d.school_row("S3", 2.5, 2.5)])
with_tables("P105", REGIONS, units=units(region_id="R"), schools=schools(region_id="Q"))
with_tables("P106", demand=d.demand_rows(students=0))
with_tables("P107", schools=schools(places="", classrooms=12))
with_tables(
    "P109",
    JUNIOR,
    demand=[*d.demand_rows(), *d.demand_rows(stage="junior")],
    schools=[d.school_row("S1", 0.5, 1.5, "nine_year"), d.school_row("S2", 2.5, 1.5, "nine_year")],
)


with_tables("P110", {"demand": {"capture": {"primary": 0.9}}})
with_tables("P111", FEEDERS, **FED)
with_tables("P112", FEEDERS | {"demand": {"junior": "feeders", "private_share": {"junior": 0.1}}}, **FED)
with_tables("P113", schools=schools(purchased_places=20))


def check(folder: Path, scenario: str = "base") -> tuple[Fault, ...]:
    report = check_source(read_source(folder, scenario))
    return (*report.faults, *report.warnings)


def test_grid_is_sound(tmp_path: Path) -> None:
    assert check(d.write_instance(tmp_path)) == ()


@pytest.mark.parametrize("code", DEFECTS)
def test_defect_is_found_and_said(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if code == "F113":
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    scenario = DEFECTS[code](tmp_path)
    found = check(tmp_path, scenario if isinstance(scenario, str) else "base")
    met = [fault for fault in found if fault.code == code]
    assert met, [fault.code for fault in found]
    assert all(fault.severity == codes()[code] for fault in met)
    for language in ("en", "zh"):
        said = describe(met[0], language)
        assert all((said.where, said.title, said.found, said.expected, said.remedy))
        assert "{" not in said.sentence


@pytest.mark.parametrize("code", sorted(set(DEFECTS) - {"S101", "S102", "S104"}))
def test_defect_brings_no_second_fault(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows from a fault is not told of as another one."""
    if code == "F113":
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    scenario = DEFECTS[code](tmp_path)
    found = check(tmp_path, scenario if isinstance(scenario, str) else "base")
    others = {fault.code for fault in found if fault.severity == "fault"} - {code}
    assert others == set()


def test_a_polygon_that_crosses_itself_once_its_datum_is_undone_is_a_fault(tmp_path: Path) -> None:
    """A notch ends 0.1 mm below the middle of the upper border; undoing GCJ-02 bends such a kilometre by more."""
    notched = units(geometry=d.polygon((0, 0), (0.5, 1 - 1e-7), (1, 0), (1, 1), (0, 1)))
    assert "G104" not in {fault.code for fault in check(d.write_instance(tmp_path / "wgs84", units=notched))}
    moved = d.write_instance(tmp_path / "gcj02", settings={"crs": {"tables": "gcj02", "units": "gcj02"}}, units=notched)
    met = [fault for fault in check(moved) if fault.severity == "fault"]
    assert [fault.code for fault in met] == ["G104"]
    assert "Self-intersection" in describe(met[0], "en").found


def test_every_code_has_a_defect_and_sentences() -> None:
    assert set(DEFECTS) | {OUT_OF_REACH} == set(codes())
    assert not set(READING) & set(CHECKS)
    for language in ("en", "zh"):
        for code in codes():
            assert explain(code, language)
            for part in ("title", "found", "expected", "remedy", "why"):
                assert find(f"faults.{code}.{part}", language)


def test_one_function_a_code() -> None:
    functions = [each.find for each in CHECKS.values()]
    assert len(functions) == len(set(functions))


def test_explain_refuses_unknown_codes() -> None:
    with pytest.raises(KeyError):
        explain("T999")
