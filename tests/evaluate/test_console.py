"""`evaluate` as it is asked and answered: the grid of nine units, 40 children each; S1 in U4, S2 in U6, 300 places."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from districts import school_rows, write_instance, write_table

from models.faults import FaultyInput
from optimizer.console.evaluate import Order, evaluate_plans
from optimizer.console.exits import Exit, Refusal
from optimizer.console.voice import Voice
from optimizer.pipeline import Options, solve_instance
from optimizer.runs import RunExists, read_run

EAST, WEST = "S1 S1 S2 S1 S1 S2 S1 S1 S2", "S1 S1 S1 S1 S1 S2 S1 S1 S1"
"""Keeps every rule; leaves S2 with U6 alone, 320 children for the 300 places of S1."""


class Silence:
    """Nobody looks on."""

    def step(self, name: str) -> None: ...

    def progress(self, *told: object) -> None: ...

    def note(self, key: str, **facts: object) -> None: ...

    def stopped(self) -> bool:
        return False


def rows(name: str, schools: str) -> list[dict[str, str]]:
    return [
        {"plan": name, "unit_id": f"U{k}", "stage": "primary", "school_id": school}
        for k, school in enumerate(schools.split(), start=1)
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_instance(tmp_path / "grid")


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    return write_table(tmp_path, "plans", [*rows("East", EAST), *rows("West", WEST)])


def evaluate(folder: Path, plan: str, language: str = "en", **more) -> tuple[Exit, dict, list[str]]:
    order = Order(folder, plan, time_limit_s=10.0, **more)
    code, document, lines = evaluate_plans(order, Silence(), Voice(language))
    return code, json.loads(json.dumps(document, allow_nan=False)), lines


def holds(lines: Sequence[str], *texts: str) -> bool:
    return all(any(text in line for line in lines) for text in texts)


def test_a_plan_that_keeps_every_rule(folder: Path, plans: Path) -> None:
    code, document, lines = evaluate(folder, f"{plans}#East")
    assert code == Exit.DONE
    assert holds(lines, "It keeps every hard rule.", "Nothing has to be changed for the hard rules.")
    (plan,) = document["plans"]
    assert (plan["plan"], plan["keeps_hard_rules"], plan["mending"]["units"]) == ("East", True, 0)
    (travel,) = plan["levels"]
    assert (travel["level"], round(travel["drawn"])) == ("travel", round(plan["student_km"]))
    assert travel["bound"] <= travel["best"] + 1e-6 <= travel["drawn"] + 2e-6


def test_a_plan_that_is_short_of_places(folder: Path, plans: Path) -> None:
    code, document, lines = evaluate(folder, f"{plans}#West")
    assert code == Exit.INFEASIBLE
    assert holds(
        lines, "It breaks a hard rule:", "short of 20 places in all: S1 School S1 20", "one unit must get another"
    )
    (plan,) = document["plans"]
    assert plan["totals"][0]["total"] == 20
    assert [(c["from_school_id"], c["to_school_id"], c["students"]) for c in plan["mending"]["changes"]] == [
        ("S1", "S2", 40)
    ]
    assert (plan["mending"]["proved"], plan["mending"]["least"]) == (True, 1)


def test_several_plans_are_told_a_line_each(folder: Path, plans: Path) -> None:
    code, document, lines = evaluate(folder, str(plans))
    assert code == Exit.INFEASIBLE
    assert [plan["plan"] for plan in document["plans"]] == ["East", "West"]
    table = [line.split() for line in lines if line.strip().startswith(("East", "West"))]
    assert [row[:4] for row in table] == [["East", "0", "0", "0"], ["West", "1", "20", "0"]]


def test_chinese_has_no_english_left(folder: Path, plans: Path) -> None:
    _, _, lines = evaluate(folder, f"{plans}#West", "zh")
    assert holds(lines, "共缺 20 个学位：S1", "只要 1 个小区改划学校（40 人）就能做到")
    assert not holds(lines, "children")


def test_a_stored_run_may_be_measured_by(folder: Path, plans: Path, tmp_path: Path) -> None:
    limits = Options(time_limit_s=10.0)
    solved = solve_instance(folder, "base", limits, out=tmp_path, force=False, start=None, watch=Silence())
    _, document, lines = evaluate(folder, f"{plans}#East", against=solved.folder)
    record = read_run(solved.folder).record
    assert document["best"]["levels"][0]["value"] == record["levels"][0]["value"]
    assert holds(lines, f"the plan in {solved.folder}")
    write_table(folder, "schools", [{**row, "places": 310} for row in school_rows()])
    with pytest.raises(Refusal, match=r"schools\.csv"):
        evaluate(folder, f"{plans}#East", against=solved.folder)


def test_a_mended_plan_is_written_once(folder: Path, plans: Path, tmp_path: Path) -> None:
    _, document, _ = evaluate(folder, f"{plans}#West", out=tmp_path / "out")
    stored = read_run(Path(document["mended"]))
    assert stored.folder == tmp_path / "out" / "West"
    assert not any(each.is_fault for each in stored.shortfalls)
    again, _, _ = evaluate(folder, str(stored.folder / "catchments.csv"))
    assert again == Exit.DONE
    with pytest.raises(RunExists):
        evaluate(folder, f"{plans}#West", out=tmp_path / "out")


def test_draws_are_told_beside_the_plan(folder: Path, plans: Path) -> None:
    _, document, _ = evaluate(folder, f"{plans}#West", mend=False, draws=50)
    (plan,) = document["plans"]
    assert plan["mending"] is None
    assert (plan["overflows"]["draws"], plan["overflows"]["schools"][0]["school_id"]) == (50, "S1")


@pytest.mark.parametrize(
    ("plan", "more"),
    [
        ("{plans}#North", {}),
        ("{plans}x", {}),
        ("current", {}),
        ("{plans}", {"out": Path("out")}),
        ("{plans}", {"draws": 10}),
        ("{plans}#West", {"out": Path("out"), "mend": False}),
    ],
)
def test_what_cannot_be_asked_is_refused(folder: Path, plans: Path, plan: str, more: dict) -> None:
    with pytest.raises(Refusal) as stop:
        evaluate(folder, plan.format(plans=plans), **more)
    assert stop.value.code == Exit.USAGE
    assert "{" not in stop.value.sentence


def test_a_faulty_table_is_told_of_with_every_fault(folder: Path, tmp_path: Path) -> None:
    faulty = write_table(tmp_path, "faulty", [*rows("East", EAST)[:8], *rows("East", "S3"), *rows("East", "S1")])
    with pytest.raises(FaultyInput) as stop:
        evaluate(folder, str(faulty))
    assert {fault.code for fault in stop.value.faults} == {"D103", "D107", "D109"}
