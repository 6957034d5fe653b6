"""Draws made-up districts: binhe, which comes with the program, and smaller ones for a planner to start from.

`python -m instances.generator` writes `instances/binhe` anew, byte for byte the same.
"""

from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from instances.design import BINHE, Bank, BankDesign, Design
from instances.drawing import draw_tables
from instances.entry import draw_entry_tables
from models.sentences import Language, say


def write_district(
    folder: Path, seed: int = 1, *, units: int = 60, schools: int = 8, language: Language = "en"
) -> None:
    """Write a small made-up district with a river into `folder`, for a planner to edit.

    Nothing that stands in `folder` is overwritten: FileExistsError names the file. Raises ValueError for fewer than
    two schools or fewer than four units a school.
    """
    if schools < 2 or units < 4 * schools:
        raise ValueError(f"{units} units and {schools} schools: at least two schools, and four units a school")
    design = design_small(seed, units, schools)
    facts = {"name": _plain(folder.resolve().name), "seed": seed, "units": units, "schools": schools}
    tables = draw_tables(design)
    tables["instance.toml"] = say("instances.new.settings", facts, language).encode()
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


def design_small(seed: int, units: int, schools: int) -> Design:
    """Return binhe's proportions at another size."""
    scale = schools / sum(sum(bank.schools.values()) for bank in BINHE.banks.values())
    old_units, old_schools = round(0.43 * units), max(1, round(0.4 * schools))
    banks: dict[Bank, BankDesign] = {
        "old": replace(BINHE.banks["old"], units=old_units, schools=_mix(old_schools), towns=1, zones=1),
        "new": replace(
            BINHE.banks["new"], units=units - old_units, schools=_mix(schools - old_schools), towns=1, zones=1
        ),
    }
    return replace(
        BINHE,
        name="district",
        seed=seed,
        children={stage: round(count * scale) for stage, count in BINHE.children.items()},
        rooms=round(BINHE.rooms * scale),
        banks=banks,
        estates=max(1, units // 20),
    )


def _mix(schools: int) -> dict[str, int]:
    """One nine-year school at least, so that both banks teach every grade."""
    nine_year = max(1, round(schools / 6))
    junior = min(schools - nine_year, round(schools / 4))
    return {"primary": schools - nine_year - junior, "junior": junior, "nine_year": nine_year}


if __name__ == "__main__":
    write_binhe(Path(str(files("instances").joinpath("binhe"))))
