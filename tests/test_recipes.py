"""The recipes in docs/recipes are run on the data they are written for, where those lie beside the repository."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from cli import xuewei

CLASS_CAP = {"primary": 45, "junior": 50}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(xuewei, ["--lang", "en", "--quiet", *map(str, arguments)])


def catchments(path: Path) -> dict[tuple[str, str], set[str]]:
    """The schools of every unit and stage."""
    table = pd.read_csv(path)
    return {key: set(rows) for key, rows in table.groupby(["unit_id", "stage"])["school_id"]}


@pytest.fixture(scope="module")
def published(shared: Path) -> Path:
    return shared / "data" / "china" / "baoan_2024"


@pytest.fixture(scope="module")
def baoan(repository: Path, published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recipes") / "baoan"
    script = repository / "docs" / "recipes" / "baoan.py"
    subprocess.run([sys.executable, "-W", "error", str(script), str(published), str(folder)], check=True)
    return folder


def shared_texts(published: Path) -> Iterator[set[str]]:
    """Names of the schools of one stage whose catchments the plan describes in the same words."""
    schools = gpd.read_file(published / "area2_schools.geojson")
    for _, names in schools.groupby(["stage", "belongsText"])["schoolName"]:
        yield set(names)


def test_what_is_published_stays(baoan: Path, published: Path) -> None:
    source = gpd.read_file(published / "area2_schools.geojson").set_index("schoolName")
    schools = pd.read_csv(baoan / "schools.csv").set_index("name")
    classes = schools["classes_per_grade_primary"].fillna(schools["classes_per_grade_junior"])
    assert classes.to_dict() == source["schoolClass"].to_dict()
    assert set(schools.index[~schools["anchor"]]) == {name for name in source.index if "借址" in name}
    name = pd.Series(schools.index, index=schools["school_id"])
    held = {frozenset(name[list(ids)]) for ids in catchments(baoan / "current.csv").values()}
    assert held == set(map(frozenset, shared_texts(published)))
    assert sum(len(names) > 1 for names in held) == 13


def test_estates_do_not_overlap(baoan: Path) -> None:
    units = gpd.read_file(baoan / "units.geojson").to_crs("EPSG:32649")
    assert 300 < len(units) < 400
    assert units.area.sum() - units.union_all().area < 1.0


def test_children_nearly_fill_the_first_classes(baoan: Path) -> None:
    """93 % of 172 classes of 45, and 96 % of 113 classes of 50; 15 % of each are migrant children."""
    demand, schools = pd.read_csv(baoan / "demand.csv"), pd.read_csv(baoan / "schools.csv")
    for stage, cap in CLASS_CAP.items():
        children = demand[demand["stage"] == stage].groupby("category")["students"].sum()
        places = cap * schools[f"classes_per_grade_{stage}"].sum()
        assert 0.93 <= children.sum() / places <= 0.97
        assert children["migrant"] / children.sum() == pytest.approx(0.15, abs=0.01)


def test_check_warns_of_what_the_page_says(baoan: Path) -> None:
    result = run("check", baoan, "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["faults"] == []
    assert {warning["code"] for warning in report["warnings"]} == {"S213", "G205"}


@pytest.mark.parametrize("scenario", ["as_published", "base"])
def test_solve_keeps_what_is_shared(baoan: Path, shared: Path, tmp_path: Path, scenario: str) -> None:
    named = [] if scenario == "base" else ["--scenario", scenario]
    result = run("solve", baoan, *named, "--out", tmp_path, "--workers", "1")
    assert result.exit_code == 0, result.output
    plan, today = catchments(tmp_path / scenario / "catchments.csv"), catchments(baoan / "current.csv")
    several = {key: schools for key, schools in today.items() if len(schools) > 1}
    assert {key: plan[key] for key in several} == several
    assert {key for key, schools in plan.items() if len(schools) > 1} == set(several)
    checker = [sys.executable, str(shared / "check_plan.py"), str(baoan), str(tmp_path / scenario), *named]
    judged = subprocess.run(checker, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_kept_catchments_overflow_into_other_schools(baoan: Path, tmp_path: Path) -> None:
    """Both crowded catchments are one school's: zoned children above its first classes sit elsewhere."""
    assert run("solve", baoan, "--scenario", "as_published", "--out", tmp_path, "--workers", "1").exit_code == 0
    outside = pd.read_csv(tmp_path / "as_published" / "coordination.csv", encoding="utf-8-sig")
    zoned = outside[outside["category"] == "local"].groupby("catchment_school_id")["students"].sum()
    demand, current = pd.read_csv(baoan / "demand.csv"), pd.read_csv(baoan / "current.csv")
    local = demand[demand["category"] == "local"].merge(current, on=["unit_id", "stage"])
    wanted = local.groupby("school_id")["students"].sum()
    assert zoned.to_dict() == {"J05": wanted["J05"] - 15 * 50, "P19": wanted["P19"] - 6 * 45}
