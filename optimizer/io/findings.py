"""What reading finds wrong: one function a code, each saying where and what. The words live in the catalogue."""

from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import wraps
from typing import ParamSpec

from models.faults import Fault, Severity

P = ParamSpec("P")

READING: dict[str, Severity] = {}
"""Every code that reading may raise, filled by the decorator below."""


class CannotRead(Exception):
    """A file, or a part of one, that cannot be read; carries the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


@dataclass(frozen=True)
class Finding:
    """A fault before it has a code: where it is and the facts of its sentence."""

    file: str
    row: int = 0
    column: str = ""
    found: str = ""
    facts: dict[str, object] = field(default_factory=dict)

    def fault(self, code: str, severity: Severity) -> Fault:
        """Return the fault of `code` at this place."""
        return Fault(code, severity, self.file, self.row, self.column, self.found, self.facts)


def nearest(found: str, known: list[str]) -> str:
    """Return the known word that `found` was probably meant to be, or ""."""
    return next(iter(get_close_matches(found, known, n=1, cutoff=0.6)), "")


def reads(code: str, severity: Severity = "fault") -> Callable[[Callable[P, Finding]], Callable[P, Fault]]:
    """Register the function that finds `code`, and give its findings that code."""

    def register(build: Callable[P, Finding]) -> Callable[P, Fault]:
        READING[code] = severity

        @wraps(build)
        def built(*args: P.args, **kwargs: P.kwargs) -> Fault:
            return build(*args, **kwargs).fault(code, severity)

        return built

    return register


@reads("F101")
def no_instance_file(folder: str) -> Finding:
    """The folder holds no instance.toml."""
    return Finding("instance.toml", facts={"folder": folder})


@reads("F102")
def broken_toml(file: str, reason: str) -> Finding:
    """A TOML file that cannot be parsed."""
    return Finding(file, facts={"reason": reason})


@reads("F103")
def missing_table(name: str, near: str) -> Finding:
    """A table that no plan can do without."""
    return Finding(name, facts={"near": near})


@reads("F104")
def ambiguous_table(name: str, files: list[str]) -> Finding:
    """Two files of one stem."""
    return Finding(name, found=", ".join(files))


@reads("F105")
def missing_file(name: str, file: str, near: str) -> Finding:
    """An entry of [files] that names no file."""
    return Finding("instance.toml", column=f"files.{name}", found=file, facts={"near": near})


@reads("F106")
def database_address(name: str, scheme: str) -> Finding:
    """An entry of [files] that is an address; what follows the scheme may be secret and is never shown."""
    return Finding("instance.toml", column=f"files.{name}", found=f"{scheme}://...")


@reads("F107")
def password_in_address(name: str) -> Finding:
    """An address with a password in it; nothing of it is shown."""
    return Finding("instance.toml", column=f"files.{name}")


@reads("F108")
def closed_file(file: str, reason: str) -> Finding:
    """A path that is no regular file, or may not be opened."""
    return Finding(file, facts={"reason": reason})


@reads("F109")
def unknown_format(file: str, suffix: str, known: list[str]) -> Finding:
    """An entry of [files] in a format that is not read."""
    return Finding(file, found=suffix, facts={"known": ", ".join(known)})


@reads("F110")
def unknown_encoding(file: str) -> Finding:
    """Text in neither UTF-8 nor GB18030, or no text at all."""
    return Finding(file)


@reads("F111")
def broken_content(file: str, reason: str) -> Finding:
    """Content that is not what the name of the file promises, or is cut off."""
    return Finding(file, facts={"reason": reason})


@reads("F112")
def unclear_layer(file: str, found: str, known: list[str]) -> Finding:
    """A sheet or layer that does not exist, or several and none named."""
    return Finding(file, found=found, facts={"known": ", ".join(known), "near": nearest(found, known)})


@reads("F113")
def parquet_missing(file: str) -> Finding:
    """A Parquet file where pyarrow is not installed."""
    return Finding(file)


@reads("F114", "warning")
def guessed_encoding(file: str) -> Finding:
    """Text that does not say how it is encoded and was read as GB18030."""
    return Finding(file)


@reads("F115", "warning")
def library_warning(file: str, reason: str) -> Finding:
    """What the geospatial library had to say while it read the file."""
    return Finding(file, facts={"reason": reason})


@reads("S101")
def unknown_key(file: str, key: str, found: str, known: list[str]) -> Finding:
    """A key that does not exist."""
    return Finding(file, column=key, found=found, facts={"near": nearest(found, known)})


@reads("S102")
def missing_key(file: str, key: str) -> Finding:
    """A key that has no default."""
    return Finding(file, column=key)


@reads("S103")
def wrong_value(file: str, key: str, found: str, kind: str, facts: dict[str, object]) -> Finding:
    """A value of the wrong type or out of range; `kind` names the sentence that says what is expected."""
    return Finding(file, column=key, found=found, facts={**facts, "kind": kind})


@reads("S104")
def unknown_profile(file: str, found: str, known: list[str]) -> Finding:
    """A policy profile that does not come with the program."""
    return Finding(
        file, column="policy.profile", found=found, facts={"known": ", ".join(known), "near": nearest(found, known)}
    )


@reads("S105")
def unknown_crs(file: str, key: str, found: str) -> Finding:
    """A coordinate system that cannot be undone."""
    return Finding(file, column=key, found=found)


@reads("S106")
def unknown_word(file: str, key: str, found: str, known: list[str]) -> Finding:
    """A local word for a word that the sentences do not have, or that is not to be replaced."""
    return Finding(file, column=key, found=found, facts={"known": ", ".join(known), "near": nearest(found, known)})


@reads("C101")
def undefined_override(scenario: str, found: str, known: list[str]) -> Finding:
    """A scenario made of an override that is not defined."""
    return Finding("scenarios.toml", column=f"scenarios.{scenario}", found=found, facts={"near": nearest(found, known)})


@reads("C102")
def unusable_name(found: str) -> Finding:
    """A scenario whose name cannot be the name of a folder."""
    return Finding("scenarios.toml", column="scenarios", found=found)


@reads("C103")
def unknown_row(key: str, found: str, known: list[str]) -> Finding:
    """An override of a row, or of the demand of a unit or zone, that is not in the table."""
    return Finding("scenarios.toml", column=key, found=found, facts={"near": nearest(found, known)})


@reads("C104", "warning")
def touches_nothing(key: str) -> Finding:
    """An override of demand that no row answers to."""
    return Finding("scenarios.toml", column=key)


@reads("C105")
def half_point(key: str, given: str, missing: str) -> Finding:
    """An override of one coordinate without the other."""
    return Finding("scenarios.toml", column=key, found=given, facts={"missing": missing})


@reads("C106")
def untitled_scenario(found: str, known: list[str]) -> Finding:
    """A title of a scenario that is not there."""
    return Finding("scenarios.toml", column=f"titles.{found}", found=found, facts={"near": nearest(found, known)})


@reads("T101")
def missing_column(file: str, column: str, headings: list[str], slip: str) -> Finding:
    """A column that no row can do without."""
    return Finding(file, 1, column, facts={"headings": ", ".join(headings), "slip": slip})


@reads("T102")
def doubled_column(file: str, column: str, headings: list[str]) -> Finding:
    """Two headings that name one column."""
    return Finding(file, 1, column, found=", ".join(headings))


@reads("T103", "warning")
def misspelt_column(file: str, heading: str, near: str) -> Finding:
    """A heading that nobody knows but that is nearly one that would be read."""
    return Finding(file, 1, heading, found=heading, facts={"near": near})


@reads("T113", "warning")
def padded_ids(file: str, row: int, column: str, found: str, rows: int) -> Finding:
    """Ids with white space round them, which was left away."""
    return Finding(file, row, column, found=found, facts={"rows": rows})


@reads("T114", "warning")
def blank_rows(file: str, row: int, rows: int) -> Finding:
    """Rows without a single entry, which were left out."""
    return Finding(file, row, facts={"rows": rows})


@reads("T116")
def ragged_row(file: str, row: int, cells: int, columns: int) -> Finding:
    """A row with more or fewer cells than there are headings."""
    return Finding(file, row, found=str(cells), facts={"columns": columns})
