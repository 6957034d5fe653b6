"""Baltimore County, Southwest Area: two scenarios, and the plans of its committee, counted from the CSV files alone."""

import csv
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli import xuewei
from models.watch import Silence
from optimizer.console.compare import Order, compare_plans
from optimizer.console.voice import Voice

Held = dict[str, str]
"""The school of each block."""


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


class Counted:
    """What the files of the instance say."""

    def __init__(self, instance: Path) -> None:
        self.students = {row["unit_id"]: int(row["students"]) for row in read(instance / "demand.csv")}
        self.stated = {row["school_id"]: int(row["places"]) for row in read(instance / "schools.csv")}
        self.overrides = tomllib.loads((instance / "scenarios.toml").read_text(encoding="utf-8"))["overrides"]
        self.today = {row["unit_id"]: row["school_id"] for row in read(instance / "current.csv")}
        self.plans: dict[str, Held] = {}
        for row in read(instance / "reference_plans.csv"):
            self.plans.setdefault(row["plan"], {})[row["unit_id"]] = row["school_id"]

    def places(self, year: int) -> dict[str, int]:
        changed = self.overrides[f"buildings_{year}"]["schools"]
        return self.stated | {school: int(cells["places"]) for school, cells in changed.items()}

    def beyond(self, held: Held, year: int) -> dict[str, int]:
        """Children beyond the places of each school that is too small."""
        load: Counter[str] = Counter()
        for unit, school in held.items():
            load[school] += self.students[unit]
        places = self.places(year)
        return {school: n - places[school] for school, n in load.items() if n > places[school]}

    def changed(self, before: Held, after: Held) -> list[str]:
        return sorted(unit for unit in before if before[unit] != after[unit])

    def flows(self, before: Held, after: Held) -> dict[tuple[str, str], tuple[int, int]]:
        units, students = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for unit in self.changed(before, after):
            units[before[unit], after[unit]] += 1
            students[before[unit], after[unit]] += self.students[unit]
        return {pair: (units[pair], students[pair]) for pair in units}


@pytest.fixture(scope="module")
def instance(shared: Path) -> Path:
    return shared / "data" / "districts" / "bcps-southwest"


@pytest.fixture(scope="module")
def counted(instance: Path) -> Counted:
    return Counted(instance)


@pytest.fixture(scope="module")
def runs(instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bcps")
    asked = ("--scenario", "y2016", "--scenario", "y2017", "--workers", "1", "--gap", "0.01", "--out", str(out))
    result = CliRunner().invoke(xuewei, ["--lang", "en", "--quiet", "solve", str(instance), *asked])
    assert result.exit_code == 0, result.output
    return out


def stored(run: Path) -> Held:
    return {row["unit_id"]: row["school_id"] for row in read(run / "catchments.csv")}


def compare(*runs: Path, **asked: Any) -> tuple[dict[str, Any], str]:
    document, lines = compare_plans(Order(tuple(map(str, runs)), **asked), Silence(), Voice("en"))
    return document, "\n".join(lines)


def test_two_years_of_buildings(runs: Path, counted: Counted) -> None:
    document, told = compare(runs / "y2016", runs / "y2017")
    difference = document["plans"][0]["difference"]
    before, after = stored(runs / "y2016"), stored(runs / "y2017")
    changed = counted.changed(before, after)
    students = sum(counted.students[unit] for unit in changed)
    assert changed
    assert sorted(row["unit_id"] for row in difference["units"]["rows"]) == changed
    assert (difference["units"]["changed"], difference["units"]["decided"]) == (len(changed), 182)
    assert (difference["units"]["students"], difference["children"]["elsewhere_at_least"]) == (students, students)
    away = sum(after[unit] != counted.today[unit] for unit in changed)
    back = sum(after[unit] == counted.today[unit] for unit in changed)
    assert (difference["units"]["away_from_today"], difference["units"]["back_to_today"]) == (away, back)
    flows = {
        (row["from_school_id"], row["to_school_id"]): (row["units"], row["students"]) for row in difference["flows"]
    }
    assert flows == counted.flows(before, after)
    first, second = counted.places(2016), counted.places(2017)
    cells = {(row["school_id"], row["before"], row["after"]) for row in difference["inputs"]["schools"]}
    assert cells == {(school, first[school], second[school]) for school in first if first[school] != second[school]}
    assert {row["cell"] for row in difference["inputs"]["schools"]} == {"places"}
    assert (difference["inputs"]["settings"], difference["inputs"]["children"], difference["inputs"]["files"]) == (
        [],
        [],
        [],
    )
    indices = {(row["index"], row["stage"]): row for row in difference["indices"] if row["scope"] == "district"}
    moved = [sum(held[u] != counted.today[u] for u in held) for held in (before, after)]
    row = indices["changed_units", "primary"]
    assert [row["before"], row["after"]] == moved
    assert row["verdict"] == ("same" if moved[0] == moved[1] else "better" if moved[1] < moved[0] else "worse")
    assert told.startswith(
        f"y2017 beside y2016: {len(changed)} of 182 units change hands; {students:,} of 5,443 children"
    )
    assert "Both keep every hard rule." in told.splitlines()[0]
    full = [held for held, year in ((before, 2016), (after, 2017)) if counted.beyond(held, year)]
    assert full == []


def test_all_plans_of_the_committee(runs: Path, counted: Counted, instance: Path) -> None:
    document, told = compare(runs / "y2017", plans=(str(instance / "reference_plans.csv"),))
    ours = stored(runs / "y2017")
    plans = {plan["title"]: plan for plan in document["plans"]}
    assert list(plans) == list(counted.plans) and len(plans) == 22
    for name, held in counted.plans.items():
        plan, beyond = plans[name], counted.beyond(held, 2017)
        difference = plan["difference"]
        changed = counted.changed(ours, held)
        assert plan["beyond_places"] == sum(beyond.values())
        found = {each["where"]: each["breach"] for each in plan["shortfalls"] if each["rule"] == "places"}
        assert found == beyond
        assert sorted(row["unit_id"] for row in difference["units"]["rows"]) == changed
        assert difference["children"]["elsewhere_at_least"] == sum(counted.students[unit] for unit in changed)
        flows = {(r["from_school_id"], r["to_school_id"]): (r["units"], r["students"]) for r in difference["flows"]}
        assert flows == counted.flows(ours, held)
        assert difference["inputs"]["same"]
    totals = [plan["beyond_places"] for plan in plans.values()]
    assert (min(totals), max(totals)) == (56, 158)
    assert [name for name, plan in plans.items() if plan["in_pieces"]] == ["Opt1", "Opt11617", "OptJ"]
    head = told.splitlines()[0]
    assert head.startswith("22 plans beside y2017: each gives schools more children than they offer places, 56 to 158")
    assert "catchments lie in pieces in 3 of them (Opt1, Opt11617, OptJ)" in head


def test_one_plan_of_the_committee_beside_today(runs: Path, counted: Counted, instance: Path) -> None:
    """Both are drawn: they are judged under the run, which is named with them."""
    document, _ = compare(
        runs / "y2017", Path("current"), plans=(f"{instance / 'reference_plans.csv'}#OptJ",), baseline="current"
    )
    plan = {each["title"]: each for each in document["plans"]}["OptJ"]
    changed = counted.changed(counted.today, counted.plans["OptJ"])
    assert plan["difference"]["units"]["changed"] == len(changed)
    assert document["baseline"]["beyond_places"] == sum(counted.beyond(counted.today, 2017).values())
