"""Parcels: whatever an instance is read by, and nothing else, can be read elsewhere."""

import hashlib
import shutil
from pathlib import Path

import pytest
from districts import write_instance, write_table

from optimizer.io import read_source
from optimizer.tasks.failure import InputsChanged, NotHere
from optimizer.tasks.parcel import Shelf, pack_instance, pack_run, unpack


def carried(instance: Path, room: Path) -> Path:
    return unpack(pack_instance(instance).load(), room)


def test_an_instance_reads_the_same_elsewhere(tmp_path: Path) -> None:
    """With a table in a folder below, one beside the instance that only an override names, and runs that stay."""
    scenarios = '[overrides.later.files]\ndemand = "../maps/children.csv"\n[scenarios]\nlater = ["later"]\n'
    instance = write_instance(
        tmp_path / "town" / "grid", settings={"files": {"schools": "tables/sites.csv"}}, scenarios=scenarios
    )
    for table, place in (("schools", "grid/tables/sites.csv"), ("demand", "maps/children.csv")):
        target = tmp_path / "town" / place
        target.parent.mkdir()
        shutil.copy(instance / f"{table}.csv", target)
    (instance / "schools.csv").unlink()
    (instance / "runs").mkdir()
    (instance / "runs" / "units.csv").write_text("kept back", encoding="utf-8")
    there = carried(instance, tmp_path / "room")
    assert there == tmp_path / "room" / "grid"
    assert not (there / "runs").exists()
    for scenario in ("base", "later"):
        here, read = read_source(instance, scenario), read_source(there, scenario)
        assert read.faults == here.faults == ()
        assert read.fingerprints == here.fingerprints
        assert read.tables.keys() == here.tables.keys()


def test_what_belongs_to_a_shapefile_goes_with_it(tmp_path: Path) -> None:
    instance = write_instance(tmp_path / "grid", settings={"files": {"units": "../shapes/land.shp"}})
    shapes = tmp_path / "shapes"
    shapes.mkdir()
    for suffix in (".shp", ".dbf", ".shx", ".prj", ".xml"):
        (shapes / f"land{suffix}").write_text(suffix, encoding="utf-8")
    places = pack_instance(instance).files
    assert {place for place in places if place.startswith("shapes/")} == {
        f"shapes/land{suffix}" for suffix in (".shp", ".dbf", ".shx", ".prj")
    }


def test_a_database_goes_as_its_address(tmp_path: Path) -> None:
    instance = write_instance(tmp_path / "grid", settings={"files": {"units": "postgresql://host/db?table=units"}})
    assert set(pack_instance(instance).files) == {"instance.toml", "units.geojson", "demand.csv", "schools.csv"}


def test_a_file_named_by_its_whole_path_has_to_be_there(tmp_path: Path) -> None:
    table = write_table(tmp_path, "children", [{"unit_id": "U1", "stage": "primary", "students": 1}])
    instance = write_instance(tmp_path / "grid", settings={"files": {"demand": str(table)}})
    parcel = pack_instance(instance)
    assert parcel.elsewhere == {table.as_posix(): hashlib.sha256(table.read_bytes()).hexdigest()}
    assert unpack(parcel.load(), tmp_path / "room").is_dir()
    table.write_text("unit_id,stage,students\nU1,primary,2\n", encoding="utf-8")
    assert pack_instance(instance).digest != parcel.digest
    with pytest.raises(NotHere):
        unpack(parcel.load(), tmp_path / "other")


def test_a_change_after_packing_is_found(tmp_path: Path) -> None:
    instance = write_instance(tmp_path / "grid")
    parcel = pack_instance(instance)
    with (instance / "demand.csv").open("a", encoding="utf-8") as file:
        file.write("U1,primary,1\n")
    with pytest.raises(InputsChanged) as changed:
        parcel.load()
    assert changed.value.path.name == "demand.csv"


def test_settings_that_cannot_be_parsed_are_carried_as_they_are(tmp_path: Path) -> None:
    instance = write_instance(tmp_path / "grid")
    (instance / "instance.toml").write_text("[instance\n", encoding="utf-8")
    there = carried(instance, tmp_path / "room")
    assert [fault.code for fault in read_source(there).faults] == [fault.code for fault in read_source(instance).faults]


def test_of_a_run_only_what_is_read_is_carried(tmp_path: Path) -> None:
    run = tmp_path / "runs" / "base"
    run.mkdir(parents=True)
    for name in ("run.json", "classes.csv", "task.json", "map.png", "plan.gpkg"):
        (run / name).write_text(name, encoding="utf-8")
    parcel = pack_run(run)
    assert parcel.base == "base"
    assert set(parcel.files) == {"base/run.json", "base/classes.csv"}


def test_a_shelf_unpacks_once_and_is_cleared(tmp_path: Path) -> None:
    parcel = pack_instance(write_instance(tmp_path / "grid"))
    shelf = Shelf(str(tmp_path))
    shelf.put_all({parcel.digest: parcel})
    folder = shelf.folders[parcel.digest]
    shutil.rmtree(tmp_path / "grid")
    shelf.put_all({parcel.digest: parcel})
    assert (folder / "instance.toml").is_file()
    shelf.clear()
    assert not folder.exists()
