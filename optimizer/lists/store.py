"""The folder of the lists: written whole or not at all, beside what a run stores and without touching it."""

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from optimizer.lists.manner import Manner
from optimizer.lists.masks import is_small
from optimizer.lists.names import Names, read_names
from optimizer.lists.rounds import list_posts
from optimizer.lists.tables import list_changes, list_plan
from optimizer.lists.text import tell_catchments
from optimizer.runs import StoredRun
from optimizer.runs.cells import write_csv
from optimizer.runs.folder import whole_folder

CATCHMENTS, IN_OUT = "catchments.txt", "in_out.csv"
"""Lists that no run has among its tables: each tells lists from a folder that must not be replaced."""
_COUNTED = {"admission_plan": ["zoned", "coordinated", "class_size"], "changes": ["students"]}


@dataclass(frozen=True)
class Written:
    """Lists that were written: the names of their files, how many counts of children below five the run's tables hold,
    and whether there are lists of postings."""

    files: tuple[str, ...]
    small: int
    posts: bool


def store_lists(stored: StoredRun, folder: Path, manner: Manner, *, force: bool) -> Written:
    """Write the lists of a run into `folder`.

    Of children admission_plan.csv, catchments.txt and, where the run has changes, changes.csv; of postings those of
    `optimizer.lists.rounds`. Raises RunExists where the folder exists (and with `force`, where it holds no lists of the
    kind), CannotWrite where the disk says no, NotARun where the run lacks what the lists are made of.
    """
    names, drawn = read_names(stored, manner), "catchments" in stored.tables
    tables = _list_children(stored, names, manner) if drawn else {}
    small = sum(int(stored.tables[name][_COUNTED[name]].apply(is_small).to_numpy().sum()) for name in tables)
    posts = "postings" in stored.tables
    if posts:
        tables |= list_posts(stored, names, manner if manner.mode == "whole" else replace(manner, mode="posts"))
    texts = {CATCHMENTS: tell_catchments(stored, names, manner)} if drawn else {}
    files = (*(f"{name}.csv" for name in tables), *texts)
    with whole_folder(folder.parent, folder.name, force=force, mark=CATCHMENTS if texts else IN_OUT) as partial:
        for name, table in tables.items():
            write_csv(table, partial / f"{name}.csv")
        for file, lines in texts.items():
            text = "".join(f"{line}\r\n" for line in lines)
            (partial / file).write_text(text, encoding="utf-8-sig", newline="")
    return Written(files, small, posts)


def _list_children(stored: StoredRun, names: Names, manner: Manner) -> dict[str, pd.DataFrame]:
    tables = {"admission_plan": list_plan(stored, names, manner)}
    return tables | ({"changes": list_changes(stored, names, manner)} if "changes" in stored.tables else {})
