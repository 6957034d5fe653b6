"""The key of a task: equal for equal runs, another for everything that a run depends on."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from districts import write_instance
from tasks.tasking import OPTIONS, task

from models.variation import Variation
from optimizer.tasks.parcel import pack_instance
from optimizer.tasks.task import Task, key_of


def key(asked: Task, after: str = "") -> str:
    return key_of(asked, pack_instance(asked.instance).digest, "", after)


def test_where_a_run_is_made_and_for_whom_does_not_matter(tmp_path: Path) -> None:
    instance = write_instance(tmp_path / "grid")
    moved = Path(shutil.copytree(instance, tmp_path / "elsewhere" / "copy"))
    (moved / "runs" / "base").mkdir(parents=True)
    (moved / "runs" / "base" / "units.csv").write_text("unit_id\n", encoding="utf-8")
    (moved / "notes.txt").write_text("not a table", encoding="utf-8")
    asked = task(instance)
    same = replace(task(moved, "007"), weight=5.0, options=replace(OPTIONS, inputs="grid", language="zh"))
    assert key(asked) == key(same)


def test_all_that_a_run_depends_on_matters(tmp_path: Path) -> None:
    instance = write_instance(tmp_path / "grid")
    asked = task(instance)
    others = [
        task(instance, scenario="other"),
        task(instance, places=200),
        task(instance, places=201),
        task(instance, variation=Variation("base", "a title")),
        task(instance, posts=True),
        *(task(instance, options=replace(OPTIONS, **{name: value})) for name, value in
          {"seed": 2, "work_limit": 201, "gap": 0.01, "workers": 2, "hold": 2}.items()),
    ]  # fmt: skip
    keys = [key(asked), key(asked, after="f" * 64), *(key(other) for other in others)]
    keys.append(key_of(asked, pack_instance(instance).digest, "0" * 64, ""))
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("file", ["instance.toml", "scenarios.toml", "demand.csv"])
def test_every_byte_of_the_instance_matters(tmp_path: Path, file: str) -> None:
    instance = write_instance(tmp_path / "grid", scenarios="[scenarios]\nother = []\n")
    before = key(task(instance))
    with (instance / file).open("a", encoding="utf-8") as written:
        written.write("\n")
    assert key(task(instance)) != before
