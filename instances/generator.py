"""Draws made-up districts: binhe, which comes with the program, and smaller ones for a planner to start from.

`python -m instances.generator` writes `instances/binhe` anew, byte for byte the same.
"""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from instances.entry import draw_entry_tables
from instances.small import design_small, draw_small_tables
from models.sentences import Language, say
from models.settings import resolve


def write_district(
    folder: Path, seed: int = 1, *, units: int = 60, schools: int = 8, language: Language = "en"
) -> None:
    """Write a small made-up district with a river into `folder`, for a planner to edit.

    Nothing that stands in `folder` is overwritten: FileExistsError names the file. Raises ValueError for fewer than
    two schools or fewer than four units a school.
    """
    if schools < 2 or units < 4 * schools:
        raise ValueError(f"{units} units and {schools} schools: at least two schools, and four units a school")
    facts = {"name": _plain(folder.resolve().name), "seed": seed, "units": units, "schools": schools}
    stated = say("instances.new.settings", facts, language)
    settings = resolve(tomllib.loads(stated), has_current=True)
    tables = draw_small_tables(design_small(seed, units, schools), settings)
    tables["instance.toml"] = stated.encode()
    tables["scenarios.toml"] = say("instances.new.scenarios", facts, language).encode()
    tables["README.md"] = say("instances.new.readme", facts, language).encode()
    for name in tables:
        if (folder / name).exists():
            raise FileExistsError(folder / name)
    _write_whole(folder.resolve(), tables)


def write_binhe(folder: Path) -> None:
    """Write the tables of binhe into `folder`; its settings, scenarios and README are kept by hand."""
    _write_whole(folder.resolve(), draw_entry_tables())


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


if __name__ == "__main__":
    write_binhe(Path(str(files("instances").joinpath("binhe"))))
