"""A scenario with one more override laid over it, for a run of its own: a point of a sweep, a draw of the demand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.settings import Name


@dataclass(frozen=True)
class Variation:
    """What is asked beside the scenario."""

    name: str
    """Of the folder of the run."""
    title: Name = ""
    """What tables and pages call the run; "" where the scenario's own title will do."""
    patch: Mapping[str, Any] = field(default_factory=dict)
    """In the shape of `[overrides.NAME]`."""
