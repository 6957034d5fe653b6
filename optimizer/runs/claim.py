"""A folder that holds the runs of one question, such as a sweep: which one it is, and that no other moves in."""

import shutil
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from optimizer.runs.folder import RUN_MARK, CannotWrite, whole_file
from optimizer.runs.record import plain, write_json

MADE_MARK = "task.json"
"""The file that tells a run that a task made from any other."""


class OtherQuestion(Exception):
    """A folder that holds something else; `replaceable` says whether it is ours, so that `--force` takes its place."""

    def __init__(self, folder: Path, *, replaceable: bool) -> None:
        super().__init__(str(folder))
        self.folder = folder
        self.replaceable = replaceable


def claim_folder(out: Path, file: str, asked: Mapping[str, Any], *, force: bool) -> None:
    """Note in `out/file` what the runs of this folder answer, unless it says so already.

    Raises OtherQuestion where the folder holds another question (but with `force`), or anything that is none, and
    CannotWrite where the disk says no.
    """
    stated, held = plain(asked), _read(out / file)
    if held != stated:
        ours = held is not None or not _is_filled(out)
        if not ours or (held is not None and not force):
            raise OtherQuestion(out, replaceable=ours)
        try:
            out.mkdir(parents=True, exist_ok=True)
            with whole_file(out / file) as partial:
                write_json(stated, partial)
        except OSError as failure:
            raise CannotWrite(out, failure.strerror or str(failure)) from failure


def release_folder(out: Path, file: str) -> None:
    """Take the note away from a folder in which no run came to be, and the folder if nothing else is in it."""
    with suppress(OSError):
        (out / file).unlink(missing_ok=True)
        out.rmdir()


def clear_others(out: Path, kept: Collection[str]) -> None:
    """Take away the runs of tasks that answer a question of before: all but those of these names."""
    for folder in sorted(out.iterdir()):
        made = folder.is_dir() and not folder.is_symlink() and (folder / MADE_MARK).is_file()
        if made and (folder / RUN_MARK).is_file() and folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def _read(path: Path) -> Any:
    try:
        return from_json(path.read_bytes())
    except (OSError, ValueError):
        return None


def _is_filled(folder: Path) -> bool:
    return folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))
