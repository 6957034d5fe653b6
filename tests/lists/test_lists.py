"""`xuewei lists`: what a letter says, in two languages, as a draft, final and for everybody.

U1  U2  U3  U4      10 local children enter in each unit, 6 migrant ones live in U2. A stands in U1, B in U4.

A has U1 and U2; three local children of U2 and the migrant ones sit at B. Today U3 is A's.
"""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from admission import TODAY, at_home, make_entry_district, make_entry_plan
from builders import make_district, make_plan, make_schools, make_travel, make_units
from click.testing import CliRunner
from lists.calls import lists, rows, written

from cli import xuewei
from models.outcome import Outcome, Status
from models.run import Run
from optimizer.lists.manner import Manner
from optimizer.lists.names import Names
from optimizer.lists.text import tell_catchments
from optimizer.runs import StoredRun, store_run

FILES = ["admission_plan.csv", "catchments.txt", "changes.csv"]
SEATS = [
    ("U1", "local", "A", 10), ("U2", "local", "A", 7), ("U2", "local", "B", 3),
    ("U3", "local", "B", 10), ("U4", "local", "B", 10), ("U2", "migrant", "B", 6),
]  # fmt: skip
ELSEWHERE = [("A", "U2", "local", "B", 3), ("A", "U2", "migrant", "B", 6)]
POLICY = {"class_size": {"cap": {"primary": 45}}, "reserve_share": 0.1}


def store(out, district, seats=SEATS, **tables):
    travel = make_travel(district)
    plan = make_entry_plan(district, travel, seats, **tables)
    return store_plan(out, district, plan)


def store_plan(out, district, plan):
    with patch("optimizer.export.draw_map"):
        return store_run(Run("base", 1, Outcome(Status.OPTIMAL), plan), district, make_travel(district), out)


def make_named(schools=None, units=None, **more):
    students = {"local": (10, 10, 10, 10), "migrant": (0, 6, 0, 0)}
    schools = make_schools(places=np.full(2, 200.0), **(schools or {}))
    district = make_entry_district(students=students, schools=schools, policy=POLICY, **more)
    return replace(district, units=make_units(**(units or {})))


@pytest.fixture
def folder(tmp_path):
    return store(tmp_path / "runs", make_named(current=TODAY | {"U3": "A"}), coordination=ELSEWHERE)


def lines(file):
    return [line for line in file.read_text(encoding="utf-8-sig").split("\n") if line]


def test_the_admission_plan_in_names_with_its_total(folder):
    """As worked out in runs/test_entry_tables: of 45 planned 4 are kept back; A has 17 children, B 20 and 9."""
    plan = rows(written(folder, "--final") / "admission_plan.csv")
    assert plan == [
        ["school", "school id", "stage", "classes planned", "children planned", "places kept back",
         "from the catchment", "from elsewhere", "places left", "largest class"],
        ["School A", "A", "primary", "1", "45", "4", "17", "0", "24", "17"],
        ["School B", "B", "primary", "1", "45", "4", "20", "9", "12", "29"],
        ["All schools, primary", "", "primary", "2", "90", "8", "37", "9", "36", ""],
    ]  # fmt: skip


def test_the_changes_in_names_with_their_reason_in_the_language_asked_for(folder):
    changes = rows(written(folder, "--final", language="zh") / "changes.csv")
    assert changes == [
        [
            "小区",
            "小区代码",
            "学段",
            "户数",
            "学生数",
            "原学校",
            "调整后学校",
            "原距离（米）",
            "现距离（米）",
            "调整原因",
        ],
        ["Unit 3", "U3", "小学", "", "10", "School A", "School B", "2000", "1000", "新学校更近"],
    ]


def test_the_catchments_in_words(folder):
    assert lines(written(folder, "--final", language="zh") / "catchments.txt") == [
        "row：2027 年秋季起始年级招生范围",
        "【小学（一年级）】",
        "1. School A。计划招收 1 个班 45 人。招生范围：Unit 1、Unit 2（共 2 处）。",
        "2. School B。计划招收 1 个班 45 人。招生范围：Unit 3、Unit 4（共 2 处）。",
    ]
    assert lines(written(folder, "--final", "--force") / "catchments.txt")[2:3] == [
        "1. School A. Classes planned: 1; children planned: 45. Catchment: Unit 1, Unit 2 (2 in all)."
    ]


@pytest.mark.parametrize(
    ("language", "word", "note"),
    [("en", "DRAFT", "a calculation, not a decision"), ("zh", "测算稿", "根据现有数据测算，非招生决定")],
)
def test_every_list_says_that_it_is_a_calculation_until_it_is_final(folder, language, word, note):
    draft = written(folder, language=language)
    for file in FILES:
        told = (draft / file).read_text(encoding="utf-8-sig")
        assert word in told and note in told, file
    for table in (rows(draft / "admission_plan.csv"), rows(draft / "changes.csv")):
        assert [len(row) for row in table] == [len(table[0])] * len(table)
        assert all(row[-1] == word for row in table[1:])
    final = written(folder, "--final", "--force", language=language)
    for file in FILES:
        told = (final / file).read_text(encoding="utf-8-sig")
        assert word not in told and note not in told, file


def test_a_list_of_no_changes_says_it_too(tmp_path):
    draft = written(store(tmp_path, make_named(), coordination=ELSEWHERE))
    assert [row[-1] for row in rows(draft / "changes.csv")] == ["DRAFT: a calculation, not a decision"]


def test_counts_below_five_are_hidden_where_a_list_is_published(tmp_path):
    """Four migrant children of U2 and no local one sit at B: with 20 of its own it has 45 - 4 - 24 = 17 places left."""
    seats = [("U1", "local", "A", 10), ("U2", "local", "A", 10), ("U2", "migrant", "A", 2), ("U2", "migrant", "B", 4)]
    seats += [("U3", "local", "B", 10), ("U4", "local", "B", 10)]
    folder = store(
        tmp_path, make_named(current=TODAY | {"U3": "A"}), seats, coordination=[("A", "U2", "migrant", "B", 4)]
    )
    result = lists(folder)
    assert "Counts below five: 1; --publish hides them." in result.stderr
    mask = "* fewer than 5 children, or a figure that such a number could be worked out from"
    plan = rows(written(folder, "--publish", "--final", "--force") / "admission_plan.csv")
    assert [row[3:] for row in plan[1:]] == [
        ["1", "45", "4", "22", "0", "19", "22", ""],
        ["1", "45", "4", "*", "*", "*", "*", mask],
        ["2", "90", "8", "*", "*", "*", "", mask],
    ]
    told = lists(folder, "--publish", "--force")
    assert "* stands for" in told.stdout
    assert told.stderr == ""


def test_what_a_special_school_plans_is_hidden_with_those_who_are_placed_there(tmp_path):
    """Three children sit at S, and no more places are planned: with B's 45 and all 48 shown, they would be told."""
    schools = make_schools({"A": 0, "B": 3, "S": 1}, types=("primary", "primary", "special"), places=np.full(3, 200.0))
    district = make_entry_district(
        schools=schools, students={"special": (0, 3, 0, 0), "local": (0, 0, 10, 10)}, policy=POLICY
    )
    seats = [("U2", "special", "S", 3), ("U3", "local", "B", 10), ("U4", "local", "B", 10)]
    folder = store(tmp_path, district, seats, classes=[("B", 1), ("S", 1)])
    assert [row[3:9] for row in rows(written(folder) / "admission_plan.csv")[2:]] == [
        ["1", "45", "4", "20", "0", "21"],
        ["1", "3", "0", "0", "3", "0"],
        ["2", "48", "4", "20", "3", "21"],
    ]
    assert [row[3:9] for row in rows(written(folder, "--publish", "--force") / "admission_plan.csv")[2:]] == [
        ["1", "45", "4", "20", "0", "21"],
        ["1", "*", "*", "*", "*", "*"],
        ["2", "*", "*", "*", "*", "*"],
    ]


def test_children_planned_are_left_out_of_the_words_where_the_plan_hides_them(tmp_path):
    """No cap says what a class holds: A, where three children sit, plans its 100 free places."""
    district = make_entry_district(students={"local": (3, 0, 10, 10)})
    folder = store(tmp_path, district, at_home(district))
    assert "Classes planned: 1; children planned: 100." in lines(written(folder) / "catchments.txt")[3]
    published = lines(written(folder, "--publish", "--force") / "catchments.txt")
    assert published[3] == "1. School A. Classes planned: 1. Catchment: Unit 1, Unit 2 (2 in all)."
    assert "Classes planned: 1; children planned: 100." in published[4]


def test_a_small_change_is_hidden_where_a_list_is_published(tmp_path):
    district = make_entry_district(students={"local": (10, 10, 3, 10)}, current=TODAY | {"U3": "A"})
    folder = store(tmp_path, district, at_home(district))
    assert [row[4] for row in rows(written(folder) / "changes.csv")[1:]] == ["3"]
    published = rows(written(folder, "--publish", "--force") / "changes.csv")
    assert [row[4] for row in published[1:]] == ["*"]
    assert published[1][7:9] == ["2000", "1000"]


def test_shared_catchments_and_borrowed_sites_are_told(tmp_path):
    """U2 and U3 belong to both; B stands in U1, A's."""
    district = make_named(schools={"anchor": np.array([True, False]), "unit": np.array([0, 0])})
    shared = {"U1": "A", "U2": "AB", "U3": "BA", "U4": "B"}
    seats = [("U1", "local", "A", 10), ("U2", "local", "A", 10), ("U2", "migrant", "A", 6)]
    seats += [("U3", "local", "B", 10), ("U4", "local", "B", 10)]
    out = written(store(tmp_path, district, seats, catchments=shared), "--final", language="zh")
    assert lines(out / "catchments.txt")[2:] == [
        "1. School A。计划招收 1 个班 45 人。招生范围：Unit 1（共 1 处）。"
        "与School B共享的招生范围：Unit 2、Unit 3（共 2 处）。",
        "2. School B。计划招收 1 个班 45 人。招生范围：Unit 4（共 1 处）。"
        "与School A共享的招生范围：Unit 2、Unit 3（共 2 处）。借址办学，校址在Unit 1，不在本校招生范围内。",
    ]
    plan = rows(out / "admission_plan.csv")
    assert [row[-1] for row in plan] == ["备注", "与School B共享招生范围", "与School A共享招生范围；借址办学", ""]


def test_schools_stand_in_the_order_of_the_admission_plan(tmp_path):
    """The nine-year school N comes after the junior school J, although its primary stage is told first."""
    taught = pd.DataFrame([("N", "primary"), ("J", "junior"), ("N", "junior")], columns=["school_id", "stage"])
    rows = [("U1", "primary", "N"), ("U1", "junior", "N"), ("U2", "junior", "J")]
    catchments = pd.DataFrame(rows, columns=["unit_id", "stage", "school_id"])
    record = {"title": "", "instance": "nine", "year": 2027, "decided": {"primary": 1, "junior": 2}}
    stored = StoredRun(tmp_path, record, {"schools": taught, "catchments": catchments}, (), {})
    told = tell_catchments(stored, Names({}, {}, {}, frozenset()), Manner("en", "entry", final=True))
    assert [line.partition(".")[0] + line.partition(".")[2][:3] for line in told[3:] if line] == [
        "1 N.", "[junior]", "1 J.", "2 N."]  # fmt: skip


def test_names_that_do_not_tell_have_their_ids(tmp_path):
    units = {"names": ("Park", "Park", "", "Mill\nLane\u202e")}
    out = written(store(tmp_path, make_named(units=units), coordination=ELSEWHERE))
    assert "Catchment: Park (U1), Park (U2) (2 in all)." in lines(out / "catchments.txt")[3]
    assert "Catchment: U3, Mill Lane (2 in all)." in lines(out / "catchments.txt")[4]


@pytest.mark.parametrize("name", ["=cmd()|'/c calc'!A1", "\t=1+1", "@SUM(A1)", "＝1+1", "+1+1"])
def test_no_name_becomes_a_formula(tmp_path, name):
    district = make_named({"names": (name, "B")}, {"names": ("U", "V", name, "W")}, current=TODAY | {"U3": "A"})
    out = written(store(tmp_path, district, coordination=ELSEWHERE), "--publish")
    for file in ("admission_plan.csv", "changes.csv"):
        cells = [cell for row in rows(out / file) for cell in row]
        assert f"'{name.strip()}" in cells
        assert not any(cell.startswith(("=", "+", "@", "＝", "\t")) for cell in cells)


def test_they_open_in_a_spreadsheet_and_an_editor(folder):
    out = written(folder)
    for file in FILES:
        content = (out / file).read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        assert content.count(b"\n") == content.count(b"\r\n") > 1


def test_the_run_itself_stays_as_it_is_and_nothing_is_replaced_unasked(folder, tmp_path):
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert written(folder).is_dir()
    assert {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()} == before
    assert sorted(file.name for file in (folder / "lists").iterdir()) == FILES
    assert lists(folder).exit_code == 6
    assert lists(folder, "--force").exit_code == 0
    assert lists(folder, "--out", tmp_path / "letter").exit_code == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("", encoding="utf-8")
    assert lists(folder, "--out", tmp_path / "mine", "--force").exit_code == 6
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["file"]


def test_a_study_is_called_one_and_is_never_final(tmp_path):
    district = make_district()
    folder = store_plan(tmp_path, district, make_plan(district, make_travel(district), "AABB"))
    result = lists(folder, "--final", language="zh")
    assert (result.exit_code, "不能定稿" in result.stderr) == (2, True)
    out = written(folder, language="zh")
    assert sorted(file.name for file in out.iterdir()) == ["admission_plan.csv", "catchments.txt"]
    told = lines(out / "catchments.txt")
    assert told[1] == "测算稿：全部年级的稳态研究，非年度招生方案"
    assert told[3] == "1. School A。招生范围：Unit 1、Unit 2（共 2 处）。"


def test_layers_that_cannot_be_read_are_named(folder):
    with closing(sqlite3.connect(folder / "plan.gpkg")) as package, package:
        package.execute("ALTER TABLE schools DROP COLUMN anchor")
    result = lists(folder)
    assert (result.exit_code, "plan.gpkg#schools has no column anchor" in result.stderr) == (2, True), result.stderr
    (folder / "plan.gpkg").write_bytes(b"no package")
    result = lists(folder)
    assert (result.exit_code, "plan.gpkg cannot be read" in result.stderr) == (2, True), result.stderr
    assert not (folder / "lists").exists()


def test_a_run_without_its_layers_or_a_plan_is_refused(folder):
    (folder / "plan.gpkg").unlink()
    assert "plan.gpkg is missing" in lists(folder).stderr
    shutil.rmtree(folder)
    assert lists(folder).exit_code == 2


def test_a_table_on_the_terminal_is_followed_by_the_note(folder):
    call = ["--lang", "zh", "show", str(folder), "--table", "admission_plan"]
    shown = CliRunner().invoke(xuewei, call)
    assert "测算稿" in shown.stderr
    document = json.loads(CliRunner().invoke(xuewei, [*call, "--json"]).stdout)
    assert len(document["rows"]) == 2
    assert CliRunner().invoke(xuewei, [*call, "--quiet"]).stderr == ""
