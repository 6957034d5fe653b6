"""A task: a run as it is asked for, wherever it is made; and the key by which a finished one is known."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.variation import Variation
from optimizer.pipeline import Options
from optimizer.runs.record import versions


@dataclass(frozen=True)
class Task:
    """One run to be made. Its result depends on nothing but what stands here and the files that it names."""

    name: str
    """Of the run's folder below that of all: `007`, or `DISTRICT/SCENARIO`."""
    instance: Path
    scenario: str
    options: Options
    variation: Variation | None = None
    posts: bool = False
    """Whether posts alone are decided."""
    start: Path | None = None
    """Run that is gone on from; of posts, the one whose classes they are for."""
    after: str = ""
    """Name of the task whose catchments the search begins from; "" where it begins from nothing."""
    weight: float = 1.0
    """How long it may take beside the others: the longest are begun first, so that none is waited for in the end."""

    def describe(self) -> dict[str, Any]:
        """Return what is asked, in JSON's own types but for dates."""
        return {
            "instance": self.instance.as_posix(),
            "scenario": self.scenario,
            "variation": None if self.variation is None else asdict(self.variation),
            "posts": self.posts,
            "start": None if self.start is None else self.start.as_posix(),
            "after": self.after,
            "options": _options(self.options),
        }


def key_of(task: Task, instance: str, start: str, after: str) -> str:
    """Return the SHA-256 of all that the plan of a task depends on: equal keys, equal plans.

    `instance` and `start` are digests of the files that are read, `after` is the key of the task that is begun from.
    Names and places of folders do not count, nor the language: nobody solves again to read a table in another one.
    """
    variation = task.variation
    asked = {
        "instance": instance,
        "scenario": task.scenario,
        "variation": None if variation is None else [variation.title, variation.patch],
        "posts": task.posts,
        "start": start,
        "after": after,
        "options": {name: value for name, value in _options(task.options).items() if name != "language"},
        "versions": versions(),
    }
    content = json.dumps(asked, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()


def _options(options: Options) -> Mapping[str, Any]:
    """What a run depends on; not what it calls its instance."""
    stated = asdict(options)
    del stated["inputs"]
    return stated
