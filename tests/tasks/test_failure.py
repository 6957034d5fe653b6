"""Whatever is raised in a worker says the same at home."""

import pickle
from pathlib import Path
from threading import Lock

import pytest

from models.faults import Fault, FaultyInput
from optimizer.console.endings import judge
from optimizer.console.voice import Voice
from optimizer.io import ScenarioNotFound
from optimizer.runs import CannotWrite, NotARun, RunExists
from optimizer.tasks.failure import OtherProgram, WorkerLost, failure_of

VOICE = Voice("en")
FAULT = Fault("T201", "fault", "units.csv", 4, "unit_id", "U1", {"table": "units", "rows": 9})


@pytest.mark.parametrize(
    "stop",
    [
        FaultyInput((FAULT,), 30),
        FileNotFoundError(2, "No such file or directory", "/a/b.csv"),
        FileNotFoundError(Path("/a")),
        NotARun(Path("/run"), "missing", file="classes.csv"),
        RunExists(Path("/run"), replaceable=False),
        CannotWrite(Path("/run"), "disk full"),
        ScenarioNotFound("dry", ("wet",)),
        MemoryError(),
    ],
)
def test_what_was_raised_is_told_as_where_it_was_raised(stop: Exception) -> None:
    sent = pickle.loads(pickle.dumps(failure_of(stop))).exception
    assert type(sent) is type(stop)
    assert judge(sent, VOICE) == judge(stop, VOICE)


@pytest.mark.parametrize("stop", [WorkerLost(3, "SIGKILL"), OtherProgram({"python": "3.12.1"}, {"python": "3.11.2"})])
def test_what_befell_a_worker_keeps_its_facts(stop: Exception) -> None:
    assert pickle.loads(pickle.dumps(failure_of(stop))).exception.__dict__ == stop.__dict__


def test_what_cannot_be_sent_is_told_in_words() -> None:
    try:
        raise ValueError("no way", Lock())
    except ValueError as stop:
        failure = pickle.loads(pickle.dumps(failure_of(stop)))
    assert isinstance(failure.exception, RuntimeError)
    assert "no way" in str(failure.exception)
    assert "test_failure.py" in failure.trace
