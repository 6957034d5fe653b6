"""Facts of the made-up district that its README and the scenarios rest on, read from its files alone."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest

from instances.generator import write_binhe
from optimizer.geo.travel import measure_travel
from optimizer.io import build_district, read_source

SERVES = {"primary": ("primary", "nine_year"), "junior": ("junior", "nine_year")}


@pytest.fixture(scope="module")
def folder(repository):
    return repository / "instances" / "binhe"


@pytest.fixture(scope="module")
def units(folder):
    return gpd.read_file(folder / "units.geojson")


@pytest.fixture(scope="module")
def schools(folder):
    return pd.read_csv(folder / "schools.csv", dtype={"school_id": str, "unit_id": str})


@pytest.fixture(scope="module")
def demand(folder):
    return pd.read_csv(folder / "demand.csv", dtype={"grade": str})


@pytest.fixture(scope="module")
def current(folder):
    return pd.read_csv(folder / "current.csv")


@pytest.fixture(scope="module")
def district(folder):
    return build_district(read_source(folder))


@pytest.fixture(scope="module")
def travel(district):
    return measure_travel(district)


@pytest.fixture(scope="module")
def graph(district, travel):
    graph = nx.Graph()
    graph.add_nodes_from(district.units.ids)
    graph.add_edges_from((district.units.ids[a], district.units.ids[b]) for a, b in travel.neighbours)
    return graph


@pytest.fixture(scope="module")
def bank(folder, district):
    """North of the river or south of it, from the line alone."""
    river = np.array(gpd.read_file(folder / "barriers.geojson").geometry.iloc[0].coords)
    course = np.interp(district.units.lon, river[:, 0], river[:, 1])
    return dict(zip(district.units.ids, np.where(district.units.lat > course, "old", "new"), strict=True))


def test_drawing_it_again_gives_the_same_bytes(folder, tmp_path):
    write_binhe(tmp_path)
    drawn = sorted(path.name for path in tmp_path.iterdir())
    assert len(drawn) == 6
    assert [name for name in drawn if (tmp_path / name).read_bytes() != (folder / name).read_bytes()] == []


def test_size(units, schools, demand):
    assert len(units) == 600
    assert schools.type.value_counts().to_dict() == {"primary": 42, "junior": 18, "nine_year": 12}
    assert demand.groupby("stage").students.sum().to_dict() == {"primary": 40_000, "junior": 20_000}


def test_cohorts_fall(demand):
    by_grade = demand.groupby("grade").students.sum()
    assert by_grade[list("123456")].is_monotonic_increasing
    assert by_grade["1"] / by_grade["6"] == pytest.approx(2 / 3, abs=0.01)


def test_households(units):
    assert units.households.between(100, 3_500).all()
    assert units.households.max() > 3_000
    assert units.name.is_unique


def test_thirty_five_everywhere_needs_more_rooms_than_there_are(schools, demand):
    """60,000 children in classes of 35 are 1,715 classes; at the national caps 1,289 classes do."""
    total, rooms = int(demand.students.sum()), int(schools.classrooms.sum())
    assert -(-total // 35) == 1_715 > rooms == 1_692
    assert 0.8 * rooms > 40_000 / 45 + 20_000 / 50


def test_the_old_town_is_crowded_and_the_new_one_is_not(schools, demand, bank):
    children = demand.students.groupby(demand.unit_id.map(bank)).sum()
    per_room = children / schools.classrooms.groupby(schools.unit_id.map(bank)).sum()
    assert 38 < per_room["old"] < 42
    assert 31 < per_room["new"] < 35


def test_sizes_are_those_schools_are_built_in(schools):
    assert set(schools.classrooms[schools.type == "primary"]) <= {12, 18, 24, 30, 36}
    assert set(schools.classrooms[schools.type == "junior"]) <= {18, 24, 30, 36}
    assert set(schools.classrooms[schools.type == "nine_year"]) <= {27, 36, 45}


def test_units_tile_the_district(units):
    """No unit overlaps another, none is broken, and together they leave no hole."""
    flat = units.geometry.to_crs("EPSG:4549")
    assert flat.is_valid.all()
    assert (flat.geom_type == "Polygon").all()
    whole = flat.union_all()
    assert flat.area.sum() == pytest.approx(whole.area, rel=1e-6)
    assert not whole.interiors


def test_every_school_stands_in_a_unit_of_its_own(units, schools):
    sites = gpd.GeoDataFrame(schools, geometry=gpd.points_from_xy(schools.x, schools.y), crs="EPSG:4326")
    homes = units.set_index("unit_id").geometry.loc[schools.unit_id].reset_index(drop=True)
    assert sites.geometry.within(homes).all()
    assert (sites.geometry.to_crs("EPSG:4549").distance(homes.to_crs("EPSG:4549").boundary) > 10).all()
    assert schools.unit_id.is_unique
    assert schools.name.is_unique


def test_each_bank_is_one_piece_and_bridges_alone_join_them(graph, bank):
    for side in ("old", "new"):
        assert nx.is_connected(graph.subgraph([unit for unit, here in bank.items() if here == side]))
    over = [(a, b) for a, b in graph.edges if bank[a] != bank[b]]
    assert 2 <= len(over) <= 20


def test_neighbours_over_the_river_stand_by_a_bridge(folder, units, graph, bank):
    bridges = gpd.read_file(folder / "crossings.geojson").geometry.to_crs("EPSG:4549").union_all()
    flat = units.set_index("unit_id").geometry.to_crs("EPSG:4549")
    for a, b in graph.edges:
        if bank[a] != bank[b]:
            assert flat[a].boundary.intersection(flat[b].buffer(0.5)).distance(bridges) <= 200


def test_nobody_swims(district, travel, bank, folder):
    """Between the banks nobody goes less far than over the nearer bridge."""
    units, schools = district.units, district.schools
    flat = gpd.GeoSeries.from_xy(units.lon, units.lat, crs="EPSG:4326").to_crs("EPSG:4549")
    sites = gpd.GeoSeries.from_xy(schools.lon, schools.lat, crs="EPSG:4326").to_crs("EPSG:4549")
    over = np.full(travel.metres.shape, np.inf)
    for bridge in gpd.read_file(folder / "crossings.geojson").geometry.to_crs("EPSG:4549"):
        over = np.minimum(over, flat.distance(bridge).to_numpy()[:, None] + sites.distance(bridge).to_numpy()[None, :])
    side = np.array([bank[unit] for unit in units.ids])
    apart = side[:, None] != side[district.schools.unit][None, :]
    assert (travel.metres[apart] >= over[apart] * (1 - 1e-4)).all()
    assert np.isfinite(travel.metres[~apart]).mean() > 0.98


@pytest.mark.parametrize("stage", ["primary", "junior"])
def test_everybody_reaches_several_schools(district, travel, stage):
    serving = [kind in SERVES[stage] for kind in district.schools.types]
    assert (np.isfinite(travel.metres[:, serving]).sum(axis=1) >= 5).all()


@pytest.mark.parametrize("stage", ["primary", "junior"])
def test_todays_catchments_are_in_one_piece_round_their_school(current, schools, graph, stage):
    rows = current[current.stage == stage]
    assert rows.unit_id.is_unique
    assert len(rows) == 600
    serving = schools[schools.type.isin(SERVES[stage])]
    assert set(rows.school_id) == set(serving.school_id)
    for school, home in zip(serving.school_id, serving.unit_id, strict=True):
        area = set(rows.unit_id[rows.school_id == school])
        assert home in area
        assert nx.is_connected(graph.subgraph(area))


def test_estates_are_adjacent_pairs_under_one_school(units, current, graph):
    estates = units[units.estate_id.fillna("") != ""].groupby("estate_id").unit_id.apply(list)
    assert len(estates) == 36
    school_of = current.set_index(["unit_id", "stage"]).school_id
    for first, second in estates:
        assert graph.has_edge(first, second)
        assert all(school_of[first, stage] == school_of[second, stage] for stage in ("primary", "junior"))
