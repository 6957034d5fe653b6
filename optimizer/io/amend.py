"""A further scenario in `scenarios.toml`, written whole or not at all; what stands there stays as it is."""

import secrets
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from models.faults import FaultyInput
from optimizer.io.findings import CannotRead
from optimizer.io.scenarios import BASE, FILE, is_usable_name, understand_scenarios
from optimizer.io.settings import read_toml

BOM = "\ufeff"


class NotWritten(Exception):
    """A scenario cannot be written.

    `key` names the sentence that says why: `unusable`, `taken`, `in_use` or `layout`.
    """

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts


def write_scenario(
    folder: Path, name: str, patch: Mapping[str, Any], *, base: str = BASE, comment: str = "", force: bool = False
) -> Path:
    """Add the override `name` and a scenario of that name, which is `base` with it; return the file.

    `comment` stands behind the scenario. With `force` a scenario and an override of that name are replaced, unless
    another scenario is made of the override. Every other line stays byte for byte. Raises NotWritten, ScenarioNotFound
    for a `base` that is none, FaultyInput for a file that is no TOML, and OSError where the disk says no.
    """
    made_of = check_name(folder, name, base=base, force=force)
    text = _read(folder)
    amended = _amend(text.removeprefix(BOM), name, patch, made_of, comment)
    _put((folder / FILE).resolve(), (BOM if text.startswith(BOM) else "") + amended)
    return folder / FILE


def check_name(folder: Path, name: str, *, base: str = BASE, force: bool = False) -> list[str]:
    """Return the overrides that a new scenario would be made of. Raises as `write_scenario`."""
    if not is_usable_name(name) or name == BASE:
        raise NotWritten("unusable", name=name)
    known = understand_scenarios(_parse(folder))
    below = [override for override, _ in known.choose(base).overrides]
    if not force and name in {*known.scenarios, *known.overrides}:
        raise NotWritten("taken", file=FILE, name=name)
    users = [scenario for scenario, made_of in known.scenarios.items() if name in made_of and scenario != name]
    if name == base or users:
        raise NotWritten("in_use", file=FILE, name=name, scenarios=", ".join(users or [base]))
    return [*below, name]


def _parse(folder: Path) -> dict[str, Any]:
    try:
        return read_toml(folder / FILE) if (folder / FILE).exists() else {}
    except CannotRead as error:
        raise FaultyInput((error.fault,), 1) from error


def _read(folder: Path) -> str:
    return (folder / FILE).read_bytes().decode("utf-8") if (folder / FILE).exists() else ""


def _amend(text: str, name: str, patch: Mapping[str, Any], made_of: list[str], comment: str) -> str:
    stated = tomllib.loads(text)
    wanted = {
        "scenarios": {**stated.get("scenarios", {}), name: made_of},
        "overrides": {**stated.get("overrides", {}), name: patch},
    }
    try:
        amended = _lay_in(text, name, patch, made_of, comment)
    except TOMLKitError as error:
        raise NotWritten("layout", file=FILE, name=name) from error
    if tomllib.loads(amended) != {**stated, **wanted}:
        raise NotWritten("layout", file=FILE, name=name)
    return amended


def _lay_in(text: str, name: str, patch: Mapping[str, Any], made_of: list[str], comment: str) -> str:
    document: Any = tomlkit.parse(text)
    scenario = tomlkit.item(made_of)
    if comment:
        scenario.comment("".join(letter if letter.isprintable() else " " for letter in comment))
    for section, entry in (("scenarios", scenario), ("overrides", dict(patch))):
        if section not in document:
            document.add(section, tomlkit.table())
        if name in document[section]:
            del document[section][name]
        document[section][name] = entry
    written = tomlkit.dumps(document)
    on_windows = "\r\n" in text and "\n" not in text.replace("\r\n", "")
    return written.replace("\r\n", "\n").replace("\n", "\r\n") if on_windows else written


def _put(path: Path, text: str) -> None:
    """Write beside the place, then rename."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        partial.write_text(text, encoding="utf-8", newline="")
        if path.exists():
            shutil.copymode(path, partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
