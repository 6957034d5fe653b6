"""Read a stored run back, exactly as it was written; one that was damaged is refused with what is wrong with it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import ValidationError
from pydantic_core import from_json

from models.diagnosis import Diagnosis
from models.outcome import Status
from models.plan import ASSIGNMENT_COLUMNS, CATCHMENT_COLUMNS, CLASS_COLUMNS, COORDINATION_COLUMNS, Plan
from models.run import RunScope, Shortfall
from models.sentences import Language
from models.settings import LARGEST_COUNT, in_language
from optimizer.runs.cells import read_csv
from optimizer.runs.form import JSON_FORMS, NEEDED, PLANNED, TABLES, DiagnosisForm, TableForm
from optimizer.runs.staffing import read_staff


class NotARun(Exception):
    """The folder does not hold a run that can be read.

    `flaw` names the sentence that says why: `missing`, `unreadable`, `no_entry`, `entry`, `column`, `cell`, `rows` or
    `twice`.
    """

    def __init__(self, folder: Path, flaw: str, **facts: object) -> None:
        super().__init__(f"{folder}: {flaw} {facts}")
        self.folder = folder
        self.flaw = flaw
        self.facts = facts


@dataclass(frozen=True)
class StoredRun:
    """A run folder. `record` is `run.json`, `diagnosis` is `diagnosis.json`, empty where there is a plan.

    `tables` has every CSV by its stem, ids as text.
    """

    folder: Path
    record: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    shortfalls: tuple[Shortfall, ...]
    diagnosis: dict[str, Any]

    @property
    def status(self) -> Status:
        """What was shown about the plan."""
        return Status(self.record["status"])

    @property
    def variation(self) -> Mapping[str, Any]:
        """What was laid over the scenario; nothing where that was solved as it stands."""
        varied: Mapping[str, Any] = self.record.get("variation", {})
        return varied

    @property
    def is_diagnosed(self) -> bool:
        """Whether it was looked into why there is no plan."""
        found = self.found
        return found is not None and (found.complete or bool(found.repairs))

    @property
    def is_diagnosed_so(self) -> bool:
        """Whether `diagnosis.json` is what was found out, byte for byte."""
        found = sha256((self.folder / "diagnosis.json").read_bytes()).hexdigest()
        return self.record.get("diagnosis_sha256") == found

    @property
    def scope(self) -> RunScope:
        """What was decided: where children go, posts, or both."""
        return scope_of(self.record)

    @property
    def plan(self) -> Plan | None:
        """The plan, or None for a run without one; a table that it has no rows of is empty."""
        if self.status not in PLANNED:
            return None
        return Plan(
            self._rows("catchments", CATCHMENT_COLUMNS),
            self._rows("assignments", ASSIGNMENT_COLUMNS),
            self._rows("classes", CLASS_COLUMNS),
            float(self.record["student_km"]),
            self._rows("coordination", COORDINATION_COLUMNS),
            read_staff(self.tables),
        )

    @property
    def found(self) -> Diagnosis | None:
        """Why there is no plan and what would make one; None for a run with one."""
        return None if self.status in PLANNED else DiagnosisForm.model_validate(self.diagnosis).content

    def find_changed(self, found: Mapping[str, str]) -> list[str]:
        """Return the files that differ from the inputs of the run, `found` being the fingerprints of an instance.

        Those that were changed, added or taken away; those that lie in other runs aside.
        """
        stated = {file: digest for file, digest in self.record.get("fingerprint", {}).items() if "/" not in file}
        return sorted(file for file in stated.keys() | found.keys() if stated.get(file) != found.get(file))

    @property
    def class_caps(self) -> dict[str, int]:
        """Children a class holds at most, by stage; no entry where the settings of the run name no cap."""
        caps: dict[str, int] = self.record.get("policy", {}).get("class_size", {}).get("cap", {})
        return caps

    def district(self, language: Language) -> str:
        """Return what the district is called: as the instance says, in another language if need be; else its title."""
        return district_of(self.record, language)

    def title(self, language: Language) -> str:
        """Return what the scenario is called: by its title, in another language if need be; else by its name."""
        return scenario_of(self.record, language)

    def table(self, stem: str) -> pd.DataFrame:
        """Return a table. Raises NotARun where the folder lacks it."""
        if stem not in self.tables:
            raise NotARun(self.folder, "missing", file=f"{stem}.csv")
        return self.tables[stem]

    def _rows(self, stem: str, columns: tuple[str, ...]) -> pd.DataFrame:
        return self.tables.get(stem, pd.DataFrame(columns=list(columns)))


def read_run(folder: Path) -> StoredRun:
    """Return the run in `folder`. Raises NotARun where there is none, or a file of it is missing or damaged."""
    record = read_record(folder)
    planned = record["status"] in PLANNED
    needed = NEEDED[scope_of(record)]
    present = {stem: form for stem, form in TABLES.items() if stem in needed or (folder / f"{stem}.csv").exists()}
    tables = {stem: _read_table(folder, stem, form) for stem, form in present.items()} if planned else {}
    issues = _read_json(folder, "issues.json") if planned else []
    diagnosis = {} if planned else _read_json(folder, "diagnosis.json")
    return StoredRun(folder, record, tables, tuple(_shortfall(issue) for issue in issues), diagnosis)


def read_record(folder: Path) -> dict[str, Any]:
    """Return `run.json` of the run in `folder`. Raises NotARun."""
    record: dict[str, Any] = _read_json(folder, "run.json")
    return record


def read_stored_table(folder: Path, stem: str) -> pd.DataFrame:
    """Return one table of the run in `folder`. Raises NotARun where it is missing or damaged."""
    return _read_table(folder, stem, TABLES[stem])


def scope_of(record: Mapping[str, Any]) -> RunScope:
    """Return what a run decides; `run.json` names it where that is not the children."""
    scope: RunScope = record.get("scope", "children")
    return scope


def district_of(record: Mapping[str, Any], language: Language) -> str:
    """Return what the district of a run is called: by its name, else by its title, else by its id."""
    return in_language(record.get("district", ""), language) or record["title"] or record["instance"]


def scenario_of(record: Mapping[str, Any], language: Language) -> str:
    """Return what the scenario of a run is called: by its title, else by its name."""
    return in_language(record.get("scenario_title", ""), language) or str(record["scenario"])


def _read_json(folder: Path, file: str) -> Any:
    """Return a JSON document as it stands, after a look at its form."""
    try:
        content = from_json(_regular(folder, file).read_bytes())
        JSON_FORMS[file].validate_python(content)
    except ValidationError as error:
        raise _misshapen(folder, file, error) from error
    except (OSError, ValueError) as error:
        raise NotARun(folder, "unreadable", file=file, detail=_reason(error)) from error
    return content


def _regular(folder: Path, file: str) -> Path:
    """Return the path of a file of the run; a pipe or a device is never opened."""
    path = folder / file
    if not path.exists():
        raise NotARun(folder, "missing", file=file)
    if not path.is_file():
        raise NotARun(folder, "unreadable", file=file, detail="not a regular file")
    return path


def _misshapen(folder: Path, file: str, error: ValidationError) -> NotARun:
    """What the first fault in the form of a JSON document says."""
    first = error.errors(include_url=False)[0]
    entry = ".".join(map(str, first["loc"]))
    if not entry:
        return NotARun(folder, "unreadable", file=file, detail=first["msg"])
    if first["type"] == "missing":
        return NotARun(folder, "no_entry", file=file, entry=entry)
    return NotARun(folder, "entry", file=file, entry=entry, found=str(first["input"]))


def _read_table(folder: Path, stem: str, form: TableForm) -> pd.DataFrame:
    file = f"{stem}.csv"
    try:
        table = read_csv(_regular(folder, file))
    except (OSError, ValueError) as error:
        raise NotARun(folder, "unreadable", file=file, detail=_reason(error)) from error
    return shape_table(folder, file, table, form)


def shape_table(folder: Path, file: str, table: pd.DataFrame, form: TableForm) -> pd.DataFrame:
    """Return a table of text with its numbers as numbers. Raises NotARun where it has not its form."""
    for column in (*form.text, *form.numbers, *form.counts):
        if column not in table.columns:
            raise NotARun(folder, "column", file=file, column=column)
    for column, codes in form.choices.items():
        _refuse_cells(folder, file, table[column], ~table[column].isin(codes))
    for column in form.numbers:
        numbers = pd.to_numeric(table[column].replace("", None), errors="coerce")
        _refuse_cells(folder, file, table[column], ~np.isfinite(numbers) & (table[column] != ""))
        table[column] = numbers
    for column in form.counts:
        counts = pd.to_numeric(table[column], errors="coerce")
        _refuse_cells(folder, file, table[column], ~(counts.between(0, LARGEST_COUNT) & (counts % 1 == 0)))
        table[column] = counts.astype(np.int64)
    return table


def _refuse_cells(folder: Path, file: str, cells: "pd.Series[Any]", wrong: "pd.Series[bool]") -> None:
    """Raise NotARun at the first wrong cell of a column; row 2 is the first below the headings."""
    for row, found in zip(cells.index[wrong], cells[wrong], strict=True):
        raise NotARun(folder, "cell", file=file, row=row + 2, column=cells.name, found=found)


def _reason(error: Exception) -> str:
    """What went wrong in the words of the system, on one line."""
    return " ".join(str(getattr(error, "strerror", None) or error).split())


def _shortfall(issue: dict[str, Any]) -> Shortfall:
    """Return an entry of `issues.json`; null stands for a number that was not finite."""
    known = {key: issue[key] for key in ("rule", "hardness", "stage", "where", "unit", "kind", "detail", "before")}
    known |= {key: math.inf if issue[key] is None else issue[key] for key in ("value", "limit", "breach")}
    return Shortfall(**known, inherited=issue["origin"] == "inherited")
