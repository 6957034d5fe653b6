"""`sweep` on the grid of nine units: what is refused beforehand, what is made, kept and told."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from districts import write_instance

from models.faults import FaultyInput
from optimizer.console.exits import Exit, Refusal
from optimizer.console.sweep import Order, run_sweep
from optimizer.console.voice import Voice
from optimizer.explain import read_basis
from optimizer.io import ScenarioNotFound
from optimizer.pipeline import Options
from optimizer.runs import read_run

VOICE = Voice("en", quiet=True)
PLACES = ("schools.S1.places=40,160,320", "schools.S2.places=200,240")
"""360 children: S1 and S2 together have 240 or 280, 360 or 400, 520 or 560 places."""


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scenarios = '[scenarios]\nmore = ["more"]\n\n[[overrides.more.demand]]\nscale = 1.5\n'
    return write_instance(tmp_path_factory.mktemp("grid") / "grid", scenarios=scenarios)


def ask(grid: Path, out: Path, *vary: str, **more: object) -> Order:
    options = Options(time_limit_s=None, work_limit=100, diagnose=False)
    return replace(Order(grid, vary, options, jobs=1, out=out), **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def swept(grid: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "sweep"
    code, _, _ = run_sweep(ask(grid, out, *PLACES), VOICE)
    assert code == Exit.DONE
    return out


def test_every_point_is_a_run_with_its_override(swept: Path) -> None:
    table = pd.read_csv(swept / "sweep.csv", encoding="utf-8-sig", dtype=str)
    assert table["folder"].tolist() == ["001", "002", "003", "004", "005", "006"]
    assert table["schools.S1.places"].tolist() == ["40", "40", "160", "160", "320", "320"]
    assert table["schools.S2.places"].tolist() == ["200", "240"] * 3
    assert table["status"].tolist() == ["infeasible"] * 2 + ["optimal"] * 4
    stored = read_run(swept / "004")
    assert stored.title("en") == "S1.places = 160, S2.places = 240"
    assert stored.record["variation"] == {"schools": {"S1": {"places": 160}, "S2": {"places": 240}}}
    district = read_basis(stored, None).district
    assert district.schools.places.tolist() == [160, 240]


def test_a_second_start_solves_nothing_and_tells_the_same(grid: Path, swept: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in swept.glob("*/run.json")}
    code, document, lines = run_sweep(ask(grid, swept, *PLACES), VOICE)
    assert code == Exit.DONE
    assert {path: path.stat().st_mtime_ns for path in swept.glob("*/run.json")} == before
    assert document["borders"] == [
        {"key": "schools.S1.places", "value": "160", "plans": "from", "proved": True, "where": []}
    ]
    told = "\n".join(lines)
    assert "With S1.places = 160 and further on there is a plan; before that there is none (proved)." in told
    # S1 takes 4 units of 40 with 160 places, and the 5 nearest with 320: the middle column is as near to either
    assert (document["best"], document["alike"]) == ("003", ["004", "005", "006"])
    assert "All plans are alike in every level." in told
    assert document["points"][0]["schools.S1.places"] == 40
    assert [row["folder"] for row in document["points"] if row["status"] == "optimal"] == ["003", "004", "005", "006"]


def test_the_picture_is_drawn(swept: Path) -> None:
    assert (swept / "sweep.png").read_bytes().startswith(b"\x89PNG")
    assert (swept / "sweep.svg").read_text(encoding="utf-8").count("<path") > 10


def test_the_scenario_and_the_children_may_vary(grid: Path, tmp_path: Path) -> None:
    code, document, lines = run_sweep(ask(grid, tmp_path / "s", "scenario=base,more", "demand.scale=0.5,1"), VOICE)
    assert code == Exit.DONE
    assert [row["status"] for row in document["points"]] == ["optimal"] * 4
    assert [read_run(tmp_path / "s" / f"00{k}").record["decided"]["primary"] for k in (1, 2, 3, 4)] == [
        180, 360, 270, 540
    ]  # fmt: skip
    assert any("none of them is called the best" in line for line in lines)


def test_without_any_plan_the_code_says_so(grid: Path, tmp_path: Path) -> None:
    code, _, lines = run_sweep(ask(grid, tmp_path / "s", "schools.S1.places=0,20"), VOICE)
    assert code == Exit.INFEASIBLE
    assert not (tmp_path / "s" / "sweep.png").exists()
    assert sum("no plan (proved)" in line for line in lines) == 2


def test_it_speaks_chinese(grid: Path, tmp_path: Path) -> None:
    options = Options(time_limit_s=None, work_limit=100, diagnose=False, language="zh")
    _, _, lines = run_sweep(ask(grid, tmp_path / "s", PLACES[0], options=options), replace(VOICE, language="zh"))
    assert "S1 学位数 = 160 及以后能排出方案；在此之前排不出方案（已证明）。" in lines


@pytest.mark.parametrize(
    ("vary", "code", "where"),
    [
        ("schools.S3.places=1,2", "C103", "schools.S3"),
        ("schools.S1.palces=1,2", "S101", "schools.S1.palces"),
        ("policy.class_size.cap.primary=40,-1", "S103", "policy.class_size.cap.primary"),
        ("polcy.profile=none", "S101", "polcy"),
        ("policy.profile=nope", "S104", "policy.profile"),
        ("objective.at_most.rotation=1", "S224", "objective.at_most.rotation"),
    ],
)
def test_what_the_instance_does_not_take_is_told_before_anything_is_solved(
    grid: Path, tmp_path: Path, vary: str, code: str, where: str
) -> None:
    with pytest.raises(FaultyInput) as stop:
        run_sweep(ask(grid, tmp_path / "s", vary), VOICE)
    (fault,) = stop.value.faults
    assert (fault.code, fault.file, fault.column) == (code, "--vary", where)
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(
    ("vary", "more", "word"),
    [
        ((), {}, "something that varies"),
        (("schools.S1.places",), {}, "expected KEY=VALUE"),
        (("schools S1=1",), {}, "no dotted key"),
        (("schools.S1.places=[",), {}, "[ is no value"),
        (("demand[stage=primary].students=1",), {}, "scale or set can vary"),
        (("demand[school=S1].scale=1",), {}, "school=S1 chooses no rows"),
        (("schools.S1.places=1", "schools.S1.places=2"), {}, "speak of the same"),
        (("demand.scale=1", "demand.capture.primary=1"), {}, "cannot vary together"),
        (("teachers.T1.subject=a,b",), {}, "no table teachers"),
        (("scenario=base",), {"scenario": "more"}, "--scenario says nothing"),
        (("schools.S1.places=" + ",".join(map(str, range(10_001))),), {}, "more than one sweep makes"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    grid: Path, tmp_path: Path, vary: tuple[str, ...], more: dict[str, object], word: str
) -> None:
    with pytest.raises(Refusal) as stop:
        run_sweep(ask(grid, tmp_path / "s", *vary, **more), VOICE)
    assert stop.value.code == Exit.USAGE
    assert word in stop.value.sentence


def test_an_unknown_scenario_is_refused(grid: Path, tmp_path: Path) -> None:
    with pytest.raises(ScenarioNotFound):
        run_sweep(ask(grid, tmp_path / "s", "scenario=base,mroe"), VOICE)


def test_another_grid_in_the_same_folder_is_refused_unless_forced(grid: Path, tmp_path: Path) -> None:
    out = tmp_path / "s"
    run_sweep(ask(grid, out, "schools.S1.places=160,320"), VOICE)
    first = (out / "001" / "run.json").stat().st_mtime_ns
    for other in (("schools.S1.places=160",), ("schools.S1.places=320,160",)):
        with pytest.raises(Refusal) as stop:
            run_sweep(ask(grid, out, *other), VOICE)
        assert stop.value.code == Exit.CANNOT_WRITE
    run_sweep(ask(grid, out, "schools.S1.places=160", force=True), VOICE)
    assert sorted(folder.name for folder in out.iterdir() if folder.is_dir()) == ["001"]
    assert (out / "001" / "run.json").stat().st_mtime_ns == first


def test_other_limits_are_another_plan(grid: Path, tmp_path: Path) -> None:
    run_sweep(ask(grid, tmp_path / "s", "schools.S1.places=160"), VOICE)
    options = Options(time_limit_s=None, work_limit=101, diagnose=False)
    with pytest.raises(Refusal) as stop:
        run_sweep(ask(grid, tmp_path / "s", "schools.S1.places=160", options=options), VOICE)
    assert stop.value.code == Exit.CANNOT_WRITE
    assert "001" in stop.value.sentence
