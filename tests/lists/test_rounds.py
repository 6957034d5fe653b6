"""`xuewei lists` of a run of posts: the lists of the rounds, schools in and out, and what of them may be shown.

Schools A (Old Town) and B (New Town), both primary; J is a junior school without a name. Of twelve people three stay,
one of them sick and one exempt; every other way to come to a post, or to go, is taken by somebody; one of two recruits
has a post.
"""

import numpy as np
import pandas as pd
import pytest
from builders import make_schools
from click.testing import CliRunner
from lists.calls import lists, rows, written
from postings import make_pool

from cli import xuewei
from models.outcome import Outcome, Status
from models.plan import ASSIGNMENT_COLUMNS, CATCHMENT_COLUMNS, CLASS_COLUMNS, Plan
from models.run import INDEX_COLUMNS, Run
from models.staffing import HIRING_COLUMNS, POST_COLUMNS, POSTING_COLUMNS, SURPLUS_COLUMNS, StaffPlan
from optimizer.runs import store_posts

ID = "33010619850515{:04d}"
PEOPLE = [
    ("A", "A", "stay", "school", "leave_sick", {}),
    ("A", "A", "stay", "school", "exempt", {"code": "=照顾家属"}),
    ("A", "A", "stay", "school", "near_retirement", {"month": "2029-05"}),
    ("A", "B", "rotation", "rotation", "moves_in_rotation", {"years": 9}),
    ("A", "B", "rotation", "rotation", "moves_in_rotation", {"years": 7}),
    ("B", "A", "support", "rotation", "moves_in_rotation", {"years": 12}),
    ("A", "J", "coordinated", "coordination", "moves_from_surplus", {}),
    ("B", "A", "cross_school", "cross_school", "moves_as_volunteer", {}),
    ("B", "A", "return", "return", "returns", {"until": "2027-08-31"}),
    ("", "B", "recruit", "recruitment", "takes_first_post", {}),
    ("", "", "recruit", "", "no_post", {}),
    ("A", "", "stay", "", "retires", {"month": "2027-06"}),
]
ROUNDS = ("cross_school", "coordination", "rotation", "return", "recruitment")
TABLES = {"in_out.csv", "in_out_subjects.csv", "hiring.csv", "surplus.csv"}
PERSONAL = ("sick", "exempt", "照顾", "retire", "years at", "病", "退休", "2029", "until 2027", ID[:14])
"""Words of reasons and of ids that nobody else may read."""


def postings():
    rows = []
    for number, (start, end, form, settled, reason, facts) in enumerate(PEOPLE):
        moved = bool(start and end and start != end)
        term = "3" if settled == "rotation" else ""
        stage = "junior" if end == "J" else "primary"
        day = "2027-09-01" if start != end else ""
        rows.append((ID.format(number), stage, "chinese", start, end, moved, form, settled, day, term, "primary",
                     reason, facts))  # fmt: skip
    return pd.DataFrame(rows, columns=[*POSTING_COLUMNS, "facts"])


@pytest.fixture
def folder(tmp_path):
    schools = make_schools(
        {"A": 0, "B": 1, "J": 2}, types=("primary", "primary", "junior"), names=("Old Town", "New Town", "")
    )
    district = make_pool([{}], schools=schools)
    staff = StaffPlan(
        postings=postings(),
        posts=pd.DataFrame([("B", "primary", "music", 1.0, 0.75, 0.25)], columns=list(POST_COLUMNS)),
        hiring=pd.DataFrame([("district", "primary", "music", 0.25, 0.0)], columns=list(HIRING_COLUMNS)),
        surplus=pd.DataFrame([("A", "primary", "chinese", 2, 1)], columns=list(SURPLUS_COLUMNS)),
    )
    classes = pd.DataFrame([("A", "primary", "1", 40, 1, 40, "given")], columns=list(CLASS_COLUMNS))
    nothing = (pd.DataFrame(columns=list(names)) for names in (CATCHMENT_COLUMNS, ASSIGNMENT_COLUMNS))
    plan = Plan(*nothing, classes=classes, student_km=0.0, staff=staff)
    indices = pd.DataFrame(columns=list(INDEX_COLUMNS))
    run = Run("base", 1, Outcome(Status.OPTIMAL), plan, indices, scope="posts")
    return store_posts(run, district, tmp_path / "runs")


def test_each_round_has_its_list(folder):
    out = written(folder, "--final")
    assert {file.name for file in out.iterdir()} == {
        *(f"round_{settled}.csv" for settled in ("school", *ROUNDS)), "without_post.csv", *TABLES}  # fmt: skip
    assert rows(out / "round_rotation.csv") == [
        ["teacher id", "stage", "subject", "school until now", "school from now on", "how", "from day",
         "term in years", "reason"],
        [ID.format(3), "primary", "Chinese", "Old Town", "New Town", "rotation", "2027-09-01", "3",
         "rotates after 9 years at this school"],
        [ID.format(4), "primary", "Chinese", "Old Town", "New Town", "rotation", "2027-09-01", "3",
         "rotates after 7 years at this school"],
        [ID.format(5), "primary", "Chinese", "New Town", "Old Town", "support of another region", "2027-09-01", "3",
         "rotates after 12 years at this school"],
    ]  # fmt: skip
    assert [row[0] for row in rows(out / "round_school.csv")[1:]] == [ID.format(k) for k in range(3)]
    assert [(row[5], row[8]) for row in rows(out / "without_post.csv")[1:]] == [
        ("recruit", "no post is free for a recruit"),
        ("leaves the staff", "reaches the age of retirement in 2027-06"),
    ]


def test_words_are_in_the_language_asked_for_and_another_stage_is_remarked(folder):
    (head, row) = rows(written(folder, "--final", language="zh") / "round_coordination.csv")
    assert head == [
        "教师代码",
        "学段",
        "学科",
        "原学校",
        "调整后学校",
        "方式",
        "生效日期",
        "期限（年）",
        "原因",
        "备注",
    ]
    assert row[1:] == [
        *("初中", "语文", "Old Town", "J", "组织调剂", "2027-09-01", ""),
        "本学科教师超出本校需要，调入校有本学科岗位或任一教师均可任教的岗位",
        "转段任教（原小学）",
    ]


@pytest.mark.parametrize(("language", "word"), [("en", "DRAFT"), ("zh", "测算稿")])
@pytest.mark.parametrize("options", [(), ("--publish",)])
def test_every_list_says_that_it_is_a_calculation_until_it_is_final(folder, language, word, options):
    for file in written(folder, *options, language=language).iterdir():
        table = rows(file)
        assert table[0][-1].startswith(word) and {row[-1] for row in table[1:]} <= {word}, file.name
        assert "招生" not in table[0][-1], "no matter of admission"
    for file in written(folder, *options, "--final", "--force", language=language).iterdir():
        assert word not in file.read_text(encoding="utf-8-sig"), file.name


def test_schools_in_and_out(folder):
    """A has seven: three stay, two rotate, one is coordinated, one retires. All three of B go to A."""
    table = rows(written(folder, "--final") / "in_out.csv")
    assert [row[:7] for row in table] == [
        ["school", "school id", "stage", "staff now", "go", "come", "staff then"],
        ["Old Town", "A", "primary", "7", "4", "3", "6"],
        ["New Town", "B", "primary", "3", "3", "3", "3"],
        ["All schools, primary", "", "primary", "10", "7", "6", "9"],
        ["J", "J", "junior", "0", "0", "1", "1"],
        ["All schools, junior", "", "junior", "0", "0", "1", "1"],
    ]
    assert table[0][7:] == [
        *("go: rotation", "go: support of another region", "go: competition across schools", "go: coordinated"),
        *("go: returns", "go: leaves the staff", "come: rotation", "come: support of another region"),
        *("come: competition across schools", "come: coordinated", "come: returns", "come: recruit"),
    ]
    assert [row[3:5] for row in rows(folder / "lists" / "in_out_subjects.csv")[1:3]] == [
        ["Chinese", "7"],
        ["Chinese", "3"],
    ]


def test_hiring_and_surplus(folder):
    out = written(folder, "--final", language="zh")
    assert rows(out / "hiring.csv")[1:] == [["全区", "小学", "音乐", "0.250", "0.000"]]
    assert rows(out / "surplus.csv") == [
        ["学校", "学校代码", "学段", "学科", "富余教师", "可任教更高学段"],
        ["Old Town", "A", "小学", "语文", "2", "1"],
    ]


def test_published_lists_count_people_and_say_nothing_of_their_reasons(folder):
    """Two rotate from A to B, and are one row; who stays, retires or has no post is on no list."""
    out = written(folder, "--publish", "--final")
    assert {file.name for file in out.iterdir()} == {*(f"round_{settled}.csv" for settled in ROUNDS), *TABLES}
    assert rows(out / "round_rotation.csv") == [
        ["stage", "subject", "school until now", "school from now on", "how", "teachers", "from day", "term in years"],
        ["primary", "Chinese", "Old Town", "New Town", "rotation", "2", "2027-09-01", "3"],
        ["primary", "Chinese", "New Town", "Old Town", "support of another region", "1", "2027-09-01", "3"],
    ]
    assert rows(out / "round_return.csv")[1][5] == "1"
    assert [row[:5] for row in rows(out / "in_out.csv")[:3]] == [
        ["school", "school id", "stage", "go", "come"],
        ["Old Town", "A", "primary", "3", "3"],
        ["New Town", "B", "primary", "3", "3"],
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_that_is_published_or_said_is_personal(folder, language):
    said = lists(folder, "--publish", language=language).output
    said += lists(folder, "--force", "--out", folder.parent / "desk", language=language).output
    said += "".join(file.read_text(encoding="utf-8-sig") for file in (folder / "lists").iterdir())
    assert [word for word in PERSONAL if word in said] == []


def test_what_is_said_of_lists_that_name_people(folder):
    assert "keep them where staff files are kept" in lists(folder).stderr
    told = lists(folder, "--publish", "--force")
    assert "Teachers are counted, not named" in told.stdout and told.stderr == ""


def test_a_run_is_never_taken_for_lists(folder, tmp_path):
    """A run of posts has tables of the same names; the lists of another call are replaced with --force alone."""
    assert lists(folder, "--out", folder, "--force").exit_code == 6
    assert (folder / "run.json").is_file()
    assert lists(folder, "--out", tmp_path / "letter").exit_code == 0
    assert lists(folder, "--out", tmp_path / "letter").exit_code == 6
    assert lists(folder, "--out", tmp_path / "letter", "--force").exit_code == 0


def test_no_cell_becomes_a_formula(folder):
    """An exemption may be any text; its sentence begins with a word."""
    for file in written(folder, language="zh").iterdir():
        cells = [cell for row in rows(file) for cell in row]
        assert not any(cell.startswith(("=", "+", "@", "-")) for cell in cells), file.name


def test_a_reason_that_this_version_does_not_know_stands_as_it_was_written(folder):
    table = pd.read_csv(folder / "postings.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    table.loc[0, ["reason", "reason_code"]] = "on an expedition", "expedition"
    table.loc[1, ["reason", "reason_facts"]] = "as written", "{"
    table.to_csv(folder / "postings.csv", index=False, encoding="utf-8-sig")
    told = [row[8] for row in rows(written(folder, language="zh") / "round_school.csv")[1:]]
    assert told[:2] == ["on an expedition", "as written"]
    assert np.unique(told).size == 3


def test_the_table_of_postings_says_who_leaves_and_who_changes_stage_as_the_lists_do(folder):
    shown = CliRunner().invoke(xuewei, ["--lang", "en", "show", str(folder), "--table", "postings"])
    told = {line.split()[0]: line for line in shown.stdout.splitlines()}
    assert "leaves the staff" in told[ID.format(11)] and "stays" not in told[ID.format(11)]
    assert "stays" in told[ID.format(0)]
    words = told[ID.format(6)].split()
    assert (words[1], words[words.index("2027-09-01") + 1]) == ("junior", "primary")
