"""招生计划表: what each school offers, who comes by catchment, who is placed there, and what is left."""

import numpy as np
import pandas as pd

from models.district import Bools, Floats, Ints, Schools
from models.placement import Placement
from models.stages import SERVES, Stage
from optimizer.runs.cells import whole


def build_admission_plan(placement: Placement) -> pd.DataFrame:
    """Return the admission plan, one row a school and stage that receives; `mode` says which grades are meant.

    planned = classes · class size cap (in mode `whole` never more than the places); where no class is decided, the
    places that are free; at a private school over all stages no more than its purchased places, at a special school
    those whom a committee placed there; neither keeps a reserve.

    `zoned` are children at a school of their own catchment, `coordinated` all others seated there; balance = planned -
    reserve - zoned - coordinated. `class_size` is the largest class that enters, in mode `whole` the cap.
    """
    schools, stages = placement.district.schools, placement.district.settings.instance.stages
    seated = {stage: placement.students_by_school(stage) - placement.stock_by_school(stage) for stage in stages}
    left = np.nan_to_num(schools.purchased_places) - np.sum(list(seated.values()), axis=0)
    parts = []
    for stage in stages:
        classes, class_size = _classes(placement, stage)
        planned = np.where(_special(schools), seated[stage], _planned(placement, stage, classes))
        purchased = np.where(seated[stage] > 0, seated[stage] + left, 0.0)
        planned = np.where(schools.private, np.fmin(planned, purchased), planned)
        left = left - (planned - seated[stage])
        table = _tell(placement, stage, planned, seated[stage], classes=classes, class_size=whole(class_size))
        parts.append(table[schools.serves(stage) | (seated[stage] > 0)])
    return pd.concat(parts, ignore_index=True)


def _tell(placement: Placement, stage: Stage, planned: Floats, seated: Ints, **columns: object) -> pd.DataFrame:
    schools, settings = placement.district.schools, placement.district.settings
    kept = np.floor(planned * settings.policy.reserve_share + 1e-9)
    reserve = np.where(schools.private | _special(schools), 0.0, kept)
    zoned = _zoned(placement, stage)
    return pd.DataFrame({
        "school_id": schools.ids,
        "stage": stage,
        **columns,
        "planned": whole(planned),
        "zoned": zoned,
        "coordinated": seated - zoned,
        "reserve": whole(reserve),
        "balance": whole(planned - reserve - seated),
        "mode": settings.instance.mode,
    })  # fmt: skip


def _special(schools: Schools) -> Bools:
    """Schools that receive by decision of a committee alone."""
    return np.array([not SERVES[kind] for kind in schools.types], dtype=bool)


def _classes(placement: Placement, stage: Stage) -> tuple[Ints, Floats]:
    """Classes of a stage that the plan forms at each school, and how large: NaN where nothing says."""
    schools = len(placement.district.schools)
    if not placement.entry_only:
        cap = placement.district.settings.policy.class_size.cap.get(stage, np.nan)
        return placement.classes_by_school(stage), np.full(schools, cap)
    table = placement.classes[(placement.classes["stage"] == stage) & (placement.classes["origin"] != "continuing")]
    by_school = table.groupby("school")[["classes", "largest_class"]].agg({"classes": "sum", "largest_class": "max"})
    by_school = by_school.reindex(range(schools))
    classes = by_school["classes"].fillna(0).to_numpy(np.int64)
    return classes, by_school["largest_class"].to_numpy(np.float64)


def _planned(placement: Placement, stage: Stage, classes: Ints) -> Floats:
    """Children the classes may hold; where no class is decided, those the places may hold beside the stock."""
    policy = placement.district.settings.policy
    cap = policy.class_size.cap.get(stage, np.nan)
    free = np.floor(placement.places_of(stage) * policy.places_scale + 1e-9) - placement.stock_by_school(stage)
    if placement.entry_only:
        return np.asarray(classes * cap if np.isfinite(cap) else np.maximum(free, 0), dtype=np.float64)
    return np.asarray(np.where(classes > 0, np.fmin(classes * cap, free), free), dtype=np.float64)


def _zoned(placement: Placement, stage: Stage) -> Ints:
    """Children at a school of their own catchment; in mode `whole` the zoned ones of them."""
    rows = placement.seats
    rows = rows[(rows["stage"] == stage) & ~rows["outside"] & (rows["zoned"] | placement.entry_only)]
    zoned = np.zeros(len(placement.district.schools), dtype=np.int64)
    np.add.at(zoned, rows["school"].to_numpy(np.int64), rows["students"].to_numpy(np.int64))
    return zoned
