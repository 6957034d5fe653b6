"""When to stop: a clock, an amount of work, or a planner who has seen enough."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock


@dataclass
class Effort:
    """What is left to spend. With a work limit there is no clock: equal runs then spend equally.

    One unit of work is a round of the search, a relaxation, a neighbourhood, a disagreement, a plan of the relief, or
    ten nodes of branch and bound. Two threads may spend at once.
    """

    time_limit_s: float | None
    work_limit: int | None
    stopped: Callable[[], bool]
    started: float = field(default_factory=time.monotonic)
    work: dict[str, int] = field(default_factory=dict)
    _turn: Lock = field(default_factory=Lock)

    def half(self) -> "Effort":
        """Return an effort that is over at half of this one; work is booked on both."""
        seconds = None if self.time_limit_s is None else self.time_limit_s / 2
        return replace(self, time_limit_s=seconds, work_limit=None if self.work_limit is None else self.work_limit // 2)

    def rest(self, share: float = 1.0) -> "Effort":
        """Return an effort that begins now, with a share of what is left of this one; its work is booked apart."""
        work = None if self.work_limit is None else max(0, int(share * (self.work_limit - self.spent)))
        return Effort(None if self.time_limit_s is None else share * self.left_s, work, self.stopped)

    def spend(self, kind: str, amount: int = 1) -> None:
        """Book work of a kind: `search`, `relaxation`, `neighbourhood`, `disagreement`, `relief`, `nodes`."""
        with self._turn:
            self.work[kind] = self.work.get(kind, 0) + amount

    @property
    def seconds(self) -> float:
        """Wall seconds since the start."""
        return time.monotonic() - self.started

    @property
    def left_s(self) -> float:
        """Wall seconds left; endless under a work limit."""
        if self.work_limit is not None or self.time_limit_s is None:
            return 1e7
        return max(0.0, self.time_limit_s - self.seconds)

    def seconds_until(self, share: float) -> float:
        """Wall seconds until `share` of the effort is spent; endless under a work limit."""
        if self.work_limit is not None or self.time_limit_s is None:
            return 1e7
        return max(0.0, share * self.time_limit_s - self.seconds)

    @property
    def left_share(self) -> float:
        """Share of the effort that is left, from 1 down to 0."""
        if self.work_limit is not None:
            return max(0.0, 1.0 - self.spent / max(1, self.work_limit))
        if self.time_limit_s is None:
            return 1.0
        return self.left_s / max(1e-9, self.time_limit_s)

    @property
    def over(self) -> bool:
        """Whether nothing is left, or somebody asked to stop."""
        return self.left_share <= 0.0 or self.stopped()

    @property
    def spent(self) -> float:
        """Units of work spent."""
        with self._turn:
            return sum(amount / (10.0 if kind == "nodes" else 1.0) for kind, amount in self.work.items())
