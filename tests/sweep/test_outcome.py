"""What came of a grid: the best plan, borders between plans and none, and keys that change nothing, by hand."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from optimizer.runs import NotARun
from optimizer.sweep.axes import read_axis
from optimizer.sweep.grid import make_grid
from optimizer.sweep.outcome import Border, Sweep, find_borders, read_sweep

COLUMNS = "index,scope,stage,value,unit,target,passes\n"


def sweep_of(
    out: Path, stated: Sequence[str], plans: Sequence[Mapping[str, float] | str], failed: Sequence[str] = ()
) -> Sweep:
    """A sweep whose points came to these levels, or to a status without a plan ("" for none at all)."""
    grid = make_grid([read_axis(each) for each in stated], "base")
    for point, plan in zip(grid.points, plans, strict=True):
        if plan:
            write_run(out / point.name, plan)
    return read_sweep(grid, out, failed)


def write_run(folder: Path, plan: Mapping[str, float] | str, students: int = 360) -> None:
    """Write as much of a run as the table of a sweep reads."""
    folder.mkdir(parents=True, exist_ok=True)
    planned = not isinstance(plan, str)
    record = {
        "status": "optimal" if planned else plan,
        **{"instance": "grid", "title": "", "year": 2027, "scenario": "base", "mode": "whole", "interrupted": False},
        "gap": 0.0,
        "levels": [] if isinstance(plan, str) else [_level(*level) for level in plan.items()],
        "decided": {"primary": students} if planned else None,
        "student_km": 1.0 if planned else None,
        "mean_m": 600.0 if planned else None,
        **{"seconds": {}, "seed": 1},
    }
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    rows = "".join(f"mean_m,district,{stage},{600 + k},metres,,\n" for k, stage in enumerate(("", "primary")))
    (folder / "indices.csv").write_text(f"{COLUMNS}{rows}school_mean_m,S1,primary,9,metres,,\n", encoding="utf-8-sig")


def _level(name: str, value: float) -> dict[str, Any]:
    return {"name": name, "value": value, "bound": value, "gap": 0.0}


def test_a_row_a_point_has_what_varies_and_what_came_of_it(tmp_path: Path) -> None:
    sweep = sweep_of(tmp_path, ["a.b=1,2", "c.d=x,y"], [{"travel": 5.0}, "infeasible", "", ""], failed=["003"])
    table = sweep.table
    assert table["folder"].tolist() == ["001", "002", "003", "004"]
    assert table["a.b"].tolist() == ["1", "1", "2", "2"]
    assert table["c.d"].tolist() == ["x", "y", "x", "y"]
    assert table["status"].tolist() == ["optimal", "infeasible", "failed", "open"]
    assert table.loc[0, ["travel", "travel_bound", "mean_m", "mean_m_primary"]].tolist() == [5.0, 5.0, 600.0, 601.0]
    assert "school_mean_m" not in table
    assert table.loc[1:, "travel"].isna().all()


def test_the_best_comes_first_by_its_levels_in_their_order(tmp_path: Path) -> None:
    plans = [{"overflow": 3, "travel": 1}, {"overflow": 0, "travel": 9}, {"overflow": 0, "travel": 8}, "infeasible"]
    sweep = sweep_of(tmp_path, ["a.b=1,2,3,4"], plans)
    assert sweep.levels == ("overflow", "travel")
    assert sweep.best == (2,)


def test_of_equal_plans_all_are_the_best_and_one_alone_is_none(tmp_path: Path) -> None:
    assert sweep_of(tmp_path / "two", ["a.b=1,2"], [{"travel": 1}, {"travel": 1}]).best == (0, 1)
    assert sweep_of(tmp_path / "one", ["a.b=1,2"], [{"travel": 1}, "infeasible"]).best == ()


def test_a_plan_that_may_still_get_better_is_marked(tmp_path: Path) -> None:
    sweep = sweep_of(tmp_path, ["a.b=1,2,3"], [{"travel": 1}, {"travel": 2}, "infeasible"])
    record = json.loads((tmp_path / "002" / "run.json").read_text(encoding="utf-8"))
    (tmp_path / "002" / "run.json").write_text(
        json.dumps(record | {"status": "feasible", "gap": 0.5}), encoding="utf-8"
    )
    assert read_sweep(sweep.grid, tmp_path, ()).unproved.tolist() == [False, True, False]


def test_what_the_children_came_to_is_told_where_the_other_keys_do_not_change_it(tmp_path: Path) -> None:
    plans: list[dict[str, float] | str] = [{"travel": 1}, {"travel": 1}, "infeasible", {"travel": 1}]
    sweep = sweep_of(tmp_path, ["a.b=1,2", "demand.scale=1,1.05"], plans)
    write_run(tmp_path / "002", {"travel": 1}, students=372)
    write_run(tmp_path / "004", {"travel": 1}, students=372)
    counted = read_sweep(sweep.grid, tmp_path, ())
    assert counted.children(1) == (360, 372)
    assert counted.children(0) is None


def test_plans_of_other_children_are_not_ranked(tmp_path: Path) -> None:
    sweep = sweep_of(tmp_path, ["a.b=1,2"], [{"travel": 1}, {"travel": 2}])
    write_run(tmp_path / "002", {"travel": 2}, students=400)
    assert read_sweep(sweep.grid, tmp_path, ()).best == ()


def test_where_plans_begin_is_told_once_if_it_is_so_whatever_the_others(tmp_path: Path) -> None:
    #            c = 1        2
    # a = 10   none (proved)  plan      from c = 2 on, for both values of a
    # a = 20   none found     plan
    plan = {"travel": 1.0}
    sweep = sweep_of(tmp_path, ["a.a=10,20", "c.c=1,2"], ["infeasible", plan, "no_plan", plan])
    assert find_borders(sweep) == (Border(1, "2", ends=False, proved=False, others=()),)


def test_else_it_is_told_line_by_line(tmp_path: Path) -> None:
    #            c = 1     2      3
    # a = 10    plan     none   none        ends at 2
    # a = 20    plan     plan   none        ends at 3
    plan = {"travel": 1.0}
    none = "infeasible"
    sweep = sweep_of(tmp_path, ["a.a=10,20", "c.c=1,2,3"], [plan, none, none, plan, plan, none])
    assert find_borders(sweep) == (
        Border(1, "2", ends=True, proved=True, others=("a.a = 10",)),
        Border(1, "3", ends=True, proved=True, others=("a.a = 20",)),
    )


def test_where_plans_come_and_go_or_nobody_knows_there_is_no_border(tmp_path: Path) -> None:
    plan = {"travel": 1.0}
    assert find_borders(sweep_of(tmp_path / "a", ["a.b=1,2,3"], [plan, "infeasible", plan])) == ()
    assert find_borders(sweep_of(tmp_path / "b", ["a.b=1,2,3"], ["infeasible", "", plan])) == ()
    assert find_borders(sweep_of(tmp_path / "c", ["a.b=1,2"], [plan, plan])) == ()


def test_a_key_that_changes_no_level_is_named(tmp_path: Path) -> None:
    plans = [{"travel": value} for value in (1.0, 1.0, 2.0, 2.0)]
    assert sweep_of(tmp_path, ["a.b=1,2", "c.d=1,2"], plans).idle == ("c.d",)


@pytest.mark.parametrize("damaged", ["", f"{COLUMNS}mean_m,district,,near,metres,,\n"])
def test_a_run_with_damaged_indices_is_named(damaged: str, tmp_path: Path) -> None:
    sweep = sweep_of(tmp_path, ["a.b=1,2"], [{"travel": 5.0}, {"travel": 6.0}])
    (tmp_path / "002" / "indices.csv").write_text(damaged, encoding="utf-8")
    with pytest.raises(NotARun) as stop:
        read_sweep(sweep.grid, tmp_path, [])
    assert (stop.value.folder, stop.value.facts["file"]) == (tmp_path / "002", "indices.csv")


def test_cells_that_a_spreadsheet_would_run_are_guarded(tmp_path: Path) -> None:
    sweep = sweep_of(tmp_path, ["a.b='=1+1',2"], [{"travel": 1}, {"travel": 1}])
    assert sweep.table["a.b"].tolist() == ["'=1+1", "2"]
    assert isinstance(sweep.table, pd.DataFrame)
