"""Tasks on the grid of nine units, and what is looked at of their runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.variation import Variation
from optimizer.pipeline import Options
from optimizer.tasks import Result, Task

OPTIONS = Options(time_limit_s=None, work_limit=200, seed=1, workers=1)
"""No clock decides: every pool makes the same plans."""


def task(instance: Path, name: str = "base", places: int | None = None, **more: Any) -> Task:
    """Return a task; `places` are those that school S1 has instead of 300."""
    patch = {} if places is None else {"schools": {"S1": {"places": places}}}
    asked = {"scenario": "base", "options": OPTIONS, "variation": Variation(name, "", patch)}
    return Task(name, instance, **(asked | more))


def content(out: Path) -> dict[str, bytes]:
    """Every file below `out` but those that say how long it took."""
    files = (file for file in sorted(out.rglob("*")) if file.is_file() and file.name != "task.json")
    return {file.relative_to(out).as_posix(): file.read_bytes() for file in files}


def endings(results: Sequence[Result]) -> list[str]:
    return [result.ending for result in results]


@dataclass
class Onlooker:
    """An overseer that notes what it is told; `at_arrival` is called with each result, `at_look` at each look."""

    at_arrival: Callable[[Result], None] = lambda _: None
    at_look: Callable[[], bool] = lambda: False
    seen: list[str] = field(default_factory=list)
    kept: int = 0

    def planned(self, tasks: Sequence[Task], kept: int) -> None:
        self.kept += kept

    def arrived(self, result: Result) -> None:
        self.seen.append(result.task.name)
        self.at_arrival(result)

    def stopped(self) -> bool:
        return self.at_look()
