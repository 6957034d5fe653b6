"""What the map says: sentences of `page.map` and figures, in one language."""

from dataclasses import dataclass

import numpy as np

from models.sentences import Language, find, say
from optimizer.console.text import write_number, write_share

SPOKEN_BY_SCRIPT = {
    "said": ("not_found", "found"),
    "controls": ("today", "planned"),
    "legend": (
        *("school", "overfull", "idle", "changed", "changed_dots", "barrier", "crossing", "rim", "flow"),
        *("coordinated", "wide", "moves", "wide_moves", "no_data"),
    ),
    "unit": (
        *(
            "kind",
            "children",
            "zoned",
            "school",
            "today",
            "metres",
            "metres_today",
            "reason",
            "changes",
            "far",
            "beyond",
        ),
        "shared",
    ),
    "school": ("kind", "name", "students", "utilisation", "overfull", "idle", "sort"),
}
"""Sentences of `page.map` that the script needs, by their table."""


@dataclass(frozen=True)
class Words:
    """The language of a page."""

    language: Language

    def __call__(self, key: str, **facts: object) -> str:
        """Return the sentence of `page.map.KEY`."""
        return say(f"page.map.{key}", facts, self.language)

    def stage(self, stage: str) -> str:
        """Return what a stage is called."""
        return find(f"export.stages.{stage}", self.language) or stage

    def unit_of(self, unit: str) -> str:
        """Return what the unit of an index is called."""
        told = find(f"cli.units.{unit}", self.language)
        return unit if told is None else told

    def number(self, value: object, decimals: int = 0) -> str:
        """Return a figure, a dash where there is none."""
        return write_number(value, decimals) or self("dash")

    def share(self, value: float) -> str:
        """Return a share in per cent, a dash where there is none."""
        return write_share(value) if np.isfinite(value) else self("dash")

    def metres(self, value: float) -> str:
        """Return metres, a dash where there are none."""
        return f"{write_number(value, 0)} {self('metre')}" if np.isfinite(value) else self("dash")

    def tables(self) -> dict[str, dict[str, str]]:
        """Return what the script says."""
        words = {table: {key: self(f"{table}.{key}") for key in keys} for table, keys in SPOKEN_BY_SCRIPT.items()}
        return words | {"plain": {key: self(key) for key in ("none", "dash", "metre", "colon")}}
