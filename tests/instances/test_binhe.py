"""Facts of the made-up district that its README and the scenarios rest on, read from its files alone."""

import re

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest

from instances.generator import write_binhe
from optimizer.checks import check_source
from optimizer.geo.travel import measure_travel
from optimizer.io import build_district, read_source, scenario_names

SERVES = {"primary": ("primary", "nine_year"), "junior": ("junior", "nine_year")}
GRADES = {"primary": list("123456"), "junior": list("789")}
ENTRY = {"primary": "1", "junior": "7"}
CAPS = {"primary": 45, "junior": 50}
OUTSIDE = ["M01", "M02", "M03", "S01"]
"""Private schools and the special one: no catchment, and no children in the return."""


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
def public(schools):
    return schools[~schools.school_id.isin(OUTSIDE)]


@pytest.fixture(scope="module")
def counted(folder):
    """Every year."""
    return pd.read_csv(folder / "demand.csv", dtype={"grade": str})


@pytest.fixture(scope="module")
def demand(counted):
    """The year of the plan, every grade and kind."""
    return counted[counted.year == 2027]


@pytest.fixture(scope="module")
def entering(demand):
    return demand[demand.grade == demand.stage.map(ENTRY)]


@pytest.fixture(scope="module")
def returned(folder):
    return pd.read_csv(folder / "enrolment.csv", dtype={"grade": str})


@pytest.fixture(scope="module")
def staying(returned):
    """Last year's return without the grades that leave."""
    return returned[~returned.grade.isin(["6", "9"])]


@pytest.fixture(scope="module")
def seats(folder):
    return pd.read_csv(folder / "fixed.csv")


@pytest.fixture(scope="module")
def places(public):
    """Children whom the entry classes of each school take, by school and stage."""
    by_school = public.set_index("school_id")
    found = {stage: by_school[f"classes_per_grade_{stage}"].dropna() * cap for stage, cap in CAPS.items()}
    return pd.concat(found).astype(int)


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
    assert len(drawn) == 10
    assert [name for name in drawn if (tmp_path / name).read_bytes() != (folder / name).read_bytes()] == []


@pytest.mark.parametrize(
    "scenario",
    [
        "base",
        "kept",
        "redraw",
        "targets_2022",
        "targets_2027",
        "steady_state",
        "small_2022",
        "small_2027",
        "cap_40",
        "cap_35",
    ],
)
def test_no_scenario_has_a_fault(folder, scenario):
    """`cap_35` alone is warned of: its places do not suffice."""
    report = check_source(read_source(folder, scenario))
    assert report.faults == ()
    assert bool(report.warnings) == (scenario == "cap_35")
    assert {*scenario_names(folder)} | {"base"} >= {scenario}


def test_size(units, public, demand):
    assert len(units) == 600
    assert public.type.value_counts().to_dict() == {"primary": 42, "junior": 18, "nine_year": 12}
    assert demand.groupby("stage").students.sum().to_dict() == {"primary": 40_000, "junior": 20_000}


def test_cohorts_fall(demand):
    by_grade = demand.groupby("grade").students.sum()
    assert by_grade[list("123456")].is_monotonic_increasing
    assert by_grade["1"] / by_grade["6"] == pytest.approx(2 / 3, abs=0.01)


def test_households(units):
    assert units.households.between(100, 3_500).all()
    assert units.households.max() > 3_000
    assert units.name.is_unique


def test_thirty_five_everywhere_needs_more_rooms_than_there_are(public, demand):
    """60,000 children in classes of 35 are 1,715 classes; at the national caps 1,289 classes do."""
    total, rooms = int(demand.students.sum()), int(public.classrooms.sum())
    assert -(-total // 35) == 1_715 > rooms == 1_692
    assert 0.8 * rooms > 40_000 / 45 + 20_000 / 50


def test_the_old_town_is_crowded_and_the_new_one_is_not(public, demand, bank):
    children = demand.students.groupby(demand.unit_id.map(bank)).sum()
    per_room = children / public.classrooms.groupby(public.unit_id.map(bank)).sum()
    assert 38 < per_room["old"] < 42
    assert 31 < per_room["new"] < 35


def test_sizes_are_those_schools_are_built_in(public):
    """P04 alone grew beyond them."""
    rooms = public.set_index("school_id").classrooms
    kind = public.set_index("school_id").type
    assert set(rooms[kind == "primary"].drop("P04")) <= {12, 18, 24, 30, 36}
    assert rooms["P04"] == 48
    assert set(rooms[kind == "junior"]) <= {18, 24, 30, 36}
    assert set(rooms[kind == "nine_year"]) <= {27, 36, 45}


def test_tracks_fit_the_rooms(public):
    grades = {"primary": 6, "junior": 3}
    needed = sum(public[f"classes_per_grade_{stage}"].fillna(0) * count for stage, count in grades.items())
    assert (needed <= public.classrooms).all()
    for stage, kinds in SERVES.items():
        assert (public[f"classes_per_grade_{stage}"].notna() == public.type.isin(kinds)).all()


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
    assert schools.school_id.is_unique


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
def test_everybody_has_a_catchment(current, public, units, stage):
    """Every open public school has one but N09, which opens this year."""
    rows = current[current.stage == stage]
    assert set(rows.unit_id) == set(units.unit_id)
    serving = public[public.type.isin(SERVES[stage])]
    assert set(rows.school_id) == set(serving.school_id) - {"N09"}


@pytest.mark.parametrize("stage", ["primary", "junior"])
def test_todays_catchments_are_in_one_piece_round_their_school(current, public, graph, stage):
    """But for P15, in two pieces, and P33, which stands in the catchment of N11 for a while."""
    rows = current[current.stage == stage]
    for school, home in zip(public.school_id, public.unit_id, strict=True):
        area = set(rows.unit_id[rows.school_id == school])
        if area:
            assert (home in area) == (school != "P33")
            assert nx.number_connected_components(graph.subgraph(area)) == (2 if school == "P15" else 1)


def test_two_junior_schools_share_their_catchment(current, graph):
    rows = current[current.duplicated(["unit_id", "stage"], keep=False)]
    assert set(rows.stage) == {"junior"}
    shared = rows.groupby("unit_id").school_id.agg(set)
    assert (shared == {"J13", "J14"}).all()
    assert nx.is_connected(graph.subgraph(shared.index))
    assert len(shared) == (current.school_id == "J13").sum() == (current.school_id == "J14").sum()


def test_estates_are_adjacent_pairs_under_one_school(units, current, graph):
    estates = units[units.estate_id.fillna("") != ""].groupby("estate_id").unit_id.apply(list)
    assert len(estates) == 36
    school_of = current.groupby(["unit_id", "stage"]).school_id.agg(set)
    for first, second in estates:
        assert graph.has_edge(first, second)
        assert all(school_of[first, stage] == school_of[second, stage] for stage in ("primary", "junior"))


def test_kinds_of_children(demand):
    by_kind = demand.groupby(["grade", "category"]).students.sum().unstack()
    share = by_kind.div(by_kind.sum(axis=1), axis=0)
    assert share.migrant.to_numpy() == pytest.approx(0.20, abs=1e-3)
    assert share.special.to_numpy() == pytest.approx(0.005, abs=1e-3)


def test_children_with_special_needs_have_one_seat_each(demand, seats, schools, district, travel):
    assert not seats.duplicated(["unit_id", "stage"]).any()
    assert set(zip(seats.rule, seats.category, strict=True)) == {("must", "special")}
    seated = demand[demand.category == "special"].merge(seats, on=["unit_id", "stage"], how="outer", indicator=True)
    assert (seated._merge == "both").all()
    kind = seated.school_id.map(schools.set_index("school_id").type)
    at_special = int(seated.students[kind == "special"].sum())
    assert (at_special, int(seated.students.sum())) == (66, 300)
    ordinary = seated[kind != "special"]
    away = seated.unit_id[kind == "special"]
    assert all(travel.metres[district.units.row[unit], district.schools.row["S01"]] <= 3_000 for unit in away)
    assert all(kind in SERVES[stage] for kind, stage in zip(kind[ordinary.index], ordinary.stage, strict=True))


def test_the_return_and_those_who_enter_are_everybody(demand, entering, staying, seats):
    """Who stays, who enters, and the higher grades of the special school: 60,000."""
    special = demand[demand.category == "special"].merge(seats, on=["unit_id", "stage"])
    away = special[(special.school_id == "S01") & (special.grade != special.stage.map(ENTRY))]
    for stage in GRADES:
        counts = [table[table.stage == stage].students.sum() for table in (staying, entering, away)]
        assert sum(counts) == demand[demand.stage == stage].students.sum()


def test_the_return_has_every_grade_of_every_school_that_was_open(returned, public):
    taught = {
        (school, stage, grade)
        for school, kind in zip(public.school_id, public.type, strict=True)
        for stage in GRADES
        for grade in GRADES[stage]
        if kind in SERVES[stage] and school != "N09"
    }
    assert {*zip(returned.school_id, returned.stage, returned.grade, strict=True)} == taught
    assert not returned.duplicated(["school_id", "grade"]).any()
    assert (returned.students >= returned.classes).all()
    opening = public[public.school_id == "N09"].iloc[0]
    assert (opening.type, str(opening.is_new).lower()) == ("nine_year", "true")


def find_inherited(public, returned, staying, current, district, travel, graph):
    """What breaks a rule today and stays: rule, where, last year's value, limit."""
    cap = staying.stage.map(CAPS)
    largest = -(-staying.students // staying.classes)
    for row in staying[largest > cap].itertuples():
        yield "class_size", f"{row.school_id} grade {int(row.grade) + 1}", int(largest[row.Index]), CAPS[row.stage]
    last = returned.groupby("school_id")[["students", "classes"]].sum()
    for school in public.set_index("school_id").loc[last.index].itertuples():
        students, classes = last.loc[school.Index]
        limits = {
            "classrooms": (classes, school.classrooms),
            "school_size": (students, 2500 if school.type == "nine_year" else 2000),
            "places": (students, school.places),
        }
        yield from ((rule, school.Index, int(n), int(limit)) for rule, (n, limit) in limits.items() if n > limit)
    for (school, _), rows in current.groupby(["school_id", "stage"]):
        pieces = nx.number_connected_components(graph.subgraph(rows.unit_id))
        if pieces > 1:
            yield "contiguous", school, pieces, 1
    for row in current[current.stage == "primary"].itertuples():
        metres = travel.metres[district.units.row[row.unit_id], district.schools.row[row.school_id]]
        if metres > 3000:
            yield "max_travel", row.unit_id, round(float(metres)), 3000


def test_ten_faults_are_inherited(folder, public, returned, staying, current, district, travel, graph):
    """No more and no fewer than the README lists, with both values."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \| ([^|]+) \| (\d+) \| (\d+) \|", text, re.MULTILINE)
    found = find_inherited(public, returned, staying, current, district, travel, graph)
    assert {(rule, where, int(n), int(limit)) for rule, where, n, limit in listed} == {*found}
    assert len(listed) == 10


def test_what_was_inherited_outlasts_this_entry(public, staying, entering, current, places):
    """With the zoned children of today's catchments in as few classes as can be, every fault of a school stays."""
    zoned = entering[entering.category == "local"].merge(current, on=["unit_id", "stage"])
    enters = zoned.groupby(["stage", "school_id"]).students.sum()
    stays = staying.groupby("school_id")[["students", "classes"]].sum()
    by_school = public.set_index("school_id")
    for school, stage in (("P05", "primary"), ("J02", "junior")):
        assert stays.classes[school] - (-enters[stage, school] // CAPS[stage]) > by_school.classrooms[school]
    assert stays.students["P04"] + enters["primary", "P04"] > 2000
    assert stays.students["P10"] + enters["primary", "P10"] > by_school.places["P10"]
    assert enters["primary", "P04"] <= places["primary", "P04"]


def find_too_many(entering, current, seats, places):
    """Zoned children, placed ones and places of the schools whose catchment does not fit; a shared one counts once."""
    once = current.drop_duplicates(["unit_id", "stage"])
    zoned = entering[entering.category == "local"].merge(once, on=["unit_id", "stage"])
    placed = entering[entering.category == "special"].merge(seats, on=["unit_id", "stage"])
    count = {
        name: rows.groupby(["stage", "school_id"]).students.sum().reindex(places.index, fill_value=0)
        for name, rows in (("zoned", zoned), ("placed", placed))
    }
    table = pd.DataFrame(count | {"places": places})
    table["over"] = table.zoned + table.placed - table.places
    return table


def test_who_does_not_fit(folder, entering, current, seats, places, public, bank):
    """The schools that the README lists; in the old town 2-4 % of all zoned children, as the README says."""
    table = find_too_many(entering, current, seats, places)
    text = (folder / "README.md").read_text(encoding="utf-8")
    row = r"^\| (\w+) \| (primary|junior) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$"
    listed = {(stage, school): [*map(int, rest)] for school, stage, *rest in re.findall(row, text, re.MULTILINE)}
    over = table[table.over > 0]
    assert listed == {key: counts.tolist() for key, counts in over.iterrows()}
    home = public.set_index("school_id").unit_id.map(bank)
    in_old_town = over.over[home[over.index.get_level_values(1)].to_numpy() == "old"].sum()
    assert in_old_town == 249
    assert 0.02 < in_old_town / entering.students[entering.category == "local"].sum() < 0.04


def test_places_elsewhere_are_within_reach(entering, current, seats, places, district, travel):
    """Within 2,500 m of every school that is full stand schools with twice the places that it lacks."""
    table = find_too_many(entering, current, seats, places)
    schools = district.schools
    for (stage, school), row in table[table.over > 0].iterrows():
        metres = travel.metres[schools.unit[schools.row[school]]]
        near = [name for name in places[stage].index if metres[schools.row[name]] <= 2_500]
        assert -table.over[stage].loc[near].clip(upper=0).sum() >= 2 * row.over


def test_there_are_places_for_everyone(folder, entering, places):
    text = (folder / "README.md").read_text(encoding="utf-8")
    for stage in GRADES:
        enter = int(entering.students[entering.stage == stage].sum())
        assert enter < 0.85 * places[stage].sum()
        assert f"{enter:,}" in text
        assert f"{places[stage].sum():,}" in text


def test_one_estate_is_larger_than_the_intake_of_its_school(entering, current, places):
    """U439: neither P27, its school, nor N09, built for it, takes as many in a year."""
    zoned = entering[(entering.category == "local") & (entering.stage == "primary")]
    estate = int(zoned.students[zoned.unit_id == "U439"].iloc[0])
    assert current.school_id[(current.unit_id == "U439") & (current.stage == "primary")].tolist() == ["P27"]
    assert estate > places["primary", "P27"] == places["primary", "N09"] == 135


def test_one_estate_is_handed_over_next_year(counted, units):
    rows = counted[counted.unit_id == "U503"]
    assert rows.year.min() == 2028
    assert (rows.groupby("year").students.sum() > 90).all()
    assert units.set_index("unit_id").households["U503"] == 2_400


def test_later_years_hold_the_entry_grades_alone(counted):
    later = counted[counted.year > 2027]
    assert set(later.year) == {2028, 2029, 2030, 2031, 2032}
    assert (later.grade == later.stage.map(ENTRY)).all()
    assert not counted.duplicated(["unit_id", "stage", "grade", "category", "year"]).any()


def test_primary_empties_and_junior_fills(counted, returned, public, units):
    """Kept catchments, everybody a grade higher: six years on primary is below 0.60, zone Z5 lacks junior places."""
    places = {stage: public[f"classes_per_grade_{stage}"].sum() * 6 / len(grades) for stage, grades in GRADES.items()}
    entry = counted[counted.grade == counted.stage.map(ENTRY)]
    by_year = entry.groupby(["stage", "year"]).students.sum()
    assert by_year["primary"].sum() / (places["primary"] * 6 * CAPS["primary"]) < 0.60
    growing = set(units.unit_id[units.zone_id == "Z5"])
    here = entry[entry.unit_id.isin(growing) & (entry.stage == "junior") & (entry.year >= 2030)]
    tracks = public[public.zone_id == "Z5"].classes_per_grade_junior.sum()
    assert here.students.sum() > 3 * tracks * CAPS["junior"]


def test_schools_outside_the_catchments(schools):
    outside = schools.set_index("school_id").loc[OUTSIDE]
    assert outside.ownership.tolist() == ["private"] * 3 + ["public"]
    assert outside.purchased_places.dropna().sum() == 185
    assert outside.type["S01"] == "special"


def test_campuses_and_the_borrowed_site(schools, current):
    by_school = schools.set_index("school_id")
    assert by_school.legal_id["P11"] == by_school.legal_id["P10"] == "P10"
    assert by_school.legal_id.nunique() == len(by_school) - 1
    assert by_school.index[~by_school.anchor].tolist() == ["P33"]
    primary = current[current.stage == "primary"].set_index("unit_id").school_id
    assert primary[by_school.unit_id["P33"]] == "N11"


def test_every_primary_school_of_the_old_town_feeds_junior_schools(folder, public, bank):
    feeders = pd.read_csv(folder / "feeders.csv")
    by_school = public.set_index("school_id")
    old = [school for school, unit in by_school.unit_id.items() if bank[unit] == "old"]
    assert {*feeders.primary_school_id} == {school for school in old if by_school.type[school] == "primary"}
    assert by_school.type[feeders.junior_school_id].isin(SERVES["junior"]).all()
    assert feeders.groupby("primary_school_id").share.sum().to_numpy() == pytest.approx(1.0)
