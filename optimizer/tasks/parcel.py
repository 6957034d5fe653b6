"""Parcels: the files by which an instance or a run is read elsewhere, and where they are unpacked."""

import hashlib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from optimizer.io.columns import dictionary
from optimizer.io.folder import BESIDE_SHAPEFILE, FORMATS
from optimizer.io.scenarios import FILE
from optimizer.runs.claim import MADE_MARK
from optimizer.tasks.failure import InputsChanged, NotHere

SETTINGS = "instance.toml"


@dataclass(frozen=True)
class Contents:
    """A parcel on its way: the bytes of every file by its place in it, and the folder that is read."""

    base: str
    files: Mapping[str, bytes]
    elsewhere: Mapping[str, str]


@dataclass(frozen=True)
class Parcel:
    """What a folder is read by: path and SHA-256 of every file, by its place in the parcel."""

    digest: str
    """SHA-256 of names and contents, wherever the folder lies."""
    base: str
    """Place of the folder itself; files that it names beside it lie beside it in the parcel too."""
    files: Mapping[str, tuple[Path, str]]
    elsewhere: Mapping[str, str]
    """SHA-256 of files that are named by their whole path, which are read where they lie."""

    def load(self) -> Contents:
        """Return the files with their bytes. Raises InputsChanged where one is not as it was."""
        read = {}
        for place, (path, digest) in self.files.items():
            read[place] = path.read_bytes()
            if hashlib.sha256(read[place]).hexdigest() != digest:
                raise InputsChanged(path)
        return Contents(self.base, read, self.elsewhere)


def pack_instance(folder: Path) -> Parcel:
    """Return the parcel of an instance: settings, scenarios, and its tables by their stem or as [files] names them.

    Sub-folders, such as that of its runs, stay behind. Raises FileNotFoundError where there is no folder, and OSError
    for a file that cannot be read.
    """
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    home = folder.resolve()
    beside = [path for path in home.iterdir() if path.name in (SETTINGS, FILE) or _is_table(path)]
    named = [Path(entry) for entry in _named_files(home)]
    absolute = {path.as_posix(): _digest(path) for path in _whole(path for path in named if path.is_absolute())}
    relative = (Path(os.path.normpath(home / path)) for path in named if not path.is_absolute())
    return _pack(home, {*beside, *_whole(relative)}, absolute)


def pack_run(folder: Path) -> Parcel:
    """Return the parcel of a stored run, without maps and what was exported from it. Raises as `pack_instance`."""
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    home = folder.resolve()
    files = {path for path in home.iterdir() if path.suffix in (".csv", ".json") and path.name != MADE_MARK}
    return _pack(home, files, {}, root=home.parent)


class Shelf:
    """Parcels unpacked on this machine, each once, for as long as the shelf stands."""

    def __init__(self, beside: str | None = None) -> None:
        """`beside` is the folder to make room in, that for temporary files if there is none."""
        self.folders: dict[str, Path] = {}
        """Of what lies there, by digest."""
        self._made = TemporaryDirectory(prefix="xuewei-", dir=beside, ignore_cleanup_errors=True)
        self.room = Path(self._made.name)
        """For whatever else is written down for a while."""
        self._turn = Lock()

    def put(self, digest: str, contents: Contents) -> None:
        """Unpack a parcel, if that was not done before. Raises NotHere."""
        with self._turn:
            if digest not in self.folders:
                self.folders[digest] = unpack(contents, self.room / digest)

    def put_all(self, parcels: Mapping[str, Parcel]) -> None:
        """Unpack parcels of this machine; those that were are not packed again. Raises InputsChanged and NotHere."""
        for digest, parcel in parcels.items():
            if digest not in self.folders:
                self.put(digest, parcel.load())

    def clear(self) -> None:
        """Remove everything."""
        self.folders.clear()
        self._made.cleanup()


def unpack(contents: Contents, room: Path) -> Path:
    """Write a parcel into `room` and return the folder to read. Raises NotHere for a file that has to be here."""
    for path, digest in contents.elsewhere.items():
        if not Path(path).is_file() or _digest(Path(path)) != digest:
            raise NotHere(path)
    folder = room / contents.base
    folder.mkdir(parents=True)
    for place, content in contents.files.items():
        target = room / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


def _pack(home: Path, paths: set[Path], elsewhere: Mapping[str, str], root: Path | None = None) -> Parcel:
    files = sorted(path for path in paths if path.is_file())
    top = root or Path(os.path.commonpath([home, *(path.parent for path in files)]))
    listed = {path.relative_to(top).as_posix(): (path, _digest(path)) for path in files}
    stated = hashlib.sha256()
    for place, digest in elsewhere.items():
        stated.update(f"{place}\0{digest}\n".encode())
    for path, digest in listed.values():
        stated.update(f"{Path(os.path.relpath(path, home)).as_posix()}\0{digest}\n".encode())
    return Parcel(stated.hexdigest(), home.relative_to(top).as_posix(), listed, elsewhere)


def _is_table(path: Path) -> bool:
    formats = (*FORMATS, *BESIDE_SHAPEFILE)
    return path.stem.casefold() in dictionary() and path.suffix.casefold() in formats


def _named_files(folder: Path) -> Iterator[str]:
    """Files that [files] names, in the settings or in any override; a database address is no file."""
    overrides = _read(folder / FILE).get("overrides")
    sections = [_read(folder / SETTINGS), *(overrides.values() if isinstance(overrides, Mapping) else ())]
    for section in sections:
        files = section.get("files") if isinstance(section, Mapping) else None
        for entry in files.values() if isinstance(files, Mapping) else ():
            if isinstance(entry, str) and "://" not in entry and "\0" not in entry:
                yield entry.partition("#")[0]


def _read(path: Path) -> Mapping[str, Any]:
    """A TOML file, empty where there is none or it is broken: reading the instance tells of that."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return {}


def _whole(paths: Iterable[Path]) -> Iterator[Path]:
    """The regular files among some paths, with those that lie beside a shapefile."""
    for path in paths:
        beside = [path.with_suffix(suffix) for suffix in BESIDE_SHAPEFILE] if path.suffix.lower() == ".shp" else []
        yield from (file for file in (path, *beside) if file.is_file())


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
