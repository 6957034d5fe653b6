"""Districts on flat ground for the tests of geography: corners in metres east and north of (120 E, 30 N)."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString, Point, box

from models.district import Cohort, Demand, District, GivenTravel, Schools, Units
from models.settings import resolve

PLANE = "EPSG:4549"
EAST, NORTH = 500_000.0, 3_320_000.0


def to_earth(shapes):
    moved = gpd.GeoSeries(list(shapes)).translate(EAST, NORTH)
    return moved.set_crs(PLANE).to_crs("EPSG:4326")


def line(*points):
    return to_earth([LineString(points)]).iloc[0]


def make_units(shapes, homes=None):
    """Units from polygons (x0, y0, x1, y1) or any shapes, their points the middles unless `homes` says otherwise."""
    flat = [box(*shape) if isinstance(shape, tuple) else shape for shape in shapes]
    points = to_earth(
        [Point(home) for home in homes] if homes is not None else [shape.representative_point() for shape in flat]
    )
    n = len(flat)
    blank = ("",) * n
    return Units(
        ids=tuple(f"U{k + 1}" for k in range(n)),
        names=blank,
        lon=points.x.to_numpy(),
        lat=points.y.to_numpy(),
        geometry=to_earth(flat),
        estate=blank,
        zone=blank,
        region=blank,
        households=np.full(n, np.nan),
    )


def make_schools(sites):
    points = to_earth([Point(site) for site in sites])
    n = len(sites)
    nothing = np.full(n, np.nan)
    return Schools(
        ids=tuple(f"S{k + 1}" for k in range(n)),
        names=("",) * n,
        types=("primary",) * n,
        lon=points.x.to_numpy(),
        lat=points.y.to_numpy(),
        unit=np.full(n, -1),
        anchor=np.ones(n, dtype=bool),
        places=nothing,
        places_of_stage={},
        classrooms=nothing,
        classrooms_of_stage={},
        classes_per_grade={},
        status=("open",) * n,
        is_new=np.zeros(n, dtype=bool),
        private=np.zeros(n, dtype=bool),
        purchased_places=nothing,
        zone=("",) * n,
        region=("",) * n,
        group=("",) * n,
        legal=tuple(f"S{k + 1}" for k in range(n)),
        strength=nothing,
        resources={},
        extra=pd.DataFrame(),
    )


def make_district(shapes, sites=((0, 0),), *, homes=None, barriers=(), crossings=(), adjacency=None, given=None):
    """A district whose only content is where things are."""
    method = "straight" if given is None else "matrix"
    stated = {
        "instance": {"name": "flat", "year": 2027, "stages": ["primary"], "mode": "whole"},
        "travel": {"method": method},
    }
    units = make_units(shapes, homes)
    return District(
        folder=Path(),
        scenario="base",
        settings=resolve(stated, has_current=False),
        units=units,
        schools=make_schools(sites),
        demand=Demand((Cohort("primary", "1", "local"),), np.ones((len(units), 1), dtype=np.int64)),
        given_travel=None if given is None else GivenTravel(*(np.array(column) for column in zip(*given, strict=True))),
        adjacency=None if adjacency is None else np.array(adjacency, dtype=np.int64).reshape(-1, 2),
        barriers=to_earth([LineString(points) for points in barriers]) if barriers else None,
        crossings=to_earth([Point(point) for point in crossings]) if crossings else None,
    )
