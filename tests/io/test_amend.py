"""A scenario written into `scenarios.toml`: read back as it was tried, everything else byte for byte, or nothing."""

import tomllib
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import districts as d
import pytest

from models.faults import FaultyInput
from optimizer.checks import check_source
from optimizer.io import ScenarioNotFound, build_district, read_source
from optimizer.io.amend import NotWritten, write_scenario

WRITTEN = """# What the bureau tries in spring.
[scenarios]
rooms = [ "rooms" ]   # S1 is extended

[overrides.rooms.schools]
"S1" = { places = 400 }   # 八一路

# The end.
"""
TITLED = (
    WRITTEN
    + """
[titles]
base = "As it stands"                                # on every page
rooms = { zh = "扩建 S1", en = "S1 extended" }
"""
)
PATCH: dict[str, Any] = {"schools": {"S2": {"places": 300}}, "policy": {"travel": {"max_m": {"primary": 3400}}}}


def write(folder: Path, text: str) -> bytes:
    (folder / "scenarios.toml").write_bytes(text.encode("utf-8"))
    return text.encode("utf-8")


def lines(folder: Path) -> list[bytes]:
    return (folder / "scenarios.toml").read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize("text", [WRITTEN, WRITTEN.replace("\n", "\r\n"), "\ufeff" + WRITTEN, TITLED])
def test_what_stands_there_stays_byte_for_byte(tmp_path: Path, text: str) -> None:
    before = write(tmp_path, text).splitlines(keepends=True)
    write_scenario(tmp_path, "relief", PATCH, base="rooms", comment="300 places at S2")
    after = lines(tmp_path)
    assert {step for step, *_ in SequenceMatcher(None, before, after).get_opcodes()} == {"equal", "insert"}
    assert {line.endswith(b"\r\n") for line in after} == {"\r\n" in text}
    assert b'relief = ["rooms", "relief"] # 300 places at S2' in [line.rstrip() for line in after]
    read = tomllib.loads(b"".join(after).decode("utf-8-sig"))
    assert (read["scenarios"]["relief"], read["overrides"]["relief"]) == (["rooms", "relief"], PATCH)
    assert list(tmp_path.iterdir()) == [tmp_path / "scenarios.toml"]


def test_it_reads_as_the_patch_did_before_it_was_written(tmp_path: Path) -> None:
    folder = d.write_instance(tmp_path, scenarios=WRITTEN)
    tried = build_district(read_source(folder, "rooms", PATCH))
    write_scenario(folder, "relief", PATCH, base="rooms")
    source = read_source(folder, "relief")
    assert check_source(source).faults == ()
    built = build_district(source)
    assert built.schools.places.tolist() == tried.schools.places.tolist()
    assert built.settings == tried.settings
    assert dict(zip(built.schools.ids, built.schools.places, strict=True)) == {"S1": 400, "S2": 300}


@pytest.mark.parametrize("patch", [{"shools": {}}, {"schools": [1]}, {"scenarios": {"relief": []}}])
def test_a_patch_that_could_not_be_read_back_has_faults_before_it_is_written(tmp_path: Path, patch: Any) -> None:
    """A `diagnosis.json` that was edited may hold anything."""
    report = check_source(read_source(d.write_instance(tmp_path, scenarios=WRITTEN), "rooms", patch))
    assert [fault.code for fault in report.faults] in (["S101"], ["S103"])


def test_a_comment_stays_on_its_line(tmp_path: Path) -> None:
    write_scenario(tmp_path, "relief", PATCH, comment="lever\n[overrides]\x00")
    assert b'relief = ["relief"] # lever [overrides] ' in [line.rstrip(b"\n") for line in lines(tmp_path)]


def test_a_file_is_made_where_there_is_none(tmp_path: Path) -> None:
    write_scenario(tmp_path, "relief", PATCH)
    read = tomllib.loads((tmp_path / "scenarios.toml").read_text(encoding="utf-8"))
    assert read == {"scenarios": {"relief": ["relief"]}, "overrides": {"relief": PATCH}}


@pytest.mark.parametrize(
    "text",
    [
        "overrides = { rooms = { schools = {} } }\nscenarios = { rooms = ['rooms'] }\n",
        "scenarios.rooms = ['rooms']\noverrides.rooms.rules.places = 'soft'\n",
        "[overrides.a.rules]\nplaces = 'soft'\n[scenarios]\na = ['a']\n[overrides.b]\n[overrides.a.policy]\n",
        "[scenarios]\na = ['a']  # no line end\n[overrides]\na = {}",
    ],
)
def test_every_way_to_write_tables_takes_one_more(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    write_scenario(tmp_path, "relief", PATCH)
    before, after = tomllib.loads(text), tomllib.loads((tmp_path / "scenarios.toml").read_text(encoding="utf-8"))
    assert after["overrides"] == {**before["overrides"], "relief": PATCH}
    assert after["scenarios"] == {**before["scenarios"], "relief": ["relief"]}


def test_a_name_in_use_is_replaced_by_force_alone(tmp_path: Path) -> None:
    before = write(tmp_path, WRITTEN)
    with pytest.raises(NotWritten) as raised:
        write_scenario(tmp_path, "rooms", PATCH)
    assert (raised.value.key, raised.value.facts["name"]) == ("taken", "rooms")
    assert (tmp_path / "scenarios.toml").read_bytes() == before
    write_scenario(tmp_path, "rooms", PATCH, force=True)
    read = tomllib.loads((tmp_path / "scenarios.toml").read_text(encoding="utf-8"))
    assert (read["scenarios"], read["overrides"]) == ({"rooms": ["rooms"]}, {"rooms": PATCH})


def test_what_another_scenario_is_made_of_is_never_replaced(tmp_path: Path) -> None:
    before = write(tmp_path, WRITTEN.replace("[scenarios]", '[scenarios]\nboth = ["rooms"]'))
    for base in ("base", "rooms"):
        with pytest.raises(NotWritten) as raised:
            write_scenario(tmp_path, "rooms", PATCH, base=base, force=True)
        assert raised.value.key == "in_use"
    assert (tmp_path / "scenarios.toml").read_bytes() == before


@pytest.mark.parametrize("name", ["base", "..", "a/b", "", "a b"])
def test_a_name_that_no_scenario_may_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotWritten) as raised:
        write_scenario(tmp_path, name, PATCH)
    assert raised.value.key == "unusable"
    assert list(tmp_path.iterdir()) == []


def test_a_scenario_that_is_none_has_nothing_laid_over_it(tmp_path: Path) -> None:
    write(tmp_path, WRITTEN)
    with pytest.raises(ScenarioNotFound):
        write_scenario(tmp_path, "relief", PATCH, base="rooom")


def test_a_broken_file_is_told_as_a_fault_and_left(tmp_path: Path) -> None:
    before = write(tmp_path, "[scenarios\n")
    with pytest.raises(FaultyInput):
        write_scenario(tmp_path, "relief", PATCH)
    assert (tmp_path / "scenarios.toml").read_bytes() == before


def test_a_scenario_is_known_again_whatever_stands_beside_it(tmp_path: Path) -> None:
    """Its fingerprint is that of its overrides; that of the file changes with every scenario that is added."""
    folder = d.write_instance(tmp_path, scenarios=WRITTEN)
    first = read_source(folder, "rooms").fingerprints
    write_scenario(folder, "relief", PATCH)
    second = read_source(folder, "rooms").fingerprints
    assert {file for file in first if first[file] != second[file]} == {"scenarios.toml"}
    (folder / "scenarios.toml").write_bytes((folder / "scenarios.toml").read_bytes().replace(b"400", b"401"))
    assert read_source(folder, "rooms").fingerprints["scenarios.toml#rooms"] != first["scenarios.toml#rooms"]
    assert "scenarios.toml#base" not in read_source(folder).fingerprints
