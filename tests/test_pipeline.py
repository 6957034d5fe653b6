"""The pipeline from folder to stored run, and what its docstring says about itself."""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest
from districts import demand_rows, school_row, write_instance

from models.faults import FaultyInput
from models.run import Shortfall
from models.watch import Silence
from optimizer import pipeline
from optimizer.export import Drawn
from optimizer.pipeline import BrokenPlan, Options, SolvedRun, solve_instance, solve_posts
from optimizer.runs import read_run

STEPS, ALONE = ([line for line in part.splitlines() if "->" in line] for part in pipeline.__doc__.split("Posts alone"))
"""The steps of a plan with all its parts, and those of posts alone."""


@pytest.fixture(autouse=True)
def without_a_map(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes a second; only the test that compares every byte waits for it."""
    if "draws" not in request.fixturenames:
        monkeypatch.setattr("optimizer.export.draw_map", lambda folder, path: Drawn(path, ""))


@pytest.fixture
def draws() -> None:
    """Asked for by tests that store the map too."""


def solve_grid(folder: Path, out: Path, *, watch: Any = None, start: Path | None = None, **options: Any) -> SolvedRun:
    given = Options(**{"work_limit": 200, "seed": 1, "workers": 1} | options)
    return solve_instance(folder, "base", given, out=out, force=False, start=start, watch=watch or Silence())


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_equal_runs_are_equal_byte_for_byte(tmp_path: Path, draws: None) -> None:
    instance = write_instance(tmp_path / "grid", current=[{"unit_id": "U1", "stage": "primary", "school_id": "S2"}])
    first, second = (content(solve_grid(instance, tmp_path / out).folder) for out in ("a", "b"))
    assert set(first) >= {"run.json", "catchments.csv", "assignments.csv", "plan.gpkg", "map.png", "changes.csv"}
    assert [name for name in first if first[name] != second[name]] == []


def test_the_plan_of_the_grid(tmp_path: Path) -> None:
    """Each school takes its column; U2, U5 and U8 are as far from either: 120 children · 1 km, corners too."""
    solved = solve_grid(write_instance(tmp_path / "grid"), tmp_path / "out")
    run = read_run(solved.folder)
    assert run.record["status"] == "optimal"
    # S1 stands in U4, S2 in U6: 40 · (1 + 1 + 1) for U5 and the four corners, 40 · 1.414 for U2 and U8 each
    assert run.record["student_km"] == pytest.approx(40 * (4 * 1 + 1 + 2 * 2**0.5), rel=1e-3)
    assert run.record["gap"] == 0.0


def test_from_keeps_the_earlier_plan_among_equals(tmp_path: Path) -> None:
    """Whoever takes U2, U5 and U8 makes no difference: the grid is as good mirrored."""
    instance = write_instance(tmp_path / "grid")
    plan = read_run(solve_grid(instance, tmp_path / "first").folder).plan
    column = {"U2", "U5", "U8"}
    for school in ("S1", "S2"):
        must = [{"unit_id": u, "stage": "primary", "school_id": school, "rule": "must"} for u in sorted(column)]
        earlier = solve_grid(write_instance(tmp_path / school, fixed=must), tmp_path / f"{school} runs").folder
        again = read_run(solve_grid(instance, tmp_path / f"{school} again", start=earlier).folder)
        held = again.tables["catchments"].set_index("unit_id")["school_id"]
        assert set(held[sorted(column)]) == {school}
        assert again.plan.student_km == pytest.approx(plan.student_km)


def test_no_plan_possible_is_stored_with_its_reason(tmp_path: Path) -> None:
    instance = write_instance(tmp_path / "grid", demand=demand_rows(students=70))
    solved = solve_grid(instance, tmp_path / "out")
    assert set(content(solved.folder)) == {"run.json", "diagnosis.json"}
    # 9 · 70 = 630 children, 600 places
    counts = json.loads((solved.folder / "diagnosis.json").read_text(encoding="utf-8"))["counts"]
    assert [(count["key"], count["short"]) for count in counts] == [("places", 30)]
    assert json.loads((solved.folder / "run.json").read_text(encoding="utf-8"))["status"] == "infeasible"


class Impatient(Silence):
    """Asks to stop as soon as there is a plan."""

    def __init__(self) -> None:
        self.seen = False

    def progress(self, level: str, incumbent: float | None, *_: Any) -> None:
        self.seen |= incumbent is not None

    def stopped(self) -> bool:
        return self.seen


def test_a_stop_keeps_the_best_plan(tmp_path: Path) -> None:
    instance = write_instance(tmp_path / "grid", settings={"policy": {"places_scale": 0.7}})
    solved = solve_grid(instance, tmp_path / "out", watch=Impatient())
    run = read_run(solved.folder)
    assert run.record["interrupted"] is True
    assert run.plan is not None
    assert len(run.plan.catchments) == 9


def test_faults_stop_before_anything_is_solved(tmp_path: Path) -> None:
    instance = write_instance(tmp_path / "grid", demand=demand_rows(students=-1))
    with pytest.raises(FaultyInput):
        solve_grid(instance, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_plan_that_fails_the_recheck_is_never_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    breach = Shortfall("places", "hard", "primary", "S1", 301.0, 300.0, "students")
    monkeypatch.setattr(pipeline, "recheck_plan", lambda *_: (breach,))
    with pytest.raises(BrokenPlan, match=r"places S1 primary: 301\.0 > 300\.0"):
        solve_grid(write_instance(tmp_path / "grid"), tmp_path / "out")
    assert not (tmp_path / "out" / "base").exists()


def test_a_school_that_opens_in_a_scenario(tmp_path: Path) -> None:
    """S3 is a candidate in U5; open, it spares U5 its kilometre and U2 and U8 0.414 km each."""
    schools = [school_row("S1", 0.5, 1.5), school_row("S2", 2.5, 1.5), school_row("S3", 1.5, 1.5, status="candidate")]
    opened = '[overrides.open.schools]\nS3 = { status = "open" }\n[scenarios]\nnew = ["open"]\n'
    instance = write_instance(tmp_path / "grid", schools=schools, scenarios=opened)
    base = solve_grid(instance, tmp_path / "out").run.plan.student_km
    options = Options(work_limit=200)
    new = solve_instance(instance, "new", options, out=tmp_path / "out", force=False, start=None, watch=Silence())
    assert base - new.run.plan.student_km == pytest.approx(40 * (1 + 2 * (2**0.5 - 1)), rel=1e-2)
    assert new.folder.name == "new"


# The docstring's table against the functions it names


@pytest.mark.parametrize("line", [*STEPS, *ALONE], ids=lambda line: line.split("->")[1].strip())
def test_the_table_of_steps_is_true(line: str) -> None:
    """Left of a step stands a type it takes, right of it the type it returns, as its annotations say."""
    takes, name, *rest = (part.strip() for part in line.split("->"))
    gives = rest[0].split("  ")[0]
    step = getattr(pipeline, name)
    signature = inspect.signature(step, eval_str=True)
    taken = " ".join(str(parameter.annotation) for parameter in signature.parameters.values())
    given = str(signature.return_annotation)
    known = {"folder": "Path", "D. + Travel": "District"}
    known |= {"warnings": "Fault", "Shortfalls": "Shortfall", "table": "DataFrame", "classes": "DataFrame"}
    known |= {"options": "ndarray", "counts": "Count"}
    assert known.get(takes, takes) in taken, f"{name} takes {taken}"
    assert known.get(gives, gives) in given, f"{name} gives {given}"


def of_steps(function: Any) -> str:
    """The source of a function of the pipeline, with that of what it calls to read and to decide posts in its place."""
    source = inspect.getsource(function)
    for part in (pipeline._read_children, pipeline._read, pipeline._search, pipeline._decide_posts):
        source = source.replace(f"{part.__name__}(", inspect.getsource(part).partition("(")[2], 1)
    return source


def last_call(name: str, source: str) -> int:
    return max(call.start() for call in re.finditer(rf"\b{name}\(", source))


def test_the_table_of_steps_is_whole_and_in_order() -> None:
    """Every step named is called by the pipeline, in that order, and no other."""
    names = [line.split("->")[1].strip() for line in STEPS]
    source = of_steps(solve_instance)
    calls = [last_call(name, source) for name in names]
    assert calls == sorted(calls)
    kinds = "read check build measure earlier look find formulate count openings solve seat blame settle name draw"
    called = re.findall(rf"\b((?:{'|'.join([*kinds.split(), 'recheck', 'compute', 'store'])})[a-z_]*)\(", source)
    assert set(called) == {*names, "check_target", "solve_instance"}


def test_the_table_of_posts_alone_is_in_order() -> None:
    names = [line.split("->")[1].strip() for line in ALONE]
    source = of_steps(solve_posts)
    calls = [last_call(name, source) for name in names]
    assert calls == sorted(calls)
