"""Children, classes and teachers in one call of `solve`.

U1 and U3, two kilometres apart, with a school each: 80 children of grade 1 in A, in B 40. At most 45 children are in a
class, and the bureau would have every class of 30 and fewer: A needs two classes, three would be small; B needs one,
two would be. A class is a post of Chinese. Nobody moves: all are exempt.
"""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from districts import school_row, write_instance, write_table

from cli import xuewei
from models.settings import merge
from models.watch import Silence
from optimizer.pipeline import Options, solve_instance
from optimizer.runs import read_run

VACANCIES_FIRST = ["shortage", "overflow", "travel", "vacancies", "small_classes", "moves"]
SMALL_FIRST = ["shortage", "overflow", "travel", "small_classes", "vacancies", "moves"]
SETTINGS: dict[str, Any] = {
    "policy": {
        "profile": "national",
        "staffing": {"class_head_lessons": 0.0},
        "balance": {"indicators": ["degree"]},
        "class_size": {"targets": [{"max_size": 30, "share": 1.0}]},
    },
    "rules": {
        "rotation_share": "off",
        "rotation_backbone": "off",
        "continuity": "off",
        "contiguous": "off",
        "small_classes": "soft",
        "staff_quota": "off",
    },
    "objective": {"order": VACANCIES_FIRST},
}
SCHOOLS = [school_row("A", 0.5, 0.5, classrooms=6), school_row("B", 2.5, 0.5, classrooms=6)]
CHILDREN = {"U1": 80, "U3": 40}


def staff(**at: int) -> list[dict[str, Any]]:
    """So many teachers of Chinese at each school."""
    ordinary = {"stage": "primary", "subject": "语文", "sex": "female", "birth_date": "1985-05-15", "exempt": "伤病"}
    held = [school for school, count in at.items() for _ in range(count)]
    return [
        {"teacher_id": f"T{k}", "school_id": school, "joined_school": "2015-09-01", "degree": "bachelor"} | ordinary
        for k, school in enumerate(held)
    ]


def write_district(
    folder: Path, teachers: Sequence[Mapping[str, Any]] | None, settings: Any = None, **more: Any
) -> Path:
    demand = [{"unit_id": unit, "stage": "primary", "grade": "1", "students": n} for unit, n in CHILDREN.items()]
    curriculum = [{"stage": "primary", "grade": g, "subject": "语文", "weekly_lessons": 14} for g in "123456"]
    tables: dict[str, Any] = {"demand": demand, "schools": SCHOOLS, "curriculum": curriculum, "teachers": teachers}
    return write_instance(folder, settings=merge(SETTINGS, settings or {}), **(tables | more))


def run(*arguments: str | Path, language: str = "en") -> Result:
    return CliRunner().invoke(xuewei, ["--lang", language, *map(str, arguments)])


def solve(folder: Path, out: Path, *more: str | Path) -> Result:
    return run("solve", folder, "--out", out, "--workers", "1", "--work-limit", "1000", *more)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def solved(tmp_path: Path, teachers: Sequence[Mapping[str, Any]], settings: Any = None, **more: Any) -> Path:
    result = solve(write_district(tmp_path / "district", teachers, settings, **more), tmp_path / "runs")
    assert result.exit_code == 0, result.output
    return tmp_path / "runs" / "base"


def classes(folder: Path) -> dict[str, int]:
    return {row["school_id"]: int(row["classes"]) for row in rows(folder / "classes.csv")}


def levels(folder: Path) -> dict[str, float]:
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record["status"] == "optimal" and record["scope"] == "all"
    assert len({level["name"] for level in record["levels"]}) == len(record["levels"])
    return {level["name"]: pytest.approx(level["value"], abs=1e-5) for level in record["levels"]}


# Which classes open


@pytest.mark.parametrize(
    ("at", "expected", "missing"),
    [
        ({"A": 3, "B": 2}, {"A": 3, "B": 2}, 0),  # everybody has a class, all are small
        ({"A": 3, "B": 1}, {"A": 3, "B": 1}, 1),  # nobody is left for a second class at B
        ({"A": 2, "B": 2}, {"A": 2, "B": 2}, 2),
        ({"A": 2, "B": 1}, {"A": 2, "B": 1}, 3),
        ({"A": 9, "B": 9}, {"A": 3, "B": 2}, 0),  # a fourth class would serve no share
    ],
)
def test_a_further_class_opens_where_a_teacher_is_free(
    at: dict[str, int], expected: dict[str, int], missing: int, tmp_path: Path
) -> None:
    folder = solved(tmp_path, staff(**at))
    assert classes(folder) == expected
    assert levels(folder)["small_classes"] == missing and levels(folder)["vacancies"] == 0


def test_a_class_that_the_caps_require_opens_although_nobody_can_teach_it(tmp_path: Path) -> None:
    folder = solved(tmp_path, staff(B=1))
    assert classes(folder) == {"A": 2, "B": 1}
    assert levels(folder)["vacancies"] == 2


def test_small_classes_before_vacancies_are_hired_for(tmp_path: Path) -> None:
    folder = solved(tmp_path, staff(A=1), {"objective": {"order": SMALL_FIRST}})
    assert classes(folder) == {"A": 3, "B": 2}
    assert (levels(folder)["small_classes"], levels(folder)["vacancies"]) == (0, 4)
    (hired,) = rows(folder / "hiring.csv")
    assert float(hired["posts"]) == pytest.approx(4)


def test_hard_shares_hold_whoever_teaches(tmp_path: Path) -> None:
    """Two thirds of the classes: three small ones at A and one at B that is not, or two at B and two of 40 at A."""
    policy = {"class_size": {"targets": [{"max_size": 30, "share": 0.5}]}}
    hard = {"rules": {"small_classes": "hard"}, "policy": policy}
    for at, expected in (({"A": 2, "B": 2}, {"A": 2, "B": 2}), ({"A": 3, "B": 1}, {"A": 3, "B": 1})):
        folder = solved(tmp_path / str(at), staff(**at), hard)
        assert classes(folder) == expected
        assert levels(folder)["vacancies"] == 0


def test_no_class_opens_without_a_room(tmp_path: Path) -> None:
    schools = [school_row("A", 0.5, 0.5, classrooms=2), school_row("B", 2.5, 0.5, classrooms=6)]
    folder = solved(tmp_path, staff(A=3, B=2), schools=schools)
    assert classes(folder) == {"A": 2, "B": 2}


def test_classes_of_an_admission_year(tmp_path: Path) -> None:
    """The 40 of last year's grade 2 are one class of grade 3, which nobody splits, and need a post at each school."""
    enrolment = [{"school_id": s, "stage": "primary", "grade": "2", "students": 40, "classes": 1} for s in "AB"]
    settings = {"instance": {"mode": "entry", "enrolment_year": 2026}}
    schools = [row | {"classrooms": 18} for row in SCHOOLS]
    folder = solved(tmp_path, staff(A=4, B=2), settings, enrolment=enrolment, schools=schools)
    table = {(row["school_id"], row["grade"]): int(row["classes"]) for row in rows(folder / "classes.csv")}
    assert table == {("A", "1"): 3, ("A", "3"): 1, ("B", "1"): 1, ("B", "3"): 1}
    plan = {row["school_id"]: (row["classes"], row["class_size"]) for row in rows(folder / "admission_plan.csv")}
    assert plan == {"A": ("3", "27"), "B": ("1", "40")}


# The tables of one run


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A district and its run: A opens a third class, B no second one."""
    out = tmp_path_factory.mktemp("whole")
    return out / "district", solved(out, staff(A=3, B=1))


def test_every_table_tells_of_the_same_classes(whole: tuple[Path, Path]) -> None:
    _, folder = whole
    assert {row["school_id"]: int(row["classes"]) for row in rows(folder / "schools.csv")} == {"A": 3, "B": 1}
    assert {row["school_id"]: int(row["classes"]) for row in rows(folder / "admission_plan.csv")} == {"A": 3, "B": 1}
    assert {row["school_id"]: int(row["largest_class"]) for row in rows(folder / "classes.csv")} == {"A": 27, "B": 40}
    assert {row["school_id"]: float(row["required"]) for row in rows(folder / "posts.csv")} == {"A": 3, "B": 1}
    indices = {row["index"]: float(row["value"]) for row in rows(folder / "indices.csv") if row["scope"] == "district"}
    assert indices["posts_required"] == pytest.approx(4) and indices["posts_vacant"] == 0


def test_the_levels_are_those_of_the_children_and_then_of_the_posts(whole: tuple[Path, Path]) -> None:
    """The children alone would miss no small class; the posts have the last word."""
    assert [name for name in levels(whole[1]) if name != "balance"] == ["travel", "vacancies", "small_classes"]


def test_equal_runs_are_equal_byte_for_byte(whole: tuple[Path, Path], tmp_path: Path) -> None:
    district, folder = whole
    assert solve(district, tmp_path).exit_code == 0
    assert {file.name: file.read_bytes() for file in (tmp_path / "base").iterdir()} == {
        file.name: file.read_bytes() for file in folder.iterdir()
    }


def test_what_is_said_of_it(whole: tuple[Path, Path]) -> None:
    said = run("show", whole[1]).stdout
    assert "Children placed: primary 120." in said and "Posts: 4 needed, 4 filled, 0 vacant." in said
    assert "Level classes missing to the small-class targets: 1, at least 1" in said
    assert "steady-state study" in said


@pytest.mark.parametrize("call", [["show"], ["indices"], ["lists"], ["export"], ["show", "--table", "postings"]])
def test_every_command_reads_it(call: list[str], whole: tuple[Path, Path], tmp_path: Path) -> None:
    copy = Path(shutil.copytree(whole[1], tmp_path / "run"))
    result = run(call[0], copy, *call[1:])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("name", ["catchments", "postings", "posts", "classes"])
def test_a_run_without_a_table_is_refused(name: str, whole: tuple[Path, Path], tmp_path: Path) -> None:
    damaged = Path(shutil.copytree(whole[1], tmp_path / "damaged"))
    (damaged / f"{name}.csv").unlink()
    assert f"{name}.csv is missing" in run("show", damaged).stderr


def test_the_outside_checker_accepts_it(whole: tuple[Path, Path], shared: Path) -> None:
    district, folder = whole
    checker = [sys.executable, str(shared / "check_plan.py"), str(district), str(folder)]
    judged = subprocess.run(checker, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_an_edit_holds_and_the_posts_follow(whole: tuple[Path, Path], tmp_path: Path) -> None:
    """U3 goes to A: 120 children in three classes, none of them at B."""
    district, folder = whole
    draft = Path(shutil.copytree(folder, tmp_path / "draft"))
    held = [row | {"school_id": "A"} if row["unit_id"] == "U3" else row for row in rows(draft / "catchments.csv")]
    write_table(draft, "catchments", held)
    result = solve(district, tmp_path / "after", "--from", draft)
    assert result.exit_code == 0, result.output
    assert "Held as edited, 1" in result.stderr
    assert classes(tmp_path / "after" / "base") == {"A": 3}
    posted = rows(tmp_path / "after" / "base" / "posts.csv")
    assert [(row["school_id"], float(row["vacant"])) for row in posted] == [("A", 0.0)]


def test_posts_alone_go_on_from_it(whole: tuple[Path, Path], tmp_path: Path) -> None:
    district, folder = whole
    assert solve(district, tmp_path, "--teachers-only", "--from", folder).exit_code == 0
    assert rows(tmp_path / "base" / "posts.csv") == rows(folder / "posts.csv")


def test_where_the_quota_binds_it_is_said_what_a_class_has_left(tmp_path: Path) -> None:
    """19 children a head: 45 / 19 = 2.37 and so on; a class has a post, and 7 % of the staff may give no lessons."""
    policy = {"staffing": {"quota": {"district": 2}, "nonteaching_share": {"primary": 0.07}}}
    folder = solved(tmp_path, staff(A=2), {"policy": policy, "rules": {"staff_quota": "hard"}})
    said = run("show", folder).stdout
    assert "To hire: 1 posts, 0 of them within the quota" in said
    assert (
        "The quota (编制) binds: 1 vacant posts are beyond it. Staff that the ratio leaves a class: "
        "primary, where a class needs 1.08: 2.37 at 45 children, 2.11 at 40 children, 1.84 at 35 children."
    ) in said
    assert "编制不足" in run("show", folder, language="zh").stdout
    assert "(编制) binds" not in run("show", solved(tmp_path / "ample", staff(A=2))).stdout


def test_where_no_classes_are_decided_posts_are_left_out(tmp_path: Path) -> None:
    """Without a policy there are no class caps."""
    result = solve(
        write_district(
            tmp_path / "district", staff(A=2), {"policy": {"profile": "none", "class_size": {"targets": []}}}
        ),
        tmp_path / "runs",
    )
    assert result.exit_code == 0, result.output
    assert "posts are left out" in result.stderr
    assert not (tmp_path / "runs" / "base" / "postings.csv").exists()


# The flags


def test_students_only_is_the_plan_of_a_district_without_teachers(whole: tuple[Path, Path], tmp_path: Path) -> None:
    """Every class that the targets ask for opens."""
    district, _ = whole
    assert solve(district, tmp_path / "only", "--students-only").exit_code == 0
    without = write_district(tmp_path / "without", None, curriculum=None)
    assert solve(without, tmp_path / "none").exit_code == 0
    only, none = (
        {file.name: file.read_bytes() for file in (tmp_path / out / "base").iterdir() if file.name != "run.json"}
        for out in ("only", "none")
    )
    assert only == none
    assert "scope" not in json.loads((tmp_path / "only" / "base" / "run.json").read_text(encoding="utf-8"))
    assert classes(tmp_path / "only" / "base") == {"A": 3, "B": 2}


def test_both_flags_are_a_wrong_call(whole: tuple[Path, Path], tmp_path: Path) -> None:
    result = solve(whole[0], tmp_path / "runs", "--students-only", "--teachers-only")
    assert result.exit_code == 2 and "Leave one of the two out" in result.stderr
    assert not (tmp_path / "runs").exists()


# Endings


UNEVEN = {"rules": {"balance_cv": "hard"}}


def test_posts_that_cannot_be_even_are_4_and_say_what_can_be_done(tmp_path: Path) -> None:
    """One teacher with a degree: at A or at B, never even."""
    district = write_district(tmp_path / "district", staff(A=1), UNEVEN)
    result = solve(district, tmp_path / "runs")
    assert result.exit_code == 4, result.output
    assert "--students-only" in result.stdout
    folder = tmp_path / "runs" / "base"
    assert {file.name for file in folder.iterdir()} == {"run.json", "diagnosis.json"}
    assert json.loads((folder / "diagnosis.json").read_text(encoding="utf-8"))["reason"]["key"] == "solve.posts"
    assert "--students-only" in run("show", folder, language="zh").stdout
    assert solve(district, tmp_path / "children", "--students-only").exit_code == 0


class Impatient(Silence):
    """Asks to stop once the posts are begun, or once there is a plan of them."""

    def __init__(self, *, for_a_plan: bool) -> None:
        self.for_a_plan = for_a_plan
        self.posts = self.seen = False

    def step(self, name: str) -> None:
        self.posts |= name == "posts"
        self.seen |= self.posts and not self.for_a_plan

    def progress(self, level: str, incumbent: float | None, *_: Any) -> None:
        self.seen |= self.posts and incumbent is not None

    def stopped(self) -> bool:
        return self.seen


@pytest.mark.parametrize(("for_a_plan", "scope"), [(False, "children"), (True, "all")])
def test_a_stop_keeps_the_best_there_is(for_a_plan: bool, scope: str, whole: tuple[Path, Path], tmp_path: Path) -> None:
    """Before there are posts, the plan of the children."""
    options, watch = Options(time_limit_s=60.0), Impatient(for_a_plan=for_a_plan)
    made = solve_instance(whole[0], "base", options, out=tmp_path, force=False, start=None, watch=watch)
    stored = read_run(made.folder)
    assert stored.record["interrupted"] is True and stored.scope == scope
    assert stored.plan is not None and (stored.plan.staff is None) == (scope == "children")
