"""The folder of the lists: written whole or not at all, beside what a run stores and without touching it."""

from dataclasses import dataclass
from pathlib import Path

from optimizer.lists.manner import Manner
from optimizer.lists.masks import is_small
from optimizer.lists.names import read_names
from optimizer.lists.tables import list_changes, list_plan
from optimizer.lists.text import tell_catchments
from optimizer.runs import StoredRun
from optimizer.runs.cells import write_csv
from optimizer.runs.folder import whole_folder

CATCHMENTS = "catchments.txt"
"""Also what tells earlier lists from a folder that must not be replaced."""
_COUNTED = {"admission_plan": ["zoned", "coordinated", "class_size"], "changes": ["students"]}


@dataclass(frozen=True)
class Written:
    """Lists that were written: the names of their files, and how many counts below five the run's tables hold."""

    files: tuple[str, ...]
    small: int


def store_lists(stored: StoredRun, folder: Path, manner: Manner, *, force: bool) -> Written:
    """Write admission_plan.csv, catchments.txt and, where the run has changes, changes.csv into `folder`.

    Raises RunExists where the folder exists (and with `force`, where it holds no lists), CannotWrite where the disk
    says no, NotARun where the run lacks what the lists are made of.
    """
    names = read_names(stored, manner)
    tables = {"admission_plan": list_plan(stored, names, manner)}
    if "changes" in stored.tables:
        tables["changes"] = list_changes(stored, names, manner)
    text = "".join(f"{line}\r\n" for line in tell_catchments(stored, names, manner))
    with whole_folder(folder.parent, folder.name, force=force, mark=CATCHMENTS) as partial:
        for name, table in tables.items():
            write_csv(table, partial / f"{name}.csv")
        (partial / CATCHMENTS).write_text(text, encoding="utf-8-sig", newline="")
    small = sum(int(stored.tables[name][_COUNTED[name]].apply(is_small).to_numpy().sum()) for name in tables)
    return Written((*(f"{name}.csv" for name in tables), CATCHMENTS), small)
