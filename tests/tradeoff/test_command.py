"""`tradeoff` on a row of four units whose whole curve is known by hand, from the call to the table and the picture.

A  U1  U2  U3  U4  B      30 children a unit, 60 places a school, A stands in U1 and B in U4, a unit is 1 km wide.
Today everyone goes across: U1, U2 to B, U3, U4 to A. Each unit that changes school saves metres.
"""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from districts import demand_rows, school_row, unit_rows, write_instance

from optimizer.console.exits import Exit, Refusal
from optimizer.console.tasks import refuse_failed
from optimizer.console.tradeoff import Order, run_tradeoff
from optimizer.console.voice import Voice
from optimizer.pipeline import Options
from optimizer.runs import NothingToPost
from optimizer.runs.claim import claim_folder
from optimizer.tasks import Result, Task, WorkerLost
from optimizer.tasks.failure import failure_of

VOICE = Voice("en", quiet=True)


@pytest.fixture(scope="module")
def row(tmp_path_factory: pytest.TempPathFactory) -> Path:
    today = {"U1": "B", "U2": "B", "U3": "A", "U4": "A"}
    return write_instance(
        tmp_path_factory.mktemp("row") / "row",
        settings={
            "objective": {"order": ["stability", "travel"]},
            "catchments": {"change": "free", "contiguous": False},
            "rules": {"contiguous": "off"},
        },
        units=unit_rows(4, 1),
        demand=demand_rows(4, 30),
        schools=[school_row("A", 0.5, 0.5, places=90), school_row("B", 3.5, 0.5, places=90)],
        current=[{"unit_id": unit, "stage": "primary", "school_id": school} for unit, school in today.items()],
    )


def ask(row: Path, out: Path, **more: object) -> Order:
    options = Options(time_limit_s=None, work_limit=100, diagnose=False)
    return replace(Order(row, ("travel", "stability"), options, points=6, jobs=1, out=out), **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def traced(row: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "curve"
    code, _, _ = run_tradeoff(ask(row, out), VOICE)
    assert code == Exit.DONE
    return out


def test_the_curve_is_the_one_that_is_found_by_hand(traced: Path) -> None:
    # Today U1 and U4 go 3 km, U2 and U3 2 km: 30 x 10 = 300 km. U1 (or U4) home saves 90 km, U2 (or U3) 30 km.
    # 0 changed: 300 km. 30 changed: 210. 60: U1 and U4, 120. 90: 90. 120: 60.
    table = pd.read_csv(traced / "tradeoff.csv", encoding="utf-8-sig", dtype={"folder": str})
    on = table[table["standing"] == "on"].sort_values("stability")
    assert on["stability"].tolist() == [0, 30, 60, 90, 120]
    assert on["travel"].tolist() == pytest.approx([300, 210, 120, 90, 60], abs=0.6)
    assert table["knee"].tolist().count(True) == 1
    assert on.loc[on["knee"], "stability"].tolist() == [60]
    assert (table["status"] == "optimal").all()
    assert (table["travel_bound"] <= table["travel"] + 1e-6).all()


def test_every_plan_is_a_run_that_says_what_was_asked(traced: Path) -> None:
    record = json.loads((traced / "003" / "run.json").read_text(encoding="utf-8"))
    assert record["variation"]["objective"]["order"] == ["travel", "stability"]
    assert record["variation"]["objective"]["at_most"] == {"stability": 15.0}
    assert record["scenario_title"]["en"] == "school changes at most 15"
    assert "15" in record["scenario_title"]["zh"]


def test_a_second_start_solves_nothing_and_says_the_same(row: Path, traced: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in traced.glob("*/run.json")}
    speak_chinese = Options(time_limit_s=None, work_limit=100, diagnose=False, language="zh")
    run_tradeoff(ask(row, traced, options=speak_chinese), replace(VOICE, language="zh"))
    code, document, lines = run_tradeoff(ask(row, traced), VOICE)
    assert code == Exit.DONE
    assert {path: path.stat().st_mtime_ns for path in traced.glob("*/run.json")} == before
    assert document["knee"]["until"] == pytest.approx(3.0, abs=0.02)
    assert document["knee"]["beyond"] == pytest.approx(1.0, abs=0.02)
    told = "\n".join(lines)
    assert "Up to 60 children who change school each saves 3 student-km; beyond, 1." in told
    assert "Today's catchments: school changes 0" in told
    assert "001 is the plan that `xuewei solve` makes." in told
    for file in ("tradeoff.png", "tradeoff.svg"):
        assert (traced / file).stat().st_size > 1000


def test_it_speaks_chinese(row: Path, tmp_path: Path) -> None:
    options = Options(time_limit_s=None, work_limit=100, diagnose=False, language="zh")
    _, _, lines = run_tradeoff(ask(row, tmp_path / "zh", options=options, points=3), replace(VOICE, language="zh"))
    assert any(line.startswith("拐点") for line in lines)


def test_another_question_in_the_same_folder_is_refused_unless_forced(row: Path, tmp_path: Path) -> None:
    out = tmp_path / "curve"
    run_tradeoff(ask(row, out, points=3), VOICE)
    with pytest.raises(Refusal) as stop:
        run_tradeoff(ask(row, out, points=2), VOICE)
    assert stop.value.code == Exit.CANNOT_WRITE
    run_tradeoff(ask(row, out, points=2, force=True), VOICE)
    assert sorted(folder.name for folder in out.iterdir() if folder.is_dir()) == ["001", "002"]


def test_a_folder_of_other_files_is_never_taken(row: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(Refusal):
        run_tradeoff(ask(row, tmp_path, force=True), VOICE)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"between": ()}, "two levels"),
        ({"between": ("travel", "moves")}, "Of posts: moves; of children: travel."),
        ({"between": ("travel", "stabilty")}, "did you mean stability?"),
        ({"between": ("travel", "xyz")}, "there are: shortage, overflow"),
        ({"between": ("travel",)}, "One level"),
        ({"points": 1}, "too few"),
    ],
)
def test_a_question_without_sense_is_refused(row: Path, tmp_path: Path, more: dict[str, object], word: str) -> None:
    with pytest.raises(Refusal) as stop:
        run_tradeoff(ask(row, tmp_path / "out", **more), VOICE)
    assert stop.value.code == Exit.USAGE
    assert word in stop.value.sentence
    assert not (tmp_path / "out").exists()


def test_levels_have_words_in_chinese(row: Path, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as stop:
        run_tradeoff(ask(row, tmp_path / "out", between=("travel", "moves")), replace(VOICE, language="zh"))
    assert "岗位的目标：moves（调动教师）；学生的目标：travel（人·公里）。" in stop.value.sentence


def test_posts_without_classes_are_refused_before_anything_is_written(repository: Path, tmp_path: Path) -> None:
    order = ask(repository / "instances" / "binhe", tmp_path / "out", between=("moves", "vacancies"))
    with pytest.raises(NothingToPost) as stop:
        run_tradeoff(order, VOICE)
    assert stop.value.key == "no_classes"
    assert not (tmp_path / "out").exists()


def test_work_of_which_nothing_came_says_why_once_and_bars_nothing(tmp_path: Path) -> None:
    task, out = Task("001", tmp_path, "base", Options()), tmp_path / "out"
    lost = Result(task, "failed", out / "001", failure=failure_of(WorkerLost(3, "killed")))
    claim_folder(out, "tradeoff.json", {"a": 1}, force=False)
    with pytest.raises(Refusal) as stop:
        refuse_failed([lost, lost], out, "tradeoff.json", VOICE)
    assert (stop.value.code, stop.value.sentence.count("3 times")) == (Exit.NO_PLAN, 1)
    assert not out.exists()
