"""Run folders: stored whole or not at all, and read back."""

from optimizer.runs.earlier import FaultyEdits, ForeignRun, NothingToPost, earlier_plan, given_classes
from optimizer.runs.folder import CannotWrite, RunExists, check_target
from optimizer.runs.read import NotARun, StoredRun, read_run, scope_of
from optimizer.runs.store import store_posts, store_run

__all__ = [
    "CannotWrite",
    "FaultyEdits",
    "ForeignRun",
    "NotARun",
    "NothingToPost",
    "RunExists",
    "StoredRun",
    "check_target",
    "earlier_plan",
    "given_classes",
    "read_run",
    "scope_of",
    "store_posts",
    "store_run",
]
