"""Independent runs by the dozen: one after the other, in processes of this machine, or on a Dask cluster."""

from optimizer.tasks.carry_out import Overseer, Result, Unseen, carry_out
from optimizer.tasks.failure import InputsChanged, NoDask, NoScheduler, NotHere, OtherProgram, SchedulerLost, WorkerLost
from optimizer.tasks.pool import Pool, open_pool
from optimizer.tasks.task import Task

__all__ = [
    "InputsChanged",
    "NoDask",
    "NoScheduler",
    "NotHere",
    "OtherProgram",
    "Overseer",
    "Pool",
    "Result",
    "SchedulerLost",
    "Task",
    "Unseen",
    "WorkerLost",
    "carry_out",
    "open_pool",
]
