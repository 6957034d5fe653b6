"""`xuewei compare` of the runs of instances/six, of today's catchments and of tables of catchments.

Six units, two schools: base has a plan, new_wing gives B a second room a grade, wing_closed has no plan.
"""

import json
import re
import shutil
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from postings import make_pool, make_staff_plan
from wording import banned_in

from cli import xuewei
from models.outcome import Outcome, Status
from models.run import Run
from models.sentences import Language
from models.watch import Silence
from optimizer.console.compare import Order, compare_plans
from optimizer.console.exits import Exit, Refusal
from optimizer.console.voice import Voice
from optimizer.indices import compute_staff_indices
from optimizer.runs import store_posts

ENGLISH = re.compile(r"[A-Za-z]?[a-z']+(?:,? [a-z']{2,}){2,}")
CALL = re.compile(r"`[^`]*`")


@pytest.fixture(scope="module")
def place(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the district `six`, its runs, and two tables of catchments drawn by hand."""
    folder = tmp_path_factory.mktemp("compare")
    shutil.copytree(repository / "instances" / "six", folder / "six")
    names = [part for name in ("base", "new_wing", "wing_closed") for part in ("--scenario", name)]
    arguments = ["solve", folder / "six", *names, "--out", folder / "runs", "--workers", "1", "--no-diagnose"]
    result = CliRunner().invoke(xuewei, ["--lang", "en", "--quiet", *map(str, arguments)])
    assert result.exit_code == 4, result.output
    stored = pd.read_csv(folder / "runs" / "base" / "catchments.csv", dtype=str, encoding="utf-8-sig")
    all_a = stored.assign(school_id="A", plan="all A")
    pd.concat([stored.assign(plan="as base"), all_a]).to_csv(folder / "plans.csv", index=False)
    return folder


def compare(
    *runs: object, language: Language = "en", verbose: bool = False, **asked: Any
) -> tuple[dict[str, Any], str]:
    voice = Voice(language, verbose=verbose)
    document, lines = compare_plans(Order(tuple(map(str, runs)), **asked), Silence(), voice)
    return document, "\n".join(lines)


def refused(*runs: object, **asked: Any) -> Refusal:
    with pytest.raises(Refusal) as stop:
        compare(*runs, **asked)
    return stop.value


def test_two_plans_in_full(place: Path) -> None:
    """What differs is read off the tables of the two runs."""
    base, wing = place / "runs" / "base", place / "runs" / "new_wing"
    document, told = compare(base, wing)
    before, after = (
        pd.read_csv(run / "catchments.csv", dtype=str, encoding="utf-8-sig").set_index("unit_id")["school_id"]
        for run in (base, wing)
    )
    changed = sorted(unit for unit in before.index if before[unit] != after[unit])
    (plan,) = document["plans"]
    difference = plan["difference"]
    assert sorted(row["unit_id"] for row in difference["units"]["rows"]) == changed
    assert told.startswith(f"new_wing beside base: {len(changed)} of 6 units change hands")
    assert {row["cell"] for row in difference["inputs"]["schools"]} == {"classrooms", "classes_per_grade_primary"}
    assert "classrooms 6 → 12" in told
    records = [json.loads((run / "run.json").read_text(encoding="utf-8")) for run in (base, wing)]
    change = records[1]["mean_m"] - records[0]["mean_m"]
    (row,) = [
        row for row in difference["indices"] if (row["index"], row["scope"], row["stage"]) == ("mean_m", "district", "")
    ]
    assert row["change"] == pytest.approx(change)
    assert row["verdict"] == ("better" if change < 0 else "worse")


def test_a_plan_beside_itself(place: Path) -> None:
    base = place / "runs" / "base"
    document, told = compare(base, base)
    assert told.splitlines() == [
        "base beside base: there is no difference, neither in the input nor in the plan nor in its figures."
    ]
    difference = document["plans"][0]["difference"]
    assert difference["inputs"]["same"] and difference["shortfalls"] == []
    assert {row["verdict"] for row in difference["indices"]} <= {"same"}


def test_a_drawn_plan_that_is_the_stored_one_differs_in_nothing_but_its_proof(place: Path) -> None:
    document, _ = compare(place / "runs" / "base", plans=(f"{place / 'plans.csv'}#as base",))
    difference = document["plans"][0]["difference"]
    assert (difference["units"]["rows"], difference["children"]["rows"], difference["flows"]) == ([], [], [])
    assert {row["verdict"] for row in difference["indices"]} <= {"same"}
    assert document["plans"][0]["status"] == "drawn"


def test_several_plans_in_a_table_one_of_them_without_a_plan(place: Path) -> None:
    """All six units at A: beyond its rooms. wing_closed has no plan, and its row says so."""
    runs = place / "runs"
    document, told = compare(
        runs / "base", "current", runs / "wing_closed", runs / "new_wing", plans=(str(place / "plans.csv"),)
    )
    assert [plan["title"] for plan in document["plans"]] == [
        "today's catchments", "wing_closed", "new_wing", "as base", "all A"
    ]  # fmt: skip
    assert [plan["difference"] is None for plan in document["plans"]] == [False, True, False, False, False]
    lines = told.splitlines()
    assert lines[0].startswith("5 plans beside base: ")
    assert "1 without a plan (wing_closed)" in lines[0]
    (row,) = [line for line in lines if line.startswith("wing_closed ")]
    assert row.split() == ["wing_closed", "impossible"]
    assert document["plans"][4]["hard_rules_broken"] > 0
    assert "What was given otherwise than to the baseline:" in lines


def test_the_baseline_by_its_folder_its_scenario_or_its_plan(place: Path) -> None:
    base, wing = place / "runs" / "base", place / "runs" / "new_wing"
    plans = (str(place / "plans.csv"),)
    for asked, title in ((str(wing), "new_wing"), ("new_wing", "new_wing"), ("all A", "all A"), ("base", "base")):
        document, _ = compare(base, wing, plans=plans, baseline=asked)
        assert document["baseline"]["title"] == title
        assert title not in [plan["title"] for plan in document["plans"]]
    document, _ = compare("current", base)
    assert document["baseline"]["title"] == "today's catchments"


def test_there_and_back_are_mirror_images(place: Path) -> None:
    base, wing = place / "runs" / "base", place / "runs" / "new_wing"
    there, back = (compare(*pair)[0]["plans"][0]["difference"] for pair in ((base, wing), (wing, base)))
    assert there["units"]["changed"] == back["units"]["changed"]
    assert there["children"]["elsewhere_at_least"] == back["children"]["elsewhere_at_least"]
    assert (there["bindings"]["new"], there["bindings"]["gone"]) == (back["bindings"]["gone"], back["bindings"]["new"])
    turned = {"better": "worse", "worse": "better"}
    verdicts = {(row["index"], row["scope"], row["stage"]): row["verdict"] for row in back["indices"]}
    for row in there["indices"]:
        assert verdicts[row["index"], row["scope"], row["stage"]] == turned.get(row["verdict"], row["verdict"])


@pytest.mark.parametrize("verbose", [False, True])
def test_it_speaks_chinese(place: Path, verbose: bool) -> None:
    runs = place / "runs"
    told = [
        compare(runs / "base", runs / "new_wing", language="zh", verbose=verbose)[1],
        compare(runs / "base", "current", language="zh")[1],
        compare(
            runs / "base", runs / "wing_closed", runs / "new_wing", plans=(str(place / "plans.csv"),), language="zh"
        )[1],
    ]
    found = [[*ENGLISH.findall(CALL.sub("", text).replace("as base", "")), *banned_in(text)] for text in told]
    assert found == [[], [], []]


def test_no_line_of_a_table_is_wider_than_it_must_be(place: Path) -> None:
    """What is set in columns fits a terminal of 120 columns, and no line ends in a space."""
    runs = place / "runs"
    for sides in ((runs / "base", runs / "new_wing"), (runs / "base", runs / "wing_closed", runs / "new_wing")):
        lines = compare(*sides)[1].splitlines()
        assert [line for line in lines if line.startswith("    ") and len(line) > 120] == []
        assert [line for line in lines if line != line.rstrip()] == []


# Refusals


def test_what_cannot_be_compared_is_refused_with_a_remedy(place: Path) -> None:
    base, closed = place / "runs" / "base", place / "runs" / "wing_closed"
    assert "name two plans" in refused(base).sentence
    assert "Name a run with a plan" in refused("current", plans=(str(place / "plans.csv"),)).sentence
    assert "Name another --baseline" in refused(closed, base).sentence
    assert "expected one of" in refused(base, closed, baseline="bose").sentence
    twice = refused(base, place / "runs" / ".." / "runs" / "base", baseline="nobody")
    assert twice.code == Exit.USAGE
    assert "all B" in refused(base, plans=(f"{place / 'plans.csv'}#all B",)).sentence
    assert "no run.json" in refused(base, place / "six").sentence


def test_two_runs_of_one_scenario_are_told_apart_by_their_folders(place: Path, tmp_path: Path) -> None:
    base = place / "runs" / "base"
    again = Path(shutil.copytree(base, tmp_path / "again"))
    document, _ = compare(base, again, instance=place / "six")
    assert [document["baseline"]["title"], document["plans"][0]["title"]] == [str(base), "again"]
    assert "Name the baseline by its folder" in refused(base, again, instance=place / "six", baseline="base").sentence


def test_an_instance_that_is_gone_or_another(place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The runs can still be compared; a drawn plan cannot be judged, until the instance is named."""
    for name in ("base", "new_wing"):
        shutil.copytree(place / "runs" / name, tmp_path / name)
        record = json.loads((tmp_path / name / "run.json").read_text(encoding="utf-8"))
        (tmp_path / name / "run.json").write_text(json.dumps(record | {"inputs": "nowhere"}), encoding="utf-8")
    document, told = compare(tmp_path / "base", tmp_path / "new_wing")
    assert "is not where the run says (nowhere)" in capsys.readouterr().err
    assert not document["plans"][0]["difference"]["inputs"]["from_instances"]
    assert "Which limits bind is not known" in told
    assert "--instance DIR" in refused(tmp_path / "base", "current").sentence
    document, _ = compare(tmp_path / "base", "current", instance=place / "six")
    assert document["plans"][0]["difference"]["inputs"]["same"]
    other = Path(shutil.copytree(place / "six", tmp_path / "other"))
    with (other / "demand.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert "not what any of these runs was made from" in refused(tmp_path / "base", "current", instance=other).sentence


def test_what_was_edited_since_is_said(place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = Path(shutil.copytree(place / "runs" / "base", tmp_path / "base"))
    table = pd.read_csv(copy / "catchments.csv", dtype=str, encoding="utf-8-sig")
    table["school_id"] = "A"
    table.to_csv(copy / "catchments.csv", index=False, encoding="utf-8-sig")
    document, _ = compare(place / "runs" / "base", copy, instance=place / "six")
    assert "was edited since" in capsys.readouterr().err
    assert document["plans"][0]["difference"]["units"]["rows"] == []
    edited, _ = compare(copy, plans=(str(copy / "catchments.csv"),), instance=place / "six")
    assert edited["plans"][0]["difference"]["units"]["changed"] == int((table["school_id"] != pd.read_csv(
        place / "runs" / "base" / "catchments.csv", dtype=str, encoding="utf-8-sig")["school_id"]).sum())  # fmt: skip


def test_a_run_of_another_district_is_refused(place: Path, tmp_path: Path) -> None:
    """A copy of base in which one unit has another id."""
    copy = Path(shutil.copytree(place / "runs" / "base", tmp_path / "base"))
    for name in ("catchments.csv", "drawn.csv", "assignments.csv"):
        text = (copy / name).read_text(encoding="utf-8-sig")
        (copy / name).write_text(re.sub(r"(?m)^U1,", "X1,", text), encoding="utf-8-sig")
    with closing(sqlite3.connect(copy / "plan.gpkg")) as package, package:
        assert package.execute("SELECT count(*) FROM units WHERE unit_id = 'U1'").fetchone() == (1,)
    assert "its units are others" in refused(place / "runs" / "base", copy).sentence


# Maps


def test_a_map_of_what_changes_hands(place: Path, tmp_path: Path) -> None:
    runs = place / "runs"
    document, told = compare(runs / "base", "current", map=tmp_path / "m.png")
    assert (tmp_path / "m.png").read_bytes().startswith(b"\x89PNG")
    assert document["maps"] == [str(tmp_path / "m.png")]
    assert told.endswith(f"Map of what differs: {tmp_path / 'm.png'}")
    stop = refused(runs / "base", "current", map=tmp_path / "m.png")
    assert (stop.code, "--force" in stop.sentence) == (Exit.CANNOT_WRITE, True)
    before = (tmp_path / "m.png").read_bytes()
    compare(runs / "base", "current", map=tmp_path / "m.png", force=True)
    assert (tmp_path / "m.png").read_bytes() == before


def test_of_several_plans_a_map_each(place: Path, tmp_path: Path) -> None:
    runs = place / "runs"
    document, _ = compare(
        runs / "base",
        runs / "wing_closed",
        runs / "new_wing",
        plans=(str(place / "plans.csv"),),
        map=tmp_path / "m.svg",
    )
    names = ["m-all_A.svg", "m-as_base.svg", "m-new_wing.svg"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert sorted(Path(path).name for path in document["maps"]) == names
    for name in names:
        assert ET.fromstring((tmp_path / name).read_text(encoding="utf-8")).tag.endswith("svg")


def test_what_no_map_can_be_made_of(place: Path, tmp_path: Path) -> None:
    base = place / "runs" / "base"
    assert ".png, .svg" in refused(base, "current", map=tmp_path / "m.gif").sentence
    assert "There is no" in refused(base, "current", map=tmp_path / "m.png", font=tmp_path / "none.ttf").sentence
    assert list(tmp_path.iterdir()) == []


# Posts alone


def store_pool(out: Path, name: str, posts: dict[str, tuple[str, str]]) -> Path:
    """Two teachers at A and B, and a post of Chinese at each."""
    district = make_pool([{"school": "A", "subject": "chinese"}, {"school": "B", "subject": "chinese"}])
    plan = make_staff_plan(district, posts, filled={("A", "primary", "chinese"): 1.0})
    indices = compute_staff_indices(district, plan)
    return store_posts(Run(name, 1, Outcome(Status.OPTIMAL), plan, indices, scope="posts"), district, out)


def test_posts_alone(place: Path, tmp_path: Path) -> None:
    """T1 goes from A to B in one of them; children are not spoken of, and there is no map."""
    stays, goes = store_pool(tmp_path, "stays", {}), store_pool(tmp_path, "goes", {"T1": ("B", "rotation")})
    document, told = compare(stays, goes)
    difference = document["plans"][0]["difference"]
    assert [row["teacher_id"] for row in difference["teachers"]["rows"]] == ["T1"]
    assert told.startswith(
        "goes beside stays: 1 of 2 teachers are posted to another school. Both keep every hard rule."
    )
    assert "children" not in told.partition("Indices:")[0]
    assert "no map" in refused(stays, goes, map=tmp_path / "m.png").sentence
    assert "posts alone" in refused(place / "runs" / "base", stays).sentence
    assert "a table of catchments cannot stand beside it" in refused(stays, "current").sentence
    assert banned_in(compare(stays, goes, language="zh")[1]) == []
