"""The tables of an admission year add up: with each other and with the children of the input, kind by kind.

binhe is solved from the command line, and nothing but its tables and those of the run is read.
"""

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from cli import xuewei

ENTRY = {"primary": "1", "junior": "7"}
WHO = ["unit_id", "stage", "category"]
WHERE = ["school_id", "stage"]


def read(path):
    return pd.read_csv(path, encoding="utf-8-sig", dtype={"grade": str})


def add_up(table, by):
    """Children by those columns, without the groups of none."""
    total = table.groupby(by).students.sum()
    return total[total > 0].sort_index()


@pytest.fixture(scope="module", params=["kept", "base"])
def run(request, repository, tmp_path_factory):
    """Every table of a run by name, with `own`: whether a row of the assignments lies in the school's catchment."""
    out = tmp_path_factory.mktemp("runs")
    scenario = [] if request.param == "base" else ["--scenario", request.param]
    arguments = [
        "solve",
        str(repository / "instances/binhe"),
        "--students-only",
        *scenario,
        "--out",
        str(out),
        "--time-limit",
        "10",
    ]
    result = CliRunner().invoke(xuewei, arguments)
    assert result.exit_code == 0, result.output
    tables = {path.stem: read(path) for path in Path(out / request.param).glob("*.csv")}
    held = set(tables["catchments"][["unit_id", "stage", "school_id"]].itertuples(index=False, name=None))
    seats = tables["assignments"]
    seats["own"] = [row in held for row in seats[["unit_id", "stage", "school_id"]].itertuples(index=False, name=None)]
    return tables


@pytest.fixture(scope="module")
def entrants(repository):
    demand = read(repository / "instances/binhe/demand.csv")
    return demand[(demand.year == 2027) & (demand.grade == demand.stage.map(ENTRY))]


def test_every_child_of_every_kind_is_placed(run, entrants):
    pd.testing.assert_series_equal(add_up(run["assignments"], WHO), add_up(entrants, WHO))


def test_coordination_is_who_sits_outside_unless_a_committee_decided(run):
    seats = run["assignments"].rename(columns={"school_id": "to_school_id"})
    outside = seats[~seats.own & (seats.category != "special")]
    told = add_up(run["coordination"], [*WHO, "to_school_id"])
    assert len(told)
    pd.testing.assert_series_equal(told, add_up(outside, [*WHO, "to_school_id"]))


def test_the_plan_of_classes_counts_the_same_children(run):
    seats, plan = run["assignments"], run["admission_plan"].set_index(WHERE)
    own = add_up(seats[seats.own], WHERE).reindex(plan.index, fill_value=0)
    assert plan.zoned.to_dict() == own.to_dict()
    assert (plan.zoned + plan.coordinated).to_dict() == add_up(seats, WHERE).reindex(plan.index, fill_value=0).to_dict()
    assert (plan.planned == plan.zoned + plan.coordinated + plan.reserve + plan.balance).all()


def test_entry_classes_hold_the_entrants_and_no_class_is_lost(run):
    classes, plan = run["classes"], run["admission_plan"].set_index(WHERE)
    entry = classes[classes.origin == "entry"]
    pd.testing.assert_series_equal(add_up(entry, WHERE), add_up(run["assignments"], WHERE))
    planned = entry.groupby(WHERE).classes.sum().reindex(plan.index, fill_value=0)
    assert planned.to_dict() == plan.classes.to_dict()


def test_schools_hold_the_children_of_their_classes(run):
    pd.testing.assert_series_equal(add_up(run["classes"], WHERE), add_up(run["schools"], WHERE))


def test_continuing_classes_are_those_of_last_year_a_grade_higher(run, repository):
    """Nobody leaves, joins or repeats in binhe but at the end of a stage."""
    last = read(repository / "instances/binhe/enrolment.csv")
    last["grade"] = (last.grade.astype(int) + 1).astype(str)
    last = last[~last.grade.isin(ENTRY.values()) & (last.grade.astype(int) <= 9)]
    keys = [*WHERE, "grade"]
    stood = run["classes"][run["classes"].origin == "continuing"].set_index(keys)[["students", "classes"]]
    went_up = last.set_index(keys)[["students", "classes"]]
    pd.testing.assert_frame_equal(stood[stood.students > 0].sort_index(), went_up[went_up.students > 0].sort_index())


def test_no_zoned_child_is_outside_while_an_unzoned_one_sits_inside(run):
    away = run["coordination"]
    short = set(away[away.category == "local"][["catchment_school_id", "stage"]].itertuples(index=False, name=None))
    seats = run["assignments"]
    migrants = seats[seats.category == "migrant"][WHERE].itertuples(index=False, name=None)
    assert not short & set(migrants)
