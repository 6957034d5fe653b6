"""The numbers a made-up district is drawn from. Change them here; `python -m instances.generator` draws binhe anew."""

from dataclasses import dataclass
from typing import Literal

from models.stages import Stage

Bank = Literal["old", "new"]
BANKS: tuple[Bank, ...] = ("old", "new")
CENTRE = (120.2, 30.2)
"""Longitude and latitude of the middle of the district."""
PLANE = "EPSG:4549"
"""CGCS2000, 3-degree Gauss-Krueger round 120 E: the metres everything is drawn in."""

COHORT_WEIGHTS: dict[Stage, dict[str, float]] = {
    "primary": {"1": 0.667, "2": 0.733, "3": 0.800, "4": 0.867, "5": 0.933, "6": 1.000},
    "junior": {"7": 1.000, "8": 0.960, "9": 0.920},
}
"""Falling births: grade 1 is two thirds of grade 6."""
ROOM_SIZES: dict[str, tuple[int, ...]] = {
    "primary": (12, 18, 24, 30, 36),
    "junior": (18, 24, 30, 36),
    "nine_year": (27, 36, 45),
}
"""Sizes in classes that schools are built in; 12 only where an old town left no ground."""


@dataclass(frozen=True)
class BankDesign:
    """One bank of the river."""

    units: int
    households_per_km2: float
    """Round the middle of the bank."""
    households_at_edge: float
    """Share of that density at the edge."""
    household_spread: float
    """Standard deviation of the logarithm of households a unit, beyond what its area says."""
    children_per_household: float
    """Relative to the other bank: the totals are given by the design."""
    young_families: float
    """Tilt of the cohorts: above 1 more children in the lower grades than in the district."""
    schools: dict[str, int]
    """Number of schools by type."""
    children_per_room: dict[Stage, float]
    """Children for whom one classroom was built: high is crowded."""
    towns: int
    zones: int


@dataclass(frozen=True)
class Design:
    """A district to draw."""

    name: str
    seed: int
    children: dict[Stage, int]
    rooms: int
    """Classrooms in all; sizes are stepped up and down until they are met as nearly as sizes allow."""
    unit_km2: float
    """Average area of a unit."""
    banks: dict[Bank, BankDesign]
    estates: int
    """Pairs of adjacent units that belong to one estate (小区分期) and keep together."""

    @property
    def units(self) -> int:
        """Number of units on both banks."""
        return sum(bank.units for bank in self.banks.values())


BINHE = Design(
    name="binhe",
    seed=20270901,
    children={"primary": 40_000, "junior": 20_000},
    rooms=1_692,
    unit_km2=0.15,
    banks={
        "old": BankDesign(
            units=260,
            households_per_km2=8_500.0,
            households_at_edge=0.22,
            household_spread=0.45,
            children_per_household=0.75,
            young_families=0.92,
            schools={"primary": 18, "junior": 8, "nine_year": 3},
            children_per_room={"primary": 39.0, "junior": 41.0},
            towns=4,
            zones=2,
        ),
        "new": BankDesign(
            units=340,
            households_per_km2=3_600.0,
            households_at_edge=0.55,
            household_spread=0.70,
            children_per_household=1.0,
            young_families=1.06,
            schools={"primary": 24, "junior": 10, "nine_year": 9},
            children_per_room={"primary": 33.5, "junior": 35.0},
            towns=5,
            zones=3,
        ),
    },
    estates=36,
)
"""滨河区: 600 units, 72 schools, 60,000 children in grades 1-9."""
