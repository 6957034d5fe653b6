"""How a run tells whoever waits for it what it is doing, and hears that it should stop."""

from typing import Protocol


class Watch(Protocol):
    """What the pipeline calls while it runs; a caller shows it, writes it to a log, or ignores it."""

    def step(self, name: str) -> None:
        """Note that the step `name` of the pipeline begins (`read`, `check`, `travel`, `solve`, `store`, ...)."""
        ...

    def progress(
        self, level: str, incumbent: float | None, bound: float | None, gap: float | None, seconds: float
    ) -> None:
        """Note how far a level of the objective is: None where there is no plan, or no bound, yet.

        `gap` is a share (0.01 is one per cent), `seconds` the wall time since the run began.
        """
        ...

    def note(self, key: str, **facts: object) -> None:
        """Note what a person should know although the run goes on: the key of its sentence, and the facts in it."""
        ...

    def stopped(self) -> bool:
        """Return True once the run should end and keep the best plan it has."""
        ...


class Silence:
    """A watch that shows nothing and never stops anything."""

    def step(self, name: str) -> None:
        """Show nothing."""

    def progress(
        self, level: str, incumbent: float | None, bound: float | None, gap: float | None, seconds: float
    ) -> None:
        """Show nothing."""

    def note(self, key: str, **facts: object) -> None:
        """Show nothing."""

    def stopped(self) -> bool:
        """Return False: nobody waits who could stop it."""
        return False
