"""Run folders: stored whole or not at all, and read back."""

from optimizer.runs.earlier import FaultyEdits, ForeignRun, earlier_plan
from optimizer.runs.folder import CannotWrite, RunExists, check_target
from optimizer.runs.read import NotARun, StoredRun, read_run
from optimizer.runs.store import store_run

__all__ = [
    "CannotWrite",
    "FaultyEdits",
    "ForeignRun",
    "NotARun",
    "RunExists",
    "StoredRun",
    "check_target",
    "earlier_plan",
    "read_run",
    "store_run",
]
