"""A rival in a process of its own: solvers that do not look at their time limit can be ended, and share no memory."""

import multiprocessing
import time
from collections.abc import Callable
from typing import Any


def ask(run: Callable[..., None], arguments: tuple[Any, ...], limit_s: float) -> tuple[Any, float]:
    """Return what `run` puts into the queue that it gets as its last argument, and the seconds it took.

    The answer is None where the process fails, or is ended after `limit_s`.
    """
    spawn = multiprocessing.get_context("spawn")
    answer = spawn.Queue()
    process = spawn.Process(target=run, args=(*arguments, answer))
    began = time.monotonic()
    process.start()
    process.join(limit_s)
    ended = time.monotonic() - began
    if process.is_alive() or process.exitcode:
        process.kill()
        return None, ended
    return answer.get(), ended
