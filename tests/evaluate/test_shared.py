"""The plans that a committee drew for a real district, counted here from its files alone."""

import csv
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import networkx as nx
import pytest
from click.testing import CliRunner

from cli import xuewei

IN_PIECES = {"Opt1", "Opt11617", "OptJ"}
PLACES_2017 = {"0101": 715, "1310": 689, "0103": 650, "0102": 699}


def read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture(scope="module")
def district(shared: Path) -> Path:
    return shared / "data" / "districts" / "bcps-southwest"


@pytest.fixture(scope="module")
def committee(district: Path) -> dict[str, dict[str, str]]:
    """School of every unit, by plan."""
    plans: dict[str, dict[str, str]] = {}
    for row in read(district / "reference_plans.csv"):
        plans.setdefault(row["plan"], {})[row["unit_id"]] = row["school_id"]
    return plans


def evaluate(district: Path, plan: str, *more: str) -> dict:
    asked = [
        "--lang",
        "en",
        "--quiet",
        "evaluate",
        str(district),
        "--scenario",
        "y2017",
        "--plan",
        plan,
        "--json",
        *more,
    ]
    result = CliRunner().invoke(xuewei, asked)
    assert result.exit_code == 4, result.output
    return json.loads(result.stdout)


def count_beyond(district: Path, plan: Mapping[str, str]) -> dict[str, int]:
    """Children beyond the places of 2017, by school."""
    places = {row["school_id"]: int(row["places"]) for row in read(district / "schools.csv")} | PLACES_2017
    held: Counter[str] = Counter()
    for row in read(district / "demand.csv"):
        held[plan[row["unit_id"]]] += int(row["students"])
    return {school: held[school] - places[school] for school in held if held[school] > places[school]}


def find_in_pieces(touching: nx.Graph, plan: Mapping[str, str]) -> set[str]:
    """Schools whose units do not touch one another."""
    members: dict[str, list[str]] = {}
    for unit, school in plan.items():
        members.setdefault(school, []).append(unit)
    return {school for school, units in members.items() if not nx.is_connected(touching.subgraph(units))}


@pytest.fixture(scope="module")
def touching(district: Path) -> nx.Graph:
    """Units at most half a metre apart that meet along a line, however short where a unit is a sliver."""
    units = gpd.read_file(district / "units.geojson").to_crs("EPSG:26985")
    ids, shapes = units["unit_id"].astype(str), units.geometry.make_valid()
    graph = nx.Graph()
    graph.add_nodes_from(ids)
    for a, b in zip(*shapes.sindex.query(shapes, predicate="dwithin", distance=0.5), strict=True):
        if a < b:
            along = shapes.iloc[a].boundary.intersection(shapes.iloc[b].buffer(0.5)).length
            if along >= min(5.0, 0.5 * shapes.iloc[a].length, 0.5 * shapes.iloc[b].length):
                graph.add_edge(ids.iloc[a], ids.iloc[b])
    return graph


def test_what_the_committees_plans_break(district: Path, committee: dict, touching: nx.Graph) -> None:
    """56 to 158 children beyond the places of 2017 in each, and three plans in pieces."""
    document = evaluate(district, str(district / "reference_plans.csv"), "--no-mend", "--time-limit", "20")
    assert [plan["plan"] for plan in document["plans"]] == list(committee)
    for plan in document["plans"]:
        drawn = committee[plan["plan"]]
        beyond = count_beyond(district, drawn)
        totals = {(total["rule"], total["kind"]): total for total in plan["totals"]}
        assert {where: amount for where, amount, _ in totals["places", ""]["places"]} == beyond
        assert 56 <= totals["places", ""]["total"] == sum(beyond.values()) <= 158
        pieces = {where for where, *_ in totals.get(("contiguous", "pieces"), {"places": []})["places"]}
        assert pieces == find_in_pieces(touching, drawn)
        assert bool(pieces) == (plan["plan"] in IN_PIECES)
        (travel,) = plan["levels"]
        assert travel["bound"] <= travel["best"] <= travel["drawn"]
    assert {sum(count_beyond(district, plan).values()) for plan in committee.values()} >= {56, 158}


@pytest.mark.parametrize(("name", "units"), [("OptJ", 3)])
def test_a_committees_plan_is_mended(
    district: Path, committee: dict, touching: nx.Graph, tmp_path: Path, name: str, units: int
) -> None:
    """Each with the fewest units, proved; what is written keeps the places and is in one piece, counted here."""
    plan = f"{district / 'reference_plans.csv'}#{name}"
    document = evaluate(district, plan, "--out", str(tmp_path), "--time-limit", "60")
    mending = document["plans"][0]["mending"]
    assert (mending["units"], mending["least"], mending["proved"]) == (units, units, True)
    mended = {row["unit_id"]: row["school_id"] for row in read(tmp_path / name / "catchments.csv")}
    differs = {unit for unit, school in mended.items() if committee[name][unit] != school}
    assert differs == {change["unit_id"] for change in mending["changes"]}
    assert len(differs) == units
    assert count_beyond(district, mended) == {}
    assert find_in_pieces(touching, mended) == set()
