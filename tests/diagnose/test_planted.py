"""What was planted in a corner of binhe is named, and what is offered as a repair makes a plan."""

import shutil
from collections.abc import Iterable, Mapping
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from diagnose.planned import has_plan, has_posts, solved
from diagnose.planted import CASES, NAME, Planted, blamed

from models.diagnosis import Repair
from models.settings import merge
from models.watch import Silence
from optimizer.diagnose.diagnose import Terms, diagnose_instance
from optimizer.diagnose.families import PURCHASED, WITHOUT, in_force
from optimizer.diagnose.posts.case import RULES
from optimizer.io import build_district, read_source
from optimizer.io.amend import write_scenario

THOROUGH = ("tracks", "max_travel_tracks", "no_return_direction")
"""Cases of which every repair is solved, not the first alone."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_planted(case: Planted, corner: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(corner, tmp_path / "corner"))
    terms = Terms(workers=2, students_only=not case.posts)
    diagnosis = diagnose_instance(folder, case.plant(folder), terms, watch=Silence())
    assert diagnosis.possible is False
    assert case.rules <= blamed(diagnosis)
    assert case.levers & {repair.lever for repair in diagnosis.repairs}
    for repair in diagnosis.repairs if case.name in THOROUGH else diagnosis.repairs[:1]:
        assert makes_a_plan(repair, case, folder, tmp_path), repair
    conflict = diagnosis.conflict
    if conflict is not None and conflict.minimal:
        needed = posts_need if case.posts else children_need
        assert set(conflict.rules) == set(needed(conflict.rules, folder, tmp_path))


def makes_a_plan(repair: Repair, case: Planted, folder: Path, out: Path) -> bool:
    """Whether a repair, written as an override, is enough."""
    write_scenario(folder, "repaired", repair.patch, base=NAME, force=True)
    return has_plan(folder, "repaired", out, students_only=not case.posts)


def children_need(rules: Iterable[str], folder: Path, out: Path) -> Iterable[str]:
    """Those of some rules without which the others have a plan, all further rules about children being off."""
    further = set(in_force(build_district(read_source(folder, NAME)))) - set(rules)
    for rule in rules:
        patch: Mapping[str, Any] = reduce(merge, map(without, sorted({*further, rule})), {})
        write_scenario(folder, "without", patch, base=NAME, force=True)
        if has_plan(folder, "without", out, students_only=True):
            yield rule


def without(rule: str) -> Mapping[str, Any]:
    """An override that takes a rule about children out."""
    return {"schools": {"M01": {"purchased_places": 10_000}}} if rule == PURCHASED else WITHOUT[rule]


def posts_need(rules: Iterable[str], folder: Path, out: Path) -> Iterable[str]:
    """Those of some rules without which the others have a plan of posts, all further rules about posts being off."""
    children = solved(folder, NAME, out, students_only=True)
    for rule in rules:
        off = {other: "off" for other in RULES if other == rule or other not in rules}
        write_scenario(folder, "without", {"rules": off}, base=NAME, force=True)
        if has_posts(folder, "without", out, children.folder):
            yield rule


def test_smaller_classes_lack_rooms_and_teachers(corner: Path) -> None:
    """667, 611 and 584 in junior school are 20 + 18 + 17 classes of 35, more than the 3 · 18 rooms."""
    diagnosis = diagnose_instance(corner, "cap_35", Terms(time_limit_s=1.0), watch=Silence())
    assert diagnosis.possible is False
    counts = {count.key: count for count in diagnosis.counts}
    rooms, teachers, quota = counts["rooms"], counts["posts_fewest"], counts["posts_quota"]
    assert rooms.proves
    assert rooms.schools == ("J06", "J07", "J09")
    assert {fact: rooms.facts[fact] for fact in ("students", "classes", "rooms", "short")} == {
        "students": 1862,
        "classes": 55,
        "rooms": 54,
        "short": 1,
    }
    assert not teachers.proves
    assert teachers.short > 0.0
    assert quota.facts["quota"] == 334
    assert quota.short > 0.0
