"""Draws made-up districts: binhe, which comes with the program, and smaller ones for a planner to start from.

`python -m instances.generator` writes `instances/binhe` anew, byte for byte the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

from instances.design import BANKS, BINHE, COHORT_WEIGHTS, Bank, BankDesign, Design
from instances.history import draw_current, draw_estates
from instances.land import Generator, Land, draw_land
from instances.names import name_schools, name_units
from instances.people import People, draw_people
from instances.rooms import draw_rooms
from instances.sites import Sites, draw_sites
from instances.tables import current_csv, demand_csv, feature_lines, school_ids, schools_csv, unit_ids, units_geojson
from models.district import Ints
from models.sentences import Language, say
from models.stages import Stage

_NEW_EDGE_M = 600.0


@dataclass(frozen=True)
class Drawing:
    """Everything drawn, before it is written."""

    land: Land
    people: People
    sites: Sites
    current: Mapping[Stage, Ints]
    rooms: Ints
    estate: NDArray[np.str_]
    town: Ints
    zone: Ints


def write_district(
    folder: Path, seed: int = 1, *, units: int = 60, schools: int = 8, language: Language = "en"
) -> None:
    """Write a small made-up district with a river into `folder`, for a planner to edit.

    Nothing that stands in `folder` is overwritten: FileExistsError names the file. Raises ValueError for fewer than
    two schools or fewer than four units a school.
    """
    if schools < 2 or units < 4 * schools:
        raise ValueError(f"{units} units and {schools} schools: at least two schools, and four units a school")
    design = design_small(seed, units, schools)
    facts = {"name": _plain(folder.resolve().name), "seed": seed, "units": units, "schools": schools}
    tables = draw_tables(design)
    tables["instance.toml"] = say("instances.new.settings", facts, language).encode()
    tables["scenarios.toml"] = say("instances.new.scenarios", facts, language).encode()
    tables["README.md"] = say("instances.new.readme", facts, language).encode()
    for name in tables:
        if (folder / name).exists():
            raise FileExistsError(folder / name)
    _write_whole(folder.resolve(), tables)


def write_binhe(folder: Path) -> None:
    """Write the tables of binhe into `folder`; its settings, scenarios and README are kept by hand."""
    _write_whole(folder.resolve(), draw_tables(BINHE))


def _write_whole(folder: Path, tables: Mapping[str, bytes]) -> None:
    """Write every file beside the folder first, so that a full disk leaves nothing half done in it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=".new-") as aside:
        for name, content in tables.items():
            Path(aside, name).write_bytes(content)
        folder.mkdir(exist_ok=True)
        for name in tables:
            Path(aside, name).replace(folder / name)


def _plain(name: str) -> str:
    """A folder's name as it may stand in TOML and Markdown: letters, digits, - and _."""
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name) or "district"


def design_small(seed: int, units: int, schools: int) -> Design:
    """Return binhe's proportions at another size."""
    scale = schools / sum(sum(bank.schools.values()) for bank in BINHE.banks.values())
    old_units, old_schools = round(0.43 * units), max(1, round(0.4 * schools))
    banks: dict[Bank, BankDesign] = {
        "old": replace(BINHE.banks["old"], units=old_units, schools=_mix(old_schools), towns=1, zones=1),
        "new": replace(
            BINHE.banks["new"], units=units - old_units, schools=_mix(schools - old_schools), towns=1, zones=1
        ),
    }
    return replace(
        BINHE,
        name="district",
        seed=seed,
        children={stage: round(count * scale) for stage, count in BINHE.children.items()},
        rooms=round(BINHE.rooms * scale),
        banks=banks,
        estates=max(1, units // 20),
    )


def _mix(schools: int) -> dict[str, int]:
    """One nine-year school at least, so that both banks teach every grade."""
    nine_year = max(1, round(schools / 6))
    junior = min(schools - nine_year, round(schools / 4))
    return {"primary": schools - nine_year - junior, "junior": junior, "nine_year": nine_year}


def draw(design: Design) -> Drawing:
    """Draw a district; the same design gives the same district."""
    rng = np.random.default_rng(design.seed)
    land = draw_land(design, rng)
    people = draw_people(design, land, rng)
    sites = draw_sites(design, land, people, rng)
    current = draw_current(land, sites, ("primary", "junior"), rng)
    rooms = draw_rooms(design, land, people, sites, current)
    estate = draw_estates(land, sites, current, design.estates, rng)
    town, zone = _draw_towns(design, land, rng)
    return Drawing(land, people, sites, current, rooms, estate, town, zone)


def draw_tables(design: Design) -> dict[str, bytes]:
    """Return the tables of a district by file name."""
    drawing = draw(design)
    land, sites = drawing.land, drawing.sites
    rng = np.random.default_rng(design.seed + 1)
    units, schools = unit_ids(len(land.units)), school_ids(sites)
    names = name_units(land, rng)
    town, zone = [f"T{k + 1}" for k in drawing.town], [f"Z{k + 1}" for k in drawing.zone]
    columns = {
        "unit_id": units,
        "name": names,
        "estate_id": drawing.estate.tolist(),
        "zone_id": zone,
        "town_id": town,
        "households": drawing.people.households.tolist(),
    }
    more = [
        {"unit_id": units[unit], "is_new": is_new, "zone_id": zone[unit], "town_id": town[unit]}
        for unit, is_new in zip(sites.unit, _newly_built(land, sites.unit), strict=True)
    ]
    stage_of: dict[str, Stage] = {grade: stage for stage, grades in COHORT_WEIGHTS.items() for grade in grades}
    bridges = [{"crossing_id": f"B{k}", "name": name} for k, name in enumerate(("滨河大桥", "文澜桥"), start=1)]
    return {
        "units.geojson": units_geojson(land, columns),
        "demand.csv": demand_csv(units, drawing.people, stage_of),
        "schools.csv": schools_csv(schools, name_schools(sites, names, land), sites, drawing.rooms, more),
        "current.csv": current_csv(units, schools, drawing.current),
        "barriers.geojson": feature_lines([land.river], [{"barrier_id": "R1", "name": "清江", "kind": "river"}]),
        "crossings.geojson": feature_lines(land.bridges, bridges),
    }


def _newly_built(land: Land, units: Ints) -> list[str]:
    """Schools near the edge of the new town opened in the last years; the rest are long established."""
    edge = shapely.union_all(land.units[land.bank == "new"]).exterior
    near = shapely.distance(land.units[units], edge) < _NEW_EDGE_M
    return ["true" if is_new else "false" for is_new in near & (land.bank[units] == "new")]


def _draw_towns(design: Design, land: Land, rng: Generator) -> tuple[Ints, Ints]:
    """Towns (街道) as clusters of units, numbered over both banks; zones (片区) as runs of towns from west to east."""
    town, zone = np.zeros(len(land.units), dtype=np.int64), np.zeros(len(land.units), dtype=np.int64)
    towns_before = zones_before = 0
    for bank in BANKS:
        plan, here = design.banks[bank], land.bank == bank
        centres, label = kmeans2(land.points[here], plan.towns, minit="++", rng=rng)
        rank = np.argsort(np.argsort(centres[:, 0]))
        town[here] = towns_before + rank[label]
        zone[here] = zones_before + rank[label] * plan.zones // plan.towns
        towns_before += plan.towns
        zones_before += plan.zones
    return town, zone


if __name__ == "__main__":
    write_binhe(Path(str(files("instances").joinpath("binhe"))))
