"""Hostile copies of binhe: whatever was done to a file, `check` ends with a sentence, never with a traceback."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import xuewei

Mangle = Callable[[Path, random.Random], None]

SOUND, FAULTY = 0, 3


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")


def change_rows(path: Path, change: Callable[[list[list[str]]], list[list[str]]]) -> None:
    """Rewrite a CSV file as rows of cells, heading first."""
    rows = change([line.split(",") for line in text_of(path).splitlines()])
    path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")


def set_cell(name: str, column: str, value: str) -> Mangle:
    """One cell of a column, in a row drawn at random, becomes `value`."""

    def mangle(folder: Path, draw: random.Random) -> None:
        def change(rows: list[list[str]]) -> list[list[str]]:
            draw.choice(rows[1:])[rows[0].index(column)] = value
            return rows

        change_rows(folder / name, change)

    return mangle


def truncate(name: str) -> Mangle:
    """The file ends somewhere in its middle half."""

    def mangle(folder: Path, draw: random.Random) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: draw.randint(len(content) // 4, 3 * len(content) // 4)])

    return mangle


def write(name: str, content: bytes) -> Mangle:
    """The file is replaced."""
    return lambda folder, draw: folder.joinpath(name).write_bytes(content) and None


def replace(name: str, old: str, new: str) -> Mangle:
    """The first `old` of a text file becomes `new`."""

    def mangle(folder: Path, draw: random.Random) -> None:
        text = text_of(folder / name)
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return mangle


def encode(name: str, encoding: str) -> Mangle:
    """The file is written in another encoding."""
    return lambda folder, draw: (folder / name).write_bytes(text_of(folder / name).encode(encoding)) and None


def swap_columns(name: str, one: str, other: str) -> Mangle:
    """Two headings change places, their cells do not."""

    def mangle(folder: Path, draw: random.Random) -> None:
        def change(rows: list[list[str]]) -> list[list[str]]:
            a, b = rows[0].index(one), rows[0].index(other)
            rows[0][a], rows[0][b] = other, one
            return rows

        change_rows(folder / name, change)

    return mangle


def keep_rows(name: str, rows_kept: int) -> Mangle:
    """Only the heading and so many rows are left."""
    return lambda folder, draw: change_rows(folder / name, lambda rows: rows[: 1 + rows_kept])


def drop_row(name: str) -> Mangle:
    """A row drawn at random is gone."""

    def mangle(folder: Path, draw: random.Random) -> None:
        def change(rows: list[list[str]]) -> list[list[str]]:
            del rows[draw.randrange(1, len(rows))]
            return rows

        change_rows(folder / name, change)

    return mangle


def drop_column(name: str, column: str) -> Mangle:
    """A column is gone."""

    def mangle(folder: Path, draw: random.Random) -> None:
        def change(rows: list[list[str]]) -> list[list[str]]:
            gone = rows[0].index(column)
            return [[cell for k, cell in enumerate(row) if k != gone] for row in rows]

        change_rows(folder / name, change)

    return mangle


def shuffle_bytes(name: str) -> Mangle:
    """Two hundred bytes become random ones."""

    def mangle(folder: Path, draw: random.Random) -> None:
        content = bytearray((folder / name).read_bytes())
        for _ in range(200):
            content[draw.randrange(len(content))] = draw.randrange(256)
        (folder / name).write_bytes(bytes(content))

    return mangle


def change_features(name: str, change: Callable[[list[dict[str, object]]], object]) -> Mangle:
    """The list of features of a GeoJSON file is changed in place."""

    def mangle(folder: Path, draw: random.Random) -> None:
        document = json.loads(text_of(folder / name))
        change(document["features"])
        (folder / name).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    return mangle


def turn(feature: dict[str, object]) -> None:
    """Longitude and latitude of the outer ring change places."""
    geometry = feature["geometry"]
    assert isinstance(geometry, dict)
    geometry["coordinates"] = [[list(reversed(point)) for point in ring] for ring in geometry["coordinates"]]


def make_directory(name: str) -> Mangle:
    """A folder stands where a file was."""

    def mangle(folder: Path, draw: random.Random) -> None:
        (folder / name).unlink()
        (folder / name).mkdir()

    return mangle


MANGLED: dict[str, tuple[Mangle, set[int]]] = {
    "truncated units": (truncate("units.geojson"), {FAULTY}),
    "truncated demand": (truncate("demand.csv"), {SOUND, FAULTY}),
    "truncated schools": (truncate("schools.csv"), {FAULTY}),
    "truncated settings": (replace("instance.toml", "]", ""), {FAULTY}),
    "truncated barriers": (truncate("barriers.geojson"), {FAULTY}),
    "schools in GB18030": (encode("schools.csv", "gb18030"), {SOUND}),
    "schools in UTF-16": (encode("schools.csv", "utf-16"), {FAULTY}),
    "settings in GB18030": (encode("instance.toml", "gb18030"), {SOUND, FAULTY}),
    "NaN children": (set_cell("demand.csv", "students", "NaN"), {FAULTY}),
    "infinite children": (set_cell("demand.csv", "students", "inf"), {FAULTY}),
    "negative children": (set_cell("demand.csv", "students", "-3"), {FAULTY}),
    "half a child": (set_cell("demand.csv", "students", "2.5"), {FAULTY}),
    "huge count": (set_cell("demand.csv", "students", "9" * 40), {FAULTY}),
    "a number in words": (set_cell("schools.csv", "classrooms", "三十"), {FAULTY}),
    "unknown unit": (set_cell("demand.csv", "unit_id", "nowhere"), {FAULTY}),
    "unknown stage": (set_cell("demand.csv", "stage", "university"), {FAULTY}),
    "swapped columns of demand": (swap_columns("demand.csv", "unit_id", "students"), {FAULTY}),
    "swapped coordinates of schools": (swap_columns("schools.csv", "x", "y"), {FAULTY}),
    "swapped coordinates of units": (
        change_features("units.geojson", lambda features: [turn(feature) for feature in features]),
        {FAULTY},
    ),
    "deleted school": (drop_row("schools.csv"), {FAULTY}),
    "school far away": (set_cell("schools.csv", "x", "12.02"), {FAULTY}),
    "deleted unit": (change_features("units.geojson", lambda features: features.pop(100)), {FAULTY}),
    "doubled unit": (change_features("units.geojson", lambda features: features.append(features[0])), {FAULTY}),
    "empty geometry": (
        change_features("units.geojson", lambda features: features[5].update(geometry=None)),
        {FAULTY},
    ),
    "demand without a column": (drop_column("demand.csv", "students"), {FAULTY}),
    "schools without a column": (drop_column("schools.csv", "type"), {FAULTY}),
    "empty demand": (keep_rows("demand.csv", 0), {SOUND, FAULTY}),
    "empty schools": (keep_rows("schools.csv", 0), {FAULTY}),
    "nothing at all in units": (write("units.geojson", b""), {FAULTY}),
    "NUL bytes": (write("demand.csv", b"unit_id,stage,students\n\0\0\0"), {FAULTY}),
    "one cell of a megabyte": (set_cell("schools.csv", "name", "名" * 1_000_000), {SOUND, FAULTY}),
    "a folder for a file": (make_directory("schools.csv"), {FAULTY}),
    "a picture for a table": (write("schools.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256))), {FAULTY}),
    "random bytes in schools": (shuffle_bytes("schools.csv"), {SOUND, FAULTY}),
    "random bytes in units": (shuffle_bytes("units.geojson"), {SOUND, FAULTY}),
    "random bytes in demand": (shuffle_bytes("demand.csv"), {SOUND, FAULTY}),
    "a key that does not exist": (replace("instance.toml", "profile", "profil"), {FAULTY}),
    "a steering name": (set_cell("schools.csv", "name", "\x1b[2J=cmd|' /C calc'!A0"), {SOUND, FAULTY}),
}


@pytest.mark.parametrize("name", MANGLED)
def test_a_mangled_district_ends_with_a_sentence(name: str, repository: Path, tmp_path: Path) -> None:
    folder = tmp_path / "binhe"
    shutil.copytree(repository / "instances" / "binhe", folder)
    mangle, expected = MANGLED[name]
    mangle(folder, random.Random(name))
    result = CliRunner().invoke(xuewei, ["--lang", "en", "check", str(folder)])
    assert result.exit_code in expected, result.output
    assert "Traceback" not in result.output
    assert "\x1b" not in result.output
    assert ("no faults" if result.exit_code == SOUND else "Error:") in result.output


def test_there_are_enough_of_them() -> None:
    assert len(MANGLED) >= 30
