"""What sets binhe's admission year apart from the district as it was built. Ids are those of the files."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.stages import SchoolType, Stage

CAPS: dict[Stage, int] = {"primary": 45, "junior": 50}
"""National class caps, by which last year's classes were filled."""
ENTRY: dict[Stage, str] = {"primary": "1", "junior": "7"}
"""Entry grades."""


@dataclass(frozen=True)
class Estate:
    """A unit whose children are given by hand."""

    unit: str
    households: int
    children: Mapping[str, int]
    """Children of every kind by grade in the year of the plan."""
    later: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    """Children who enter in later years, by year and entry grade; empty: as everywhere."""


@dataclass(frozen=True)
class Swollen:
    """A grade of last year's return that history made larger than today's rules allow."""

    school: str
    grade: str
    """As returned: a grade below the one it has in the year of the plan."""
    students: int
    classes: int


@dataclass(frozen=True)
class Outside:
    """A school outside the catchments: a private one, or one for special needs."""

    school: str
    kind: SchoolType
    name: str
    unit: str
    """The unit it stands in."""
    classrooms: int
    private: bool
    seats: int
    """Places purchased at a private school; places of a special one."""
    tracks: Mapping[Stage, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Spring:
    """The spring in which a year's entry is planned."""

    year: int
    rooms: Mapping[str, int]
    """Classrooms of schools that were enlarged, or that gave rooms away."""
    reach: Mapping[str, float]
    """Sought-after schools: how much farther than its neighbours each has come to spread."""
    drawn: Mapping[str, float]
    """How many more children of the entry grade live in a catchment because families moved into it."""
    settled_share: float
    """Unzoned children in those catchments, as a share of what there would be."""
    opening: str
    borrowed: tuple[str, str]
    """A school on a borrowed site, and the unit it stands in."""
    campuses: tuple[str, str]
    shared: tuple[str, str]
    """Two junior schools with one catchment."""
    enclaves: tuple[tuple[str, Stage, str], ...]
    """Units that history left to a school whose catchment does not touch them."""
    places: Mapping[str, int]
    """Schools whose places are stated."""
    swollen: tuple[Swollen, ...]
    large: Estate
    coming: Estate
    outside: tuple[Outside, ...]
    migrant_share: float
    special_share: float
    special_school_share: float
    """Of the units within its reach, how many send their children with special needs to the special school."""
    special_reach_m: float
    births: Mapping[int, float]
    """Children of the age of grade 1 in later years, relative to the year of the plan."""
    growth: Mapping[str, float]
    """By zone: children of an age a year later, relative to a year before (families that move in)."""


BINHE_2027 = Spring(
    year=2027,
    rooms={"P04": 48, "P05": 18, "P08": 18},
    reach={"P02": 1.4, "P04": 1.4, "P13": 1.4, "P14": 1.4, "J01": 1.3, "J05": 1.2, "J07": 1.25},
    drawn={"P02": 2.2, "P04": 2.1, "P13": 2.4, "P14": 2.9, "J01": 1.65, "J05": 1.6, "J07": 1.5},
    settled_share=0.4,
    opening="N09",
    borrowed=("P33", "U496"),
    campuses=("P10", "P11"),
    shared=("J13", "J14"),
    enclaves=(("U333", "primary", "P15"),),
    places={"P10": 810},
    swollen=(
        Swollen("P05", "1", 126, 3),
        Swollen("P05", "2", 127, 3),
        Swollen("P05", "3", 144, 4),
        Swollen("P05", "4", 143, 4),
        Swollen("P05", "5", 141, 4),
        Swollen("P05", "6", 126, 3),
        Swollen("J02", "7", 342, 10),
        Swollen("J02", "8", 351, 10),
        Swollen("J02", "9", 338, 8),
        Swollen("P01", "4", 106, 2),
        Swollen("P16", "2", 96, 2),
        Swollen("J03", "8", 330, 6),
        Swollen("N02", "7", 208, 4),
    ),
    large=Estate(
        unit="U439",
        households=3_480,
        children={"1": 210, "2": 170, "3": 130, "4": 100, "5": 75, "6": 55, "7": 40, "8": 32, "9": 28},
    ),
    coming=Estate(
        unit="U503",
        households=2_400,
        children={},
        later={
            2028: {"1": 70, "7": 25},
            2029: {"1": 95, "7": 40},
            2030: {"1": 105, "7": 50},
            2031: {"1": 100, "7": 55},
            2032: {"1": 90, "7": 60},
        },
    ),
    outside=(
        Outside("M01", "nine_year", "锦和双语学校", "U413", 36, True, 90, {"primary": 4, "junior": 4}),
        Outside("M02", "primary", "育栋实验小学", "U123", 24, True, 45, {"primary": 4}),
        Outside("M03", "junior", "明哲初级中学", "U446", 18, True, 50, {"junior": 6}),
        Outside("S01", "special", "启慧学校", "U270", 18, False, 150),
    ),
    migrant_share=0.20,
    special_share=0.005,
    special_school_share=0.9,
    special_reach_m=2_800.0,
    births={2028: 0.89, 2029: 0.81, 2030: 0.82, 2031: 0.80, 2032: 0.74},
    growth={"Z1": 1.00, "Z2": 1.00, "Z3": 1.02, "Z4": 1.05, "Z5": 1.10},
)
"""The spring of 2027 in binhe."""
