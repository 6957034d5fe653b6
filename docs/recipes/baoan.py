"""Turn the admission plan of Bao'an 2024 into an instance with invented estates; baoan.md explains it step by step.

`python docs/recipes/baoan.py SOURCE OUT`: SOURCE holds area2_schools.geojson and area2_zones.geojson, OUT is written.
"""

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import Polygon, union_all

GRADES = {"primary": 6, "junior": 3}
CLASS_CAP = {"primary": 45, "junior": 50}
CIRCLE_M = 500.0
"""Radius of the catchment of a school for which none is drawn."""
SPIKE_M, STEP_M = 1.0, 100.0
"""Narrower slips of land are left out; a corner at least so often, so that borders meet in degrees as in metres."""
ESTATES_PER_CLASS = 2
EVENING = 2
"""Times that the points of the estates move to the middle of their cells; more make them more alike."""
TINY = 0.2
"""An estate of less than this share of the mean of its catchment is merged into a neighbour."""
FILL, CROWDED_FILL = 0.92, 1.25
"""Children for each place that the first classes offer."""
CROWDED = {"华中师范大学宝安附属学校（小学部）", "海湾中学"}
MIGRANT_SHARE = 0.15
SEED = 2024
INSTANCE = """\
# Schools, first classes, catchments and sharing: the admission plan of Bao'an 2024. Estates and children are invented.
[instance]
name = "baoan"
title = "宝安区 2024 area2，小区与学生数为虚构 (Bao'an 2024, estates and children invented)"
year = 2024
stages = ["primary", "junior"]
mode = "entry"

[crs]
tables = "gcj02"
units = "gcj02"             # whatever the file says

[categories]
local = { zoned = true }
migrant = { zoned = false }

[policy]
profile = "national"

[catchments]
change = "limited"
"""
SCENARIOS = """\
[overrides.as_published.catchments]
change = "none"

[scenarios]
as_published = ["as_published"]
"""


def read_schools(source: Path) -> gpd.GeoDataFrame:
    """Return a row a school and stage, a point each; schools of one text have one `zone_id`, the first one's id."""
    schools = read_layer(source / "area2_schools.geojson")
    number = schools.groupby("stage").cumcount() + 1
    schools["school_id"] = schools["stage"].str[0].str.upper() + number.map("{:02d}".format)
    schools["zone_id"] = schools.groupby(["stage", "text"])["school_id"].transform("first")
    return schools


def read_layer(path: Path) -> gpd.GeoDataFrame:
    """Return a layer of the plan under the names of this program."""
    layer = gpd.read_file(path).rename(columns={"schoolName": "name", "schoolClass": "classes", "belongsText": "text"})
    return layer.assign(stage=layer["stage"].replace("middle", "junior"))


def draw_catchments(schools: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a catchment a text of the plan, none over another of its stage: the smaller zone keeps what two claim.

    `schools` and `zones` are in metres. Schools of one text share a catchment; a text without a zone gets a circle,
    less what is drawn.
    """
    catchments = schools.drop_duplicates("zone_id")[["zone_id", "stage", "text", "geometry"]]
    catchments = catchments.merge(
        zones[["stage", "text", "geometry"]], "left", ["stage", "text"], suffixes=("", "_drawn")
    )
    catchments["drawn"] = catchments["geometry_drawn"].notna()
    catchments["geometry"] = catchments["geometry_drawn"].fillna(catchments.buffer(CIRCLE_M))
    catchments["area"] = catchments.area
    catchments = catchments.sort_values(["drawn", "area"], ascending=[False, True])
    return pd.concat(clip(stage) for _, stage in catchments.groupby("stage"))


def clip(catchments: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the catchments of one stage, each less those before it."""
    shapes = list(catchments.geometry)
    for row in range(1, len(shapes)):
        shapes[row] = shapes[row].difference(union_all(shapes[:row]))
    catchments = catchments.set_geometry(gpd.GeoSeries(shapes, catchments.index, crs=catchments.crs))
    spikeless = catchments.buffer(-SPIKE_M, join_style="mitre").buffer(SPIKE_M, join_style="mitre")
    return catchments.set_geometry(spikeless.segmentize(STEP_M))


def draw_estates(catchments: gpd.GeoDataFrame, classes: pd.Series) -> gpd.GeoDataFrame:
    """Return invented estates: the primary catchments cut into Voronoi cells, more where more classes are opened."""
    primary = catchments[catchments["stage"] == "primary"].set_index("zone_id")
    pieces = {zone: cut(area, ESTATES_PER_CLASS * classes[zone]) for zone, area in primary.geometry.items()}
    cells = pd.concat(pieces, names=["zone_id"])
    estates = gpd.GeoDataFrame({"zone_id": cells.index.get_level_values("zone_id")}, geometry=cells.to_numpy())
    estates.insert(0, "unit_id", [f"E{number:03d}" for number in range(1, len(estates) + 1)])
    return estates.set_crs(catchments.crs)


def cut(area: Polygon, count: int) -> gpd.GeoSeries:
    """Return about `count` cells of an area, each in one piece."""
    points = gpd.GeoSeries([area]).sample_points(count, rng=SEED).explode()
    for _ in range(EVENING):
        points = points.voronoi_polygons(extend_to=area).intersection(area).centroid
    cells = points.voronoi_polygons(extend_to=area).intersection(area).explode()
    cells = cells[cells.geom_type == "Polygon"].reset_index(drop=True)
    while cells.area.min() < TINY * area.area / count:
        tiny = cells.area.idxmin()
        rest = cells.drop(tiny)
        border = rest.intersection(cells[tiny]).length
        if border.max() > 0:
            rest[border.idxmax()] = rest[border.idxmax()].union(cells[tiny])
        cells = rest.reset_index(drop=True)
    return cells


def find_catchments(estates: gpd.GeoDataFrame, catchments: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return `unit_id`, `stage`, `zone_id`, `area`: the catchment that holds the estate's point, else the nearest."""
    points = estates[["unit_id"]].assign(area=estates.area).set_geometry(estates.representative_point())
    found = [points.sjoin_nearest(stage.drop(columns="area")) for _, stage in catchments.groupby("stage")]
    return pd.concat(found).drop_duplicates(["unit_id", "stage"])[["unit_id", "stage", "zone_id", "area"]]


def count_children(homes: pd.DataFrame, schools: pd.DataFrame) -> pd.DataFrame:
    """Return the table demand: places of the first classes times their fill, over the estates by area."""
    fill = schools["name"].isin(CROWDED).groupby(schools["zone_id"]).any().map({True: CROWDED_FILL, False: FILL})
    places = (schools["classes"] * schools["stage"].map(CLASS_CAP)).groupby(schools["zone_id"]).sum()
    share = homes.groupby("zone_id")["area"].transform(lambda area: area.cumsum() / area.sum())
    until = (share * homes["zone_id"].map(places * fill)).round()
    children = until.groupby(homes["zone_id"]).diff().fillna(until).astype(int)
    migrant = (children * MIGRANT_SHARE).round().astype(int)
    kinds = {"local": children - migrant, "migrant": migrant}
    demand = pd.concat(homes.assign(category=kind, students=count) for kind, count in kinds.items())
    return demand.sort_values(["unit_id", "stage", "category"])[["unit_id", "stage", "category", "students"]]


def site_schools(schools: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the table schools: those on a borrowed site (借址) stand where their host does."""
    hosts = schools["name"].str.extract("借址(.+)）", expand=False)
    stands = schools.geometry.copy()
    for row, host in hosts.dropna().items():
        stands[row] = stands[schools["name"].str.startswith(host)].iloc[0]
    table = schools[["school_id", "name", "zone_id"]].assign(type=schools["stage"], x=stands.x, y=stands.y)
    table["classrooms"] = schools["classes"] * schools["stage"].map(GRADES)
    for stage in GRADES:
        table[f"classes_per_grade_{stage}"] = schools["classes"].where(schools["stage"] == stage).astype("Int64")
    return table.assign(anchor=np.where(hosts.isna(), "true", "false"))


def write_instance(source: Path, out: Path) -> None:
    """Read the published plan in `source` and write the instance folder `out`, which must not be there."""
    schools = read_schools(source)
    metres = schools.estimate_utm_crs()
    zones = read_layer(source / "area2_zones.geojson").to_crs(metres)
    catchments = draw_catchments(schools.to_crs(metres), zones)
    estates = draw_estates(catchments, schools.groupby("zone_id")["classes"].sum())
    homes = find_catchments(estates, catchments)
    current = homes.merge(schools, on=["zone_id", "stage"])[["unit_id", "stage", "school_id"]]

    out.mkdir(parents=True)
    (out / "instance.toml").write_text(INSTANCE, encoding="utf-8", newline="\n")
    (out / "scenarios.toml").write_text(SCENARIOS, encoding="utf-8", newline="\n")
    estates.to_crs(schools.crs).to_file(out / "units.geojson", COORDINATE_PRECISION=9)
    for name, table in {
        "schools": site_schools(schools),
        "demand": count_children(homes, schools),
        "current": current.sort_values(["unit_id", "stage", "school_id"]),
    }.items():
        table.to_csv(out / f"{name}.csv", index=False, encoding="utf-8-sig", lineterminator="\n")


if __name__ == "__main__":
    write_instance(Path(sys.argv[1]), Path(sys.argv[2]))
