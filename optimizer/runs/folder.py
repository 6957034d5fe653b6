"""A folder that appears whole or not at all: written beside its place, then renamed."""

import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError

RUN_MARK = "run.json"
"""The file that tells a run from any other folder."""
_WRITE_FAILURES = (OSError, sqlite3.Error, DataLayerError, DataSourceError, FeatureError, FieldError)


class RunExists(Exception):
    """A folder of that name exists. `replaceable` is False where it is not ours: no `--force` overwrites it."""

    def __init__(self, folder: Path, *, replaceable: bool) -> None:
        super().__init__(str(folder))
        self.folder = folder
        self.replaceable = replaceable


class CannotWrite(Exception):
    """The run could not be written; nothing of it was left behind."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"{folder}: {reason}")
        self.folder = folder
        self.reason = reason


def check_target(out: Path, name: str, *, force: bool) -> Path:
    """Return the folder a run of that name will have, after trying that a folder can be made beside it.

    Raises RunExists for one that may not be replaced, and CannotWrite where the disk says no and for a name that is not
    one folder's name (a scenario called `../x` must not lead out of `out`). Leaves nothing behind.
    """
    target = _free_target(out, name, force=force)
    missing = [folder for folder in target.parents if not folder.exists()]
    probe = _partial(target)
    try:
        probe.mkdir(parents=True)
    except OSError as failure:
        raise CannotWrite(target, _reason(failure)) from failure
    finally:
        for folder in (probe, *missing):
            with suppress(OSError):
                folder.rmdir()
    return target


def _free_target(out: Path, name: str, *, force: bool, mark: str = RUN_MARK) -> Path:
    target = out / name
    if name in {"", ".", ".."} or "/" in name or "\\" in name or "\0" in name:
        raise CannotWrite(target, "not a folder name")
    if target.exists() or target.is_symlink():
        replaceable = _is_ours(target, mark)
        if not (force and replaceable):
            raise RunExists(target, replaceable=replaceable)
    return target


@contextmanager
def whole_folder(out: Path, name: str, *, force: bool, mark: str = RUN_MARK) -> Iterator[Path]:
    """Yield an empty folder that becomes `out/name` when the block ends, and is gone when the block fails.

    With `force` a folder that holds a file `mark` is replaced, and no other.
    """
    target = _free_target(out, name, force=force, mark=mark)
    partial = _partial(target)
    try:
        partial.mkdir(parents=True)
        yield partial
        _put(partial, _free_target(out, name, force=force, mark=mark))
    except _WRITE_FAILURES as failure:
        raise CannotWrite(target, _reason(failure)) from failure
    finally:
        shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Yield a path beside `target` that takes its place when the block ends, and is gone when the block fails."""
    partial = _partial(target)
    try:
        yield partial
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _partial(target: Path) -> Path:
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")


def _reason(failure: Exception) -> str:
    """What the disk said, without the name of a folder that the user never gave."""
    return getattr(failure, "strerror", None) or str(failure)


def _is_ours(target: Path, mark: str) -> bool:
    if target.is_symlink() or not target.is_dir():
        return False
    return (target / mark).is_file() or not any(target.iterdir())


def _put(partial: Path, target: Path) -> None:
    """Rename into place; an earlier run steps aside first and comes back if the rename fails."""
    if not target.exists():
        partial.rename(target)
        return
    aside = partial.with_suffix(".old")
    target.rename(aside)
    try:
        partial.rename(target)
    except OSError:
        aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)
