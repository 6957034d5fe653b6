"""Posts alone, from a folder without units and geometry to a stored run, and what is said of it.

    A, stronger, and B: 80 children in two classes of grade 1 each. A class has 14 lessons of Chinese, one post, and 9
    of music, half a post (18 are a full one); heading it counts for none. Each school needs 2 posts of Chinese, 1 of
    music.

T1, T2 and T3 teach Chinese at A, T4 at B, all for twelve years; T2 would go elsewhere. T5, for music, has no school
yet. T2 goes to B, and T5 to either school: one post of music stays vacant.
"""

import csv
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from districts import school_row, write_instance, write_table

from cli import xuewei
from models.run import Shortfall
from models.settings import merge
from models.watch import Silence
from optimizer import pipeline
from optimizer.pipeline import BrokenPlan, Options, solve_posts
from optimizer.runs import read_run

NO_CHILDREN = {"units": None, "demand": None}
SETTINGS: dict[str, Any] = {
    "instance": {"mode": "entry"},
    "policy": {
        "profile": "national",
        "staffing": {"class_head_lessons": 0.0},
        "balance": {"indicators": ["degree"]},
    },
    "rules": {"rotation_share": "off", "rotation_backbone": "off", "continuity": "off"},
}
SCHOOLS = [
    {"school_id": "A", "type": "primary", "strength": 2},
    {"school_id": "B", "type": "primary", "strength": 1},
]
STAFF = ["T1", "T2", "T3", "T4", "T5"]


def teacher(teacher_id: str, school: str, subject: str = "语文", **more: Any) -> dict[str, Any]:
    row = {"teacher_id": teacher_id, "stage": "primary", "subject": subject, "school_id": school, "sex": "female"}
    return row | {"birth_date": "1985-05-15", "joined_school": "2015-09-01", "degree": "bachelor"} | more


def teachers() -> list[dict[str, Any]]:
    return [
        teacher("T1", "A"),
        teacher("T2", "A", volunteer="true"),
        teacher("T3", "A"),
        teacher("T4", "B", backbone="true"),
        teacher("T5", "", "音乐", joined_school="", degree="", certificate_stage="primary"),
    ]


def classes(*schools: str) -> list[dict[str, Any]]:
    return [{"school_id": school, "stage": "primary", "grade": "1", "students": 80, "classes": 2} for school in schools]


def curriculum() -> list[dict[str, Any]]:
    return [
        {"stage": "primary", "grade": grade, "subject": subject, "weekly_lessons": lessons}
        for grade in "123456"
        for subject, lessons in (("语文", 14), ("音乐", 9))
    ]


def write_district(
    folder: Path, staff: Sequence[Mapping[str, Any]] | None = None, settings: Any = None, **more: Any
) -> Path:
    tables = {"schools": SCHOOLS, "teachers": teachers() if staff is None else staff, "curriculum": curriculum()}
    tables |= {"classes": classes("A", "B")} | NO_CHILDREN | more
    return write_instance(folder, settings=merge(SETTINGS, settings or {}), **tables)


def run(*arguments: str | Path, language: str = "en") -> Result:
    return CliRunner().invoke(xuewei, ["--lang", language, *map(str, arguments)])


def solve(folder: Path, out: Path, *more: str | Path) -> Result:
    return run("solve", folder, "--teachers-only", "--out", out, "--workers", "1", "--work-limit", "1000", *more)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """What was said, and the folder of the run."""
    folder = tmp_path_factory.mktemp("posts")
    result = solve(write_district(folder / "district"), folder / "runs", "--verbose")
    assert result.exit_code == 0, result.output
    return result, folder / "runs" / "base"


@pytest.fixture
def plan(solved: tuple[Result, Path]) -> Path:
    return solved[1]


def test_a_run_of_posts_is_its_tables(plan: Path) -> None:
    """No catchments and no map."""
    tables = {f"{name}.csv" for name in ("classes", "schools", "postings", "posts", "hiring", "surplus", "indices")}
    assert {file.name for file in plan.iterdir()} == tables | {"run.json", "issues.json"}
    record = json.loads((plan / "run.json").read_text(encoding="utf-8"))
    assert (record["status"], record["scope"], record["mode"]) == ("optimal", "posts", "entry")
    levels = {level["name"]: level["value"] for level in record["levels"]}
    assert levels["vacancies"] == pytest.approx(1.0) and levels["moves"] == pytest.approx(1.0)


def test_moves_and_vacancies_keep_their_ceilings(tmp_path: Path) -> None:
    """With nobody moved a second post stays vacant, of Chinese at B; both at their best leave no plan."""
    order = ["vacancies", "moves"]
    district = write_district(tmp_path / "stay", settings={"objective": {"order": order, "at_most": {"moves": 0}}})
    assert solve(district, tmp_path / "runs").exit_code == 0
    record = json.loads((tmp_path / "runs" / "base" / "run.json").read_text(encoding="utf-8"))
    assert {level["name"]: level["value"] for level in record["levels"]} == pytest.approx({"vacancies": 2, "moves": 0})
    both = {"objective": {"order": order, "at_most": {"moves": 0, "vacancies": 1.5}}}
    assert solve(write_district(tmp_path / "both", settings=both), tmp_path / "none").exit_code in (4, 5)


def test_who_goes_where_and_why(plan: Path) -> None:
    """2015 to 2027: T2 has served twelve years, and nobody else moves; T5 comes to a first post."""
    postings = {row["teacher_id"]: row for row in rows(plan / "postings.csv")}
    assert list(postings) == STAFF
    assert postings["T2"] == {
        "teacher_id": "T2", "stage": "primary", "subject": "chinese", "from_school_id": "A", "to_school_id": "B",
        "moved": "true", "form": "rotation", "round": "rotation", "effective": "2027-09-01", "term_years": "3",
        "from_stage": "primary", "reason": "rotates after 12 years at this school", "reason_code": "moves_in_rotation",
        "reason_facts": '{"years": 12}',
    }  # fmt: skip
    assert [row["to_school_id"] for row in postings.values()][:4] == ["A", "B", "A", "B"]
    assert (postings["T5"]["form"], postings["T5"]["moved"]) == ("recruit", "false")
    assert postings["T5"]["to_school_id"] in ("A", "B")
    assert postings["T1"]["reason"] == "at this school for 12 years, may be asked"


def test_posts_and_hiring(plan: Path) -> None:
    posts = [(row["school_id"], row["subject"], float(row["required"])) for row in rows(plan / "posts.csv")]
    assert sorted(posts) == [("A", "chinese", 2), ("A", "music", 1), ("B", "chinese", 2), ("B", "music", 1)]
    (hired,) = rows(plan / "hiring.csv")
    assert (hired["pool"], hired["stage"], hired["subject"]) == ("district", "primary", "music")
    assert (float(hired["posts"]), float(hired["within_quota"])) == (1.0, 1.0)


def test_what_is_vacant_adds_up_to_the_last_decimal(tmp_path: Path) -> None:
    """Seven schools lack 5 / 18 of a post of music, 35 / 18 = 1.944 in all: seven times 0.278 would be 1.946.

    Needed are 7 · (14 / 14 + 5 / 18) = 8.9 posts and filled 7; vacant and to hire are 1.9.
    """
    lessons = [row | {"weekly_lessons": {"语文": 14, "音乐": 5}[row["subject"]]} for row in curriculum()]
    schools = [{"school_id": school, "type": "primary"} for school in "ABCDEFG"]
    staff = [teacher(f"T{school}", school) for school in "ABCDEFG"]
    given = [row | {"classes": 1, "students": 40} for row in classes(*"ABCDEFG")]
    folder = write_district(tmp_path / "district", staff, schools=schools, curriculum=lessons, classes=given)
    result = solve(folder, tmp_path / "runs")
    assert "Posts: 8.9 needed, 7 filled, 1.9 vacant." in result.stdout, result.output
    posts, (hired,) = rows(tmp_path / "runs/base/posts.csv"), rows(tmp_path / "runs/base/hiring.csv")
    assert sum(Decimal(row["vacant"]) for row in posts) == Decimal(hired["posts"]) == Decimal("1.944")
    assert all(Decimal(row["required"]) == Decimal(row["filled"]) + Decimal(row["vacant"]) for row in posts)


def test_what_is_said(solved: tuple[Result, Path]) -> None:
    """Degrees: 3 and 1 for 80 children each are 0.5 apart before, 2 and 2 are even."""
    said = solved[0].stdout.splitlines()
    assert said[:2] == ["Proved best.", "A calculation for autumn 2027 (测算稿), not a decision."]
    for line in (
        "Posts: 6 needed, 5 filled, 1 vacant.",
        "To hire: 1 posts, 1 of them within the quota (编制): primary music 1.",
        "Recruits with a post: 1; without one: 0.",
        "Teachers posted to another school: 1 (rotation 1).",
        "From and to other schools, recruits and leavers aside, more come than go at B +1; more go than come at A -1 "
        "(all: `--table in_out`).",
        "Teachers who may be asked to move: 4; of these move: 1 (25.0 %), backbone teachers (骨干教师) among them: 0.",
        "Coefficients of variation, primary (at most 0.5): higher degrees from 0.500 to 0.000.",
        "The resource indicators, before the postings and after: `--table resources`.",
    ):
        assert line in said


def test_nobody_is_named(solved: tuple[Result, Path]) -> None:
    """Neither while it runs, each step told, nor in what is said of the run."""
    result, folder = solved
    told = result.output + run("show", folder).output + run("indices", folder).output
    assert [name for name in STAFF if name in told] == []


def test_a_run_of_posts_reads_back(plan: Path) -> None:
    read = read_run(plan)
    assert read.plan is not None and read.plan.staff is not None
    assert read.plan.catchments.empty and read.plan.assignments.empty
    assert read.plan.classes["classes"].tolist() == [2, 2]
    assert read.plan.staff.postings["moved"].tolist() == [False, True, False, False, False]
    assert read.plan.staff.postings["reason"].tolist()[:2] == ["eligible", "moves_in_rotation"]
    assert read.plan.staff.posts["vacant"].sum() == pytest.approx(1.0)


def test_equal_runs_are_equal_byte_for_byte(plan: Path, tmp_path: Path) -> None:
    assert solve(plan.parent.parent / "district", tmp_path / "runs").exit_code == 0
    again = tmp_path / "runs" / "base"
    assert {file.name: file.read_bytes() for file in again.iterdir()} == {
        file.name: file.read_bytes() for file in plan.iterdir()
    }


def test_show_has_a_line_a_school_and_its_tables(plan: Path) -> None:
    said = run("show", plan).stdout.splitlines()
    assert said[-3].split() == ["school", "stage", "needed", "filled", "vacant"]
    assert {tuple(line.split()[:3]) for line in said[-2:]} == {("A", "primary", "3"), ("B", "primary", "3")}
    told = run("show", plan, "--table", "postings", language="zh").stdout.splitlines()
    assert told[0].split()[:5] == ["教师", "学段", "学科", "原学校", "安排学校"]
    assert told[2].split()[:8] == ["T2", "小学", "语文", "A", "B", "是", "交流轮岗", "交流轮岗"]
    assert told[2].split()[-2:] == ["小学", "在本校12年，参加交流轮岗"]
    hiring = run("show", plan, "--table", "hiring", language="zh").stdout.splitlines()
    assert hiring[1].split() == ["全区", "小学", "音乐", "1", "1"]
    assert "surplus.csv has no rows" in run("show", plan, "--table", "surplus").stdout
    document = json.loads(run("show", plan, "--table", "posts", "--json").stdout)
    assert sum(row["vacant"] for row in document["rows"]) == pytest.approx(1.0)


def test_who_comes_and_goes_by_school(plan: Path) -> None:
    """T2 rotates from A to B, and T5 takes a first post at either."""
    table = json.loads(run("show", plan, "--table", "in_out", "--json").stdout)["rows"]
    ends = [(row["school_id"], row["before"], row["out"], row["out_rotation"], row["in_rotation"]) for row in table]
    assert ends == [("A", 3, 1, 1, 0), ("B", 1, 0, 0, 1)]
    assert [row["after"] - row["in_recruit"] for row in table] == [2, 2]
    heads = run("show", plan, "--table", "in_out", language="zh").stdout.splitlines()[0].split()
    assert heads[:4] == ["学校", "学段", "现有", "离校"] and "到校：交流轮岗" in heads


def test_resources_before_and_after_are_one_table(plan: Path) -> None:
    """Higher degrees: 3 and 1 for 80 children each, then 2 and 2; 4 for 160 children are 2.5 per 100."""
    told = run("show", plan, "--table", "resources").stdout.splitlines()
    assert told[1].split()[:12] == [
        *("primary", "higher", "degrees", "per", "100", "children"), "4.2", "2.5", "2.5", "0", "0", "2"]  # fmt: skip
    assert told[1].split()[12:] == ["0.5", "0", "0.5"]


def test_reasons_are_in_the_language_of_whoever_solves(tmp_path: Path) -> None:
    folder = write_district(tmp_path / "district")
    result = run("solve", folder, "--teachers-only", "--out", tmp_path / "runs", "--quiet", language="zh")
    assert "教学岗位：需求 6 个，已配 5 个，空缺 1 个。" in result.stdout
    assert "测算稿：2027 年秋季教师岗位测算结果，非聘任与调配决定。" in result.stdout
    reasons = {row["teacher_id"]: row["reason"] for row in rows(tmp_path / "runs" / "base" / "postings.csv")}
    assert (reasons["T2"], reasons["T5"]) == ("在本校12年，参加交流轮岗", "新招聘，首次定岗")


def test_indices_of_posts(plan: Path) -> None:
    indices = json.loads(run("indices", plan, "--json").stdout)["indices"]
    values = {row["index"]: row["value"] for row in indices if row["scope"] == "district" and row["stage"] == ""}
    assert (values["posts_required"], values["posts_vacant"], values["moved_share"]) == pytest.approx((6, 1, 0.25))


@pytest.mark.parametrize("more", [(), ("--students-only",)])
def test_an_instance_of_classes_alone_is_solved_for_posts_alone(tmp_path: Path, more: tuple[str, ...]) -> None:
    folder = write_district(tmp_path / "district")
    refused = run("solve", folder, "--out", tmp_path / "runs", *more)
    assert refused.exit_code == 2 and "Solve it with --teachers-only" in refused.stderr
    assert not (tmp_path / "runs").exists()


# Classes of a stored run


def test_classes_of_a_run_stand_before_those_of_the_instance(plan: Path, tmp_path: Path) -> None:
    """A run of another year, with a school that is gone: B alone has classes, and T4 stays there."""
    earlier = Path(shutil.copytree(plan, tmp_path / "earlier"))
    record = json.loads((earlier / "run.json").read_text(encoding="utf-8"))
    (earlier / "run.json").write_text(json.dumps(record | {"year": 2026}), encoding="utf-8")
    given = [row | {"largest_class": 40, "origin": "entry"} for row in classes("B", "GONE")]
    write_table(earlier, "classes", given)
    result = solve(write_district(tmp_path / "district"), tmp_path / "runs", "--from", earlier)
    assert result.exit_code == 0, result.output
    assert "is a plan of 2026, and the posts are those of 2027" in result.stderr
    assert "1 of 2 rows of its classes are of this district" in result.stderr
    assert {row["school_id"] for row in rows(tmp_path / "runs" / "base" / "posts.csv")} == {"B"}
    told = json.loads((tmp_path / "runs" / "base" / "run.json").read_text(encoding="utf-8"))["fingerprint"]
    assert told["earlier/classes.csv"] == hashlib.sha256((earlier / "classes.csv").read_bytes()).hexdigest()
    assert "teachers.csv" in told


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A district of 360 children and three teachers, one of them exempt: its folder, its catchments, its posts."""
    staff = [teacher("T1", "S1"), teacher("T2", "S2"), teacher("T3", "S1", exempt="伤病")]
    schools = [school_row("S1", 0.5, 1.5, classrooms=6), school_row("S2", 2.5, 1.5, classrooms=6)]
    settings = merge(SETTINGS, {"instance": {"mode": "whole"}, "rules": {"contiguous": "off"}})
    out = tmp_path_factory.mktemp("both")
    tables = {"teachers": staff, "curriculum": curriculum(), "schools": schools}
    folder = write_instance(out / "district", settings=settings, **tables)
    children = run("solve", folder, "--students-only", "--out", out / "children", "--workers", "1", "--quiet")
    assert children.exit_code == 0, children.output
    drawn = out / "children" / "base"
    assert solve(folder, out / "posts", "--from", drawn).exit_code == 0
    return folder, drawn, out / "posts" / "base"


def test_children_first_then_posts(both: tuple[Path, Path, Path]) -> None:
    """A plan of the children has no word of posts; a class of it needs one post of Chinese and half of music."""
    _, drawn, posts = both
    assert "scope" not in json.loads((drawn / "run.json").read_text(encoding="utf-8"))
    assert not (drawn / "postings.csv").exists()
    assert rows(posts / "classes.csv") == rows(drawn / "classes.csv")
    required = sum(float(row["required"]) for row in rows(posts / "posts.csv"))
    assert required == pytest.approx(1.5 * sum(int(row["classes"]) for row in rows(drawn / "classes.csv")))


def test_the_outside_checker_accepts_the_postings(both: tuple[Path, Path, Path], shared: Path, tmp_path: Path) -> None:
    """It reads them beside the catchments that the classes come from."""
    folder, drawn, posts = both
    whole = Path(shutil.copytree(drawn, tmp_path / "whole"))
    shutil.copy(posts / "postings.csv", whole)
    checker = [sys.executable, str(shared / "check_plan.py"), str(folder), str(whole)]
    judged = subprocess.run(checker, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_lists_of_children_and_of_posts_lie_in_one_folder(both: tuple[Path, Path, Path], tmp_path: Path) -> None:
    """A study of all grades, which the lists of its posts are too."""
    solved = run("solve", both[0], "--out", tmp_path, "--workers", "1", "--quiet")
    assert solved.exit_code == 0, solved.output
    result = run("lists", tmp_path / "base")
    assert result.exit_code == 0, result.output
    files = {file.name: file for file in (tmp_path / "base" / "lists").iterdir()}
    assert {"admission_plan.csv", "catchments.txt", "round_school.csv", "in_out.csv"} <= files.keys()
    assert rows(files["round_school.csv"])[0]["DRAFT: a study of all grades, not a year's plan"] == "DRAFT"
    assert run("show", tmp_path / "base", "--table", "in_out", "--json").exit_code == 0


def test_a_run_that_decides_no_classes_is_refused(both: tuple[Path, Path, Path], tmp_path: Path) -> None:
    folder, drawn, _ = both
    without = Path(shutil.copytree(drawn, tmp_path / "without"))
    (without / "classes.csv").unlink()
    refused = solve(folder, tmp_path / "runs", "--from", without)
    assert refused.exit_code == 2 and "has no classes.csv" in refused.stderr


# What cannot be


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"teachers": None}, "the instance has no table teachers"),
        ({"classes": None, "units": "given", "demand": "given"}, "the instance has no table classes"),
    ],
)
def test_posts_need_teachers_and_classes(tables: dict[str, Any], said: str, tmp_path: Path) -> None:
    write_district(tmp_path, schools=[{**row, "x": 120.21, "y": 30.21, "places": 300} for row in SCHOOLS])
    for name, rows_of in tables.items():
        if rows_of is None:
            (tmp_path / f"{name}.csv").unlink()
        else:
            standard = {"units": [{"unit_id": "U1", "x": 120.21, "y": 30.21}]}
            write_table(tmp_path, name, standard.get(name, [{"unit_id": "U1", "stage": "primary", "students": 40}]))
    result = solve(tmp_path, tmp_path / "runs")
    assert result.exit_code == 2, result.output
    assert said in result.stderr and "Traceback" not in result.output
    assert not (tmp_path / "runs").exists()


def test_a_run_of_another_district_is_refused(plan: Path, tmp_path: Path) -> None:
    folder = write_district(tmp_path / "district")
    foreign = Path(shutil.copytree(plan, tmp_path / "foreign"))
    write_table(foreign, "classes", [row | {"largest_class": 40, "origin": "entry"} for row in classes("GONE")])
    result = solve(folder, tmp_path / "runs", "--from", foreign)
    assert result.exit_code == 2 and "few or none of its units and schools are in this district" in result.stderr


def test_classes_told_twice_are_a_damage(plan: Path, tmp_path: Path) -> None:
    folder = write_district(tmp_path / "district")
    damaged = Path(shutil.copytree(plan, tmp_path / "damaged"))
    (one,) = classes("A")
    write_table(damaged, "classes", [one | {"largest_class": 40, "origin": "entry"}] * 2)
    result = solve(folder, tmp_path / "runs", "--from", damaged)
    assert result.exit_code == 2 and "classes.csv:3 has A, primary, 1 a second time" in result.stderr


@pytest.mark.parametrize(("known", "code"), [("A", 2), ("AB", 0)])
def test_ids_alike_by_chance_make_no_district(known: str, code: int, plan: Path, tmp_path: Path) -> None:
    """A run of another district, of whose four classes one or two are at schools of these ids."""
    folder = write_district(tmp_path / "district")
    foreign = Path(shutil.copytree(plan, tmp_path / "foreign"))
    record = json.loads((foreign / "run.json").read_text(encoding="utf-8"))
    (foreign / "run.json").write_text(json.dumps(record | {"instance": "elsewhere"}), encoding="utf-8")
    (one,) = classes("A")
    rows = [one | {"school_id": school, "largest_class": 40, "origin": "entry"} for school in (*known, *"WXYZ")[:4]]
    write_table(foreign, "classes", rows)
    result = solve(folder, tmp_path / "runs", "--from", foreign)
    assert result.exit_code == code, result.output


def test_hold_is_about_catchments(plan: Path) -> None:
    result = solve(plan, plan / "runs", "--hold", "3")
    assert result.exit_code == 2 and "--teachers-only draws none" in result.stderr


def test_what_needs_catchments_refuses_a_run_of_posts(plan: Path, repository: Path, tmp_path: Path) -> None:
    six = repository / "instances" / "six"
    for call in (["export", plan, "--only", "map"], ["solve", six, "--from", plan, "--out", tmp_path / "runs"]):
        result = run(*call)
        assert result.exit_code == 2, result.output
        assert "is a run of posts alone" in result.stderr and "Traceback" not in result.output


def test_a_run_of_posts_is_exported_without_maps(plan: Path, tmp_path: Path) -> None:
    result = run("export", plan, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["brief.docx", "brief.html", "plan.xlsx", "report.html"]


@pytest.mark.parametrize("name", ["postings", "posts", "hiring", "surplus", "classes", "indices"])
def test_a_run_of_posts_without_a_table_is_refused(name: str, plan: Path, tmp_path: Path) -> None:
    damaged = Path(shutil.copytree(plan, tmp_path / "damaged"))
    (damaged / f"{name}.csv").unlink()
    result = run("show", damaged)
    assert result.exit_code == 2 and f"{name}.csv is missing" in result.stderr


def test_posts_that_cannot_be_even_are_4(tmp_path: Path) -> None:
    """One teacher with a degree, 80 children at each school: the coefficient of variation is 1 wherever he is."""
    folder = write_district(tmp_path / "district", [teacher("T1", "A")], {"rules": {"balance_cv": "hard"}})
    result = run("solve", folder, "--teachers-only", "--out", tmp_path / "runs", "--workers", "1")
    assert result.exit_code == 4, result.output
    stored = tmp_path / "runs" / "base"
    assert {file.name for file in stored.iterdir()} == {"run.json", "diagnosis.json"}
    assert json.loads((stored / "diagnosis.json").read_text(encoding="utf-8"))["reason"] is None
    shown = run("show", stored).stdout.splitlines()
    assert shown[0].startswith("No plan keeps every hard rule")
    rule = "  schools are as even as the coefficients of variation ask for"
    assert shown[shown.index("This rule cannot be kept, whatever the others say:") + 1] == rule
    diagnosed = run("diagnose", folder, "--teachers-only", "--workers", "1")
    assert (diagnosed.exit_code, rule in diagnosed.stdout.splitlines()) == (4, True)
    alone = run("diagnose", folder)
    assert (alone.exit_code, "--teachers-only" in alone.stderr) == (2, True)


def test_posts_that_fail_the_recheck_are_never_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    breach = Shortfall("postings", "hard", "", "A", 1.0, 0.0, "teachers")
    monkeypatch.setattr(pipeline, "recheck_staff", lambda *_: (breach,))
    folder, options = write_district(tmp_path / "district"), Options(work_limit=1000)
    with pytest.raises(BrokenPlan, match=r"postings A"):
        solve_posts(folder, "base", options, out=tmp_path / "runs", force=False, start=None, watch=Silence())
    assert not (tmp_path / "runs" / "base").exists()
