"""An earlier run to start from: of this district, or of one that shares units and schools with it."""

from pathlib import Path

from models.district import District
from models.plan import Plan
from models.watch import Watch
from optimizer.runs.read import read_run


class ForeignRun(Exception):
    """A run none of whose catchments has both its unit and its school in the district."""

    def __init__(self, folder: Path, instance: str) -> None:
        super().__init__(str(folder))
        self.folder = folder
        self.instance = instance


def earlier_plan(folder: Path, district: District, watch: Watch) -> Plan | None:
    """Return the plan of an earlier run; `watch` hears where it fits the district in part only.

    Raises ForeignRun where it does not fit at all, and NotARun for a damaged folder.
    """
    stored = read_run(folder)
    plan, name = stored.plan, district.settings.instance.name
    if plan is None:
        return None
    rows, instance = plan.catchments, str(stored.record["instance"])
    known = rows["unit_id"].isin(district.units.ids) & rows["school_id"].isin(district.schools.ids)
    known &= rows["stage"].isin(district.settings.instance.stages)
    if not known.any():
        raise ForeignRun(folder, instance)
    if instance != name:
        watch.note("cli.run.start_elsewhere", folder=folder, instance=instance, name=name)
    if not known.all():
        watch.note("cli.run.start_partly", folder=folder, known=int(known.sum()), rows=len(rows))
    return plan
