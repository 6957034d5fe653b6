"""Where each table of an instance lies: found by its stem, or named in [files]."""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from models.faults import Fault
from optimizer.io.columns import CHILDREN, dictionary, is_about_posts
from optimizer.io.findings import (
    CannotRead,
    ambiguous_table,
    closed_file,
    database_address,
    missing_file,
    missing_table,
    nearest,
    password_in_address,
    unknown_format,
)
from optimizer.io.geofiles import read_geofile, read_parquet
from optimizer.io.sheets import Sheet, read_csv, read_workbook

TEXT_FORMATS = (".csv", ".xlsx")
GEO_FORMATS = (".geojson", ".gpkg", ".shp")
FORMATS = (*TEXT_FORMATS, ".parquet", *GEO_FORMATS)

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,20})://")
_SECRET = re.compile(r"://[^/@]*:[^/@]*@|password\s*=|pwd\s*=", re.IGNORECASE)
BESIDE_SHAPEFILE = (".dbf", ".shx", ".prj", ".cpg")
"""Files that belong to one .shp."""


@dataclass(frozen=True)
class Place:
    """Where a table lies: a path, the sheet or layer in it ("" for the obvious one), and its name in reports."""

    table: str
    path: Path
    part: str = ""

    @property
    def file(self) -> str:
        """Name of the file as faults show it, with the sheet or layer behind it."""
        return f"{self.path.name}#{self.part}" if self.part else self.path.name


def find_tables(folder: Path, named: Mapping[str, object]) -> tuple[list[Place], list[Fault]]:
    """Return where each table lies, in the order of the dictionary, and what is missing or ambiguous.

    What [files] names may lie anywhere the user may read, also outside the folder: planners keep one set of maps for
    many studies. Only regular files are opened, and no address is.
    """
    places: list[Place] = []
    faults: list[Fault] = []
    absent: list[str] = []
    present = sorted(entry.name for entry in folder.iterdir())
    for table in dictionary():
        try:
            entry = named.get(table)
            place = _named(folder, table, entry) if isinstance(entry, str) else _by_stem(folder, table, present)
        except CannotRead as error:
            faults.append(error.fault)
            continue
        if place is not None:
            places.append(place)
        else:
            absent.append(table)
    spared = CHILDREN if is_about_posts(dictionary().keys() - {*absent}) else ()
    missing = [table for table in absent if dictionary()[table].needed and table not in spared]
    return places, [*faults, *(missing_table(table, nearest(table, present)) for table in missing)]


def read_sheet(place: Place) -> Sheet:
    """Read a table as text by the format its name states. Raises CannotRead."""
    suffix = place.path.suffix.lower()
    try:
        if not place.path.is_file():
            raise CannotRead(closed_file(place.file, "it is not a regular file"))
        if suffix == ".csv":
            return read_csv(place.path, place.file)
        if suffix == ".xlsx":
            return read_workbook(place.path, place.file, place.table, place.part)
        if suffix == ".parquet":
            return read_parquet(place.path, place.file)
        return read_geofile(place.path, place.file, place.table, place.part)
    except OSError as error:
        raise CannotRead(closed_file(place.file, error.strerror or type(error).__name__)) from error


def compute_fingerprints(paths: Iterator[Path]) -> dict[str, str]:
    """Return the SHA-256 of every file that was read, the files beside a shapefile included, by file name."""
    found: dict[str, str] = {}
    for path in paths:
        beside = [path.with_suffix(suffix) for suffix in BESIDE_SHAPEFILE] if path.suffix.lower() == ".shp" else []
        for file in (path, *beside):
            if file.is_file() and os.access(file, os.R_OK):
                with file.open("rb") as content:
                    found[file.name] = hashlib.file_digest(content, "sha256").hexdigest()
    return found


def _by_stem(folder: Path, table: str, present: list[str]) -> Place | None:
    found = [
        name for name in present if Path(name).stem.casefold() == table and Path(name).suffix.casefold() in FORMATS
    ]
    if len(found) > 1:
        raise CannotRead(ambiguous_table(table, found))
    return Place(table, folder / found[0]) if found else None


def _named(folder: Path, table: str, entry: str) -> Place:
    if _SECRET.search(entry):
        raise CannotRead(password_in_address(table))
    address = _ADDRESS.match(entry)
    if address is not None:
        raise CannotRead(database_address(table, address[1]))
    name, _, part = entry.partition("#")
    path = folder / name
    if "\0" in name or not path.exists():
        near = nearest(Path(name).name, sorted(other.name for other in folder.iterdir()))
        raise CannotRead(missing_file(table, entry, near))
    if path.suffix.casefold() not in FORMATS:
        raise CannotRead(unknown_format(name, path.suffix, list(FORMATS)))
    return Place(table, path, part)
