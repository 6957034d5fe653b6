"""A catchment is one piece of land that holds its school.

Each connected component of the district that holds a receiving school of the stage is judged by itself; units of a
component without one may go anywhere.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from models.district import Bools, Ints
from models.placement import Placement, schools_by_unit
from models.stages import Stage
from optimizer.recheck.inherited import inherits, weigh
from optimizer.recheck.registry import Breach, rule


@rule("contiguous")
def judge_pieces(placement: Placement) -> Iterator[Breach]:
    """One piece a catchment and component; counted are the children outside the piece with the school's own unit.

    What is inherited has no more pieces in its component than today's catchment has.
    """
    neighbours = _neighbours(placement)
    if neighbours is None:
        return
    island = label_pieces(neighbours, np.ones(len(placement.district.units), dtype=bool))
    for stage in placement.district.settings.instance.stages:
        judged = _islands_with_school(placement, stage, island)
        today = _members_today(placement, stage)
        for school, members in _members(placement.catchments, stage, len(island)).items():
            piece, before = label_pieces(neighbours, members), today.get(school, np.zeros_like(members))
            piece_before = label_pieces(neighbours, before)
            for place in np.unique(island[members & judged]):
                here = members & (island == place)
                pieces = np.unique(piece[here])
                if len(pieces) > 1:
                    apart = here & (piece != _main_piece(placement, school, here, piece))
                    breach = _breach(placement, (stage, school), "pieces", len(pieces), apart)
                    yield weigh(breach, len(np.unique(piece_before[before & (island == place)])))


@rule("contiguous")
def judge_islands(placement: Placement) -> Iterator[Breach]:
    """Units of a component that holds a receiving school of the stage go to a school of that component."""
    neighbours = _neighbours(placement)
    if neighbours is None:
        return
    schools = placement.district.schools
    island = label_pieces(neighbours, np.ones(len(placement.district.units), dtype=bool))
    for stage in placement.district.settings.instance.stages:
        judged = _islands_with_school(placement, stage, island)
        today = _members_today(placement, stage)
        for school, members in _members(placement.catchments, stage, len(island)).items():
            home = schools.unit[school]
            if home >= 0 and schools.anchor[school]:
                abroad = members & judged & (island != island[home])
                if abroad.any():
                    breach = _breach(placement, (stage, school), "abroad", int(abroad.sum()), abroad)
                    before = today.get(school, np.zeros_like(members)) & judged & (island != island[home])
                    yield weigh(breach, int(before.sum()))


@rule("contiguous")
def judge_own_unit(placement: Placement) -> Iterator[Breach]:
    """A school with a catchment holds its own unit; of several schools in one unit one does.

    Counted are the children of the main piece among units that are judged, unless they count as abroad: all others
    count as pieces already. Not where `anchor` is false, nor where `current` gives that unit to others.
    """
    neighbours = _neighbours(placement)
    if neighbours is None:
        return
    schools, today = placement.district.schools, placement.schools_today()
    held = schools_by_unit(placement.catchments)
    island = label_pieces(neighbours, np.ones(len(placement.district.units), dtype=bool))
    for stage in placement.district.settings.instance.stages:
        judged = _islands_with_school(placement, stage, island)
        for school, members in _members(placement.catchments, stage, len(island)).items():
            home = int(schools.unit[school])
            of_home = today.get((home, stage), frozenset((school,)))
            if home < 0 or not schools.anchor[school] or school not in of_home:
                continue
            if not any(schools.unit[holder] == home for holder in held.get((home, stage), frozenset())):
                piece, counted = label_pieces(neighbours, members), members & judged
                if counted.any():
                    counted &= piece == _main_piece(placement, school, counted, piece)
                main = counted & (island == island[home])
                breach = _breach(placement, (stage, school), "own_unit", 0, main)
                yield replace(breach, detail=placement.district.units.ids[home])


def label_pieces(neighbours: Ints, members: Bools) -> Ints:
    """Return the number of the connected piece each unit lies in, over pairs of neighbours who are both `members`."""
    joined = neighbours[members[neighbours].all(axis=1)]
    size = len(members)
    graph = coo_array((np.ones(len(joined), dtype=np.int8), (joined[:, 0], joined[:, 1])), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _neighbours(placement: Placement) -> Ints | None:
    return placement.travel.neighbours if placement.district.settings.catchments.contiguous else None


def _members(catchments: pd.DataFrame, stage: Stage, units: int) -> dict[int, Bools]:
    """Units of every school's catchment, a mask of `units` by the school's row; a shared unit counts for each."""
    table = catchments[catchments["stage"] == stage]
    held = {school: np.zeros(units, dtype=bool) for school in sorted(table["school"].unique().tolist())}
    for school, unit in zip(table["school"].tolist(), table["unit"].tolist(), strict=True):
        held[school][unit] = True
    return held


def _members_today(placement: Placement, stage: Stage) -> dict[int, Bools]:
    """As `_members`, of today's catchments; nothing where nothing is inherited, or everything is redrawn."""
    current = placement.district.current
    redrawn = placement.district.settings.catchments.change == "free"
    if current is None or redrawn or not inherits(placement):
        return {}
    table = pd.DataFrame({"unit": current.unit, "stage": current.stage, "school": current.school})
    return _members(table, stage, len(placement.district.units))


def _islands_with_school(placement: Placement, stage: Stage, island: Ints) -> Bools:
    """Units of components that hold a school of the stage; all of them where no school's unit is known."""
    schools = placement.district.schools
    homes = schools.unit[schools.serves(stage) & (schools.unit >= 0)]
    return np.isin(island, island[homes]) if len(homes) else np.ones(len(island), dtype=bool)


def _main_piece(placement: Placement, school: int, here: Bools, piece: Ints) -> int:
    schools = placement.district.schools
    home = int(schools.unit[school])
    if home >= 0 and schools.anchor[school] and here[home]:
        return int(piece[home])
    labels, sizes = np.unique(piece[here], return_counts=True)
    return int(labels[np.argmax(sizes)])


def _breach(placement: Placement, catchment: tuple[Stage, int], kind: str, value: int, apart: Bools) -> Breach:
    stage, school = catchment
    units = placement.district.units.ids
    students = int(placement.children_of_catchments(stage)[apart].sum())
    named = ", ".join(units[unit] for unit in np.flatnonzero(apart)[:5])
    limit, unit = (0, "units") if kind == "abroad" else (1, "pieces")
    return Breach(stage, placement.district.schools.ids[school], value, limit, unit, students, kind, named)
