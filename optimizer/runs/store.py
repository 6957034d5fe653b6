"""Write a run folder: every table of the plan, what was proved of it, and the map."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from models.district import District, Travel
from models.placement import Placement
from models.plan import Plan
from models.run import Run
from models.staffed import Staffed
from models.watch import Watch
from optimizer.runs.admission import build_admission_plan
from optimizer.runs.cells import write_csv
from optimizer.runs.folder import whole_folder
from optimizer.runs.record import build_diagnosis, build_issues, build_record, write_json
from optimizer.runs.revisions import build_revisions
from optimizer.runs.staffing import tabulate_staff
from optimizer.runs.tables import build_changes, build_schools, build_staffed_schools

if TYPE_CHECKING:
    from optimizer.export import Drawn


def store_run(
    run: Run, district: District, travel: Travel, out: Path, *, force: bool = False, watch: Watch | None = None
) -> Path:
    """Write the run into `out/NAME`, whole or not at all, and return that folder.

    A run without a plan is `run.json` and `diagnosis.json`. Equal runs give equal bytes. Raises RunExists where the
    folder exists (and with `force`, where it is not a run), CannotWrite where the disk says no. `watch` hears what the
    map lacks.
    """
    with whole_folder(out, run.name, force=force) as folder:
        write_json(build_record(run, district), folder / "run.json")
        if run.plan is None:
            write_json(build_diagnosis(run), folder / "diagnosis.json")
        else:
            drawn = _write_plan(run, Placement(district, travel, run.plan), folder)
            if watch is not None and drawn.note:
                watch.note(drawn.note)
    return out / run.name


def store_posts(run: Run, district: District, out: Path, *, force: bool = False) -> Path:
    """As `store_run`, for a run of posts alone: no catchments, no map."""
    with whole_folder(out, run.name, force=force) as folder:
        write_json(build_record(run, district), folder / "run.json")
        if run.plan is None:
            write_json(build_diagnosis(run), folder / "diagnosis.json")
        else:
            for name, table in _tables_of_posts(run, district, run.plan).items():
                write_csv(table, folder / f"{name}.csv")
            write_json(build_issues(run.shortfalls), folder / "issues.json")
    return out / run.name


def _tables_of_posts(run: Run, district: District, plan: Plan) -> dict[str, pd.DataFrame]:
    assert plan.staff is not None
    schools = build_staffed_schools(Staffed(district, plan.classes, plan.staff))
    tables = {"classes": plan.classes, "schools": schools, **tabulate_staff(plan.staff, run.language)}
    return tables if run.indices is None else tables | {"indices": run.indices}


def _write_plan(run: Run, placement: Placement, folder: Path) -> "Drawn":
    """Write every file of a plan, the map last."""
    from optimizer.export import draw_map, write_geopackage

    for name, table in build_tables(run, placement).items():
        write_csv(table, folder / f"{name}.csv")
    write_json(build_issues(run.shortfalls), folder / "issues.json")
    write_geopackage(folder / "plan.gpkg", placement)
    return draw_map(folder, folder / "map.png")


def build_tables(run: Run, placement: Placement) -> dict[str, pd.DataFrame]:
    """Return every table of a plan for children, and for posts where it has them, by its stem."""
    plan: Plan = placement.plan
    tables = {
        "catchments": plan.catchments,
        "drawn": plan.catchments,
        "assignments": plan.assignments,
        "schools": build_schools(placement),
        "admission_plan": build_admission_plan(placement),
    }
    if placement.entry_only or not plan.coordination.empty:
        tables["coordination"] = plan.coordination
    if not plan.classes.empty:
        tables["classes"] = plan.classes
    if placement.district.current is not None:
        tables["changes"] = build_changes(placement, run.revision, run.language)
    if run.revision is not None:
        tables["revisions"] = build_revisions(placement, run.revision, run.language)
    if plan.staff is not None:
        tables |= tabulate_staff(plan.staff, run.language)
    if run.indices is not None:
        tables["indices"] = run.indices
    return tables
