"""Tasks one after the other: what is kept, what fails, what begins from what, and where work ends."""

import json
import shutil
from pathlib import Path

import pytest
from districts import demand_rows, school_row, write_instance
from tasks.tasking import Onlooker, content, endings, task
from test_posts import write_district

from models.faults import FaultyInput
from models.watch import Silence
from optimizer.export import Drawn
from optimizer.pipeline import solve_instance, solve_posts
from optimizer.runs import RunExists, read_run
from optimizer.tasks import Unseen, carry_out, open_pool
from optimizer.tasks.task import Task


@pytest.fixture(autouse=True)
def without_a_map(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes longer than all the rest; the tests of pools compare maps too."""
    monkeypatch.setattr("optimizer.export.draw_map", lambda folder, path: Drawn(path, ""))


def carried_out(tasks: list[Task], out: Path, watch: Onlooker | None = None, *, force: bool = False):
    with open_pool() as pool:
        return carry_out(tasks, out, pool, watch or Unseen(), force=force)


def test_a_run_is_that_of_solve(tmp_path: Path) -> None:
    instance = write_instance(tmp_path / "grid")
    asked = task(instance, "grid/base", variation=None)
    (result,) = carried_out([asked], tmp_path / "tasks")
    solve_instance(
        instance, "base", asked.options, out=tmp_path / "solve", force=False, start=None, watch=Silence()
    )  # fmt: skip
    assert result.ending == "solved"
    assert result.folder == tmp_path / "tasks" / "grid" / "base"
    assert content(result.folder) == content(tmp_path / "solve" / "base")
    mark = json.loads((result.folder / "task.json").read_text(encoding="utf-8"))
    assert mark["instance"] == read_run(result.folder).record["inputs"] == instance.as_posix()


def test_posts_for_the_classes_of_a_run(tmp_path: Path) -> None:
    """The run that is gone on from is read elsewhere too, and what is noted of it names it as it was named here."""
    instance, start = write_district(tmp_path / "district"), tmp_path / "first"
    (given,) = carried_out([task(instance, "base", posts=True, variation=None)], start)
    with (given.folder / "classes.csv").open("a", encoding="utf-8") as file:
        file.write("Z,primary,1,80,2,80,whole\r\n")
    asked = task(instance, "base", posts=True, variation=None, start=given.folder)
    (result,) = carried_out([asked], tmp_path / "tasks")
    solve_posts(
        instance, "base", asked.options, out=tmp_path / "solve", force=False, start=given.folder, watch=Silence()
    )  # fmt: skip
    assert content(result.folder) == content(tmp_path / "solve" / "base")
    assert result.notes == (("cli.posts.classes_partly", {"folder": given.folder.as_posix(), "known": 2, "rows": 3}),)


def test_a_second_start_solves_what_is_new_alone(tmp_path: Path) -> None:
    instance = write_instance(tmp_path / "grid")
    first = [task(instance, "a", places=180), task(instance, "b", places=220)]
    carried_out(first, tmp_path / "out")
    before = content(tmp_path / "out")
    watch = Onlooker()
    results = carried_out([*first, task(instance, "c", places=260)], tmp_path / "out", watch)
    assert endings(results) == ["kept", "kept", "solved"]
    assert (watch.kept, watch.seen) == (2, ["c"])
    assert before.items() <= content(tmp_path / "out").items()


def test_another_run_is_not_replaced_unawares(tmp_path: Path) -> None:
    instance, out = write_instance(tmp_path / "grid"), tmp_path / "out"
    carried_out([task(instance, "b", places=180)], out)
    (out / "mine").mkdir()
    (out / "mine" / "letter.txt").write_text("not a run", encoding="utf-8")
    asked = [task(instance, "a"), task(instance, "b", places=220)]
    with pytest.raises(RunExists):
        carried_out(asked, out)
    assert not (out / "a").exists()
    assert endings(carried_out(asked, out, force=True)) == ["solved", "solved"]
    assert endings(carried_out(asked, out, force=True)) == ["kept", "kept"]
    with pytest.raises(RunExists):
        carried_out([task(instance, "mine")], out, force=True)


@pytest.mark.parametrize(
    ("file", "damaged"),
    [
        ("task.json", "[" * 100_000),
        ("task.json", '{"key": "KEY", "seconds": "x"}'),
        ("run.json", '{"status": "optimal"}'),
    ],
)
def test_a_damaged_run_is_not_kept(file: str, damaged: str, tmp_path: Path) -> None:
    asked, out = [task(write_instance(tmp_path / "grid"), "a")], tmp_path / "out"
    carried_out(asked, out)
    key = json.loads((out / "a" / "task.json").read_text(encoding="utf-8"))["key"]
    (out / "a" / file).write_text(damaged.replace("KEY", key), encoding="utf-8")
    with pytest.raises(RunExists):
        carried_out(asked, out)
    assert endings(carried_out(asked, out, force=True)) == ["solved"]


def test_a_task_that_fails_is_told_of_and_the_rest_go_on(tmp_path: Path) -> None:
    instance = write_instance(tmp_path / "grid")
    results = carried_out(
        [
            task(instance, "a"),
            task(write_instance(tmp_path / "bad", demand=demand_rows(students=-1)), "b"),
            task(tmp_path / "nowhere", "c"),
            task(instance, "d", after="b"),
        ],
        tmp_path / "out",
    )
    assert endings(results) == ["solved", "failed", "failed", "solved"]
    faulty, missing = (result.failure.exception for result in results[1:3])
    assert isinstance(faulty, FaultyInput)
    assert {fault.file for fault in faulty.faults} == {"demand.csv"}
    assert isinstance(missing, FileNotFoundError)
    assert sorted(folder.name for folder in (tmp_path / "out").iterdir()) == ["a", "d"]


def test_no_plan_possible_is_a_result(tmp_path: Path) -> None:
    instance = write_instance(tmp_path / "grid")
    (result,) = carried_out([task(instance, "a", places=0)], tmp_path / "out")
    # 360 children, 300 places left at S2
    assert result.ending == "solved"
    assert read_run(result.folder).status == "infeasible"


def test_a_task_begins_from_the_catchments_of_another(tmp_path: Path) -> None:
    """U2, U5 and U8 are as far from either school: of plans as good the one that was begun from is found."""
    column = {"U2", "U5", "U8"}
    for school in ("S1", "S2"):
        must = [{"unit_id": unit, "stage": "primary", "school_id": school, "rule": "must"} for unit in sorted(column)]
        held = write_instance(tmp_path / school, fixed=must)
        tasks = [task(write_instance(tmp_path / "grid"), "free", after="held"), task(held, "held")]
        results = carried_out(tasks, tmp_path / f"{school} out")
        catchments = read_run(results[0].folder).tables["catchments"].set_index("unit_id")["school_id"]
        assert set(catchments[sorted(column)]) == {school}
        later = task(tmp_path / "grid", "later", after="held")
        (again,) = carried_out([later], tmp_path / f"{school} out")
        assert read_run(again.folder).tables["catchments"].equals(read_run(results[0].folder).tables["catchments"])


def test_the_key_holds_what_is_begun_from(tmp_path: Path) -> None:
    instance, out = write_instance(tmp_path / "grid"), tmp_path / "out"
    carried_out([task(instance, "a"), task(instance, "b", places=220, after="a")], out)
    changed = [task(instance, "a", places=200), task(instance, "b", places=220, after="a")]
    with pytest.raises(RunExists):
        carried_out(changed, out)
    shutil.rmtree(out / "a")
    assert endings(carried_out(changed, out, force=True)) == ["solved", "solved"]


def test_what_failed_is_not_begun_from_though_an_older_run_stands_there(tmp_path: Path) -> None:
    """The older run holds the middle column with S2; a cold start, as in the empty folder, is what the second makes."""
    column = [{"unit_id": f"U{k}", "stage": "primary", "school_id": "S2", "rule": "must"} for k in (2, 5, 8)]
    instance, held = write_instance(tmp_path / "grid"), write_instance(tmp_path / "held", fixed=column)
    carried_out([task(held, "a")], tmp_path / "out")
    (held / "demand.csv").unlink()
    asked = [task(held, "a"), task(instance, "b", after="a")]
    assert endings(carried_out(asked, tmp_path / "out", force=True)) == ["failed", "solved"]
    assert endings(carried_out(asked, tmp_path / "empty")) == ["failed", "solved"]
    assert content(tmp_path / "out" / "b") == content(tmp_path / "empty" / "b")


def test_a_damaged_run_fails_the_task_that_begins_from_it_alone(tmp_path: Path) -> None:
    instance, out = write_instance(tmp_path / "grid"), tmp_path / "out"
    carried_out([task(instance, "a")], out)
    (out / "a" / "catchments.csv").unlink()
    asked = [task(instance, "a"), task(instance, "b", after="a"), task(instance, "c", places=220)]
    assert endings(carried_out(asked, out)) == ["kept", "failed", "solved"]


def test_the_heaviest_is_begun_first(tmp_path: Path) -> None:
    instance = write_instance(tmp_path / "grid", schools=[school_row("S1", 0.5, 1.5, places=0)])
    watch = Onlooker()
    weights = {"a": 1.0, "b": 3.0, "c": 2.0, "d": 3.0}
    results = carried_out([task(instance, name, weight=weights[name]) for name in weights], tmp_path / "out", watch)
    assert watch.seen == ["b", "d", "c", "a"]
    assert [result.task.name for result in results] == list(weights)


def test_what_arrived_before_a_stop_is_stored(tmp_path: Path) -> None:
    instance = write_instance(tmp_path / "grid")
    tasks = [task(instance, name, places=places) for name, places in (("a", 180), ("b", 200), ("c", 220))]
    watch = Onlooker()
    watch.at_look = lambda: watch.seen == ["a"]
    assert endings(carried_out(tasks, tmp_path / "out", watch)) == ["solved", "left", "left"]
    assert [folder.name for folder in (tmp_path / "out").iterdir()] == ["a"]
    assert endings(carried_out(tasks, tmp_path / "out")) == ["kept", "solved", "solved"]


def test_a_run_that_another_call_stored_in_the_meantime_stands(tmp_path: Path) -> None:
    instance = write_instance(tmp_path / "grid")
    tasks = [task(instance, name, places=places) for name, places in (("a", 180), ("b", 200))]
    watch = Onlooker(at_arrival=lambda _: carried_out(tasks, tmp_path / "out"))
    assert endings(carried_out(tasks, tmp_path / "out", watch)) == ["solved", "solved"]
    assert sorted(folder.name for folder in (tmp_path / "out").iterdir()) == ["a", "b"]


def test_an_instance_that_changes_under_way_fails_what_is_not_begun(tmp_path: Path) -> None:
    one = write_instance(tmp_path / "one")
    other = write_instance(tmp_path / "other", demand=demand_rows(students=38))
    watch = Onlooker(at_arrival=lambda _: write_instance(other, demand=demand_rows(students=39)))
    results = carried_out([task(one, "a"), task(other, "b")], tmp_path / "out", watch)
    assert endings(results) == ["solved", "failed"]
    assert endings(carried_out([task(one, "a"), task(other, "b")], tmp_path / "out")) == ["kept", "solved"]
