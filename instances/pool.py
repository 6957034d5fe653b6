"""The numbers that binhe's staff and the standing of its schools are drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass

from instances.design import Bank
from models.stages import Stage


@dataclass(frozen=True)
class Faculty:
    """The staff of one stage."""

    any_share: Mapping[str, float]
    """Who gives the lessons that any teacher may give: shares of those posts by subject."""
    cover: Mapping[str, float]
    """Teachers for every post that the classes of today need, by subject."""
    cover_else: float
    """Likewise, in the subjects that `cover` does not name."""
    women: Mapping[str, float]
    """Share of women by subject; `other` where a subject is not named."""
    degrees: tuple[tuple[str, float, float], ...]
    """Highest degree, with its share among the oldest and among the youngest; what is missing has none of these."""
    certificates: Mapping[Stage, float]
    """Highest stage of the certificate: shares."""
    second: Mapping[str, tuple[str, ...]]
    """Second subjects that go with a subject."""
    backbone: float
    """Backbone teachers for 100 students in the district."""
    backbone_step: float
    """By how much more of them a school has for every step of strength, relative to its students."""
    recruits: Mapping[str, int]
    """Whom the district recruited this spring, by subject; they have no school yet."""


@dataclass(frozen=True)
class Town:
    """What sets the staff of one bank of the river apart."""

    cover: float
    """Teachers of a school, relative to the other bank."""
    age: tuple[float, float]
    """Beta distribution of ages between the youngest and the oldest."""
    contract: float
    """Share of contract posts (员额)."""
    loyal: float
    """Share of those who never worked at another school."""


@dataclass(frozen=True)
class Pool:
    """The staff of a district, and how its schools stand."""

    faculties: Mapping[Stage, Faculty]
    towns: Mapping[Bank, Town]
    support: int
    """Staff who give no lessons."""
    reengaged: float
    """Share of retired teachers who were engaged again (银龄), all of them at weak schools."""
    leave: Mapping[str, float]
    """Share of the staff on leave by reason; who retires this summer follows from the birth dates."""
    exempt: Mapping[str, float]
    """Share of the staff exempt from moving by reason."""
    terms: Mapping[int, float]
    """Share of the staff on a term of rotation, by the year in which it ends."""
    volunteers: float
    couples: int
    second_share: float
    """Share of the staff who teach a second subject."""
    known_previous: float
    """Share of those who came from another school of which that is on file."""
    strength: Mapping[Bank, Mapping[int, float]]
    """Shares of schools by strength, apart from the sought-after ones (the highest) and the newest (the lowest)."""
    backbone_noise: float
    """Standard deviation of the logarithm by which schools differ in backbone teachers beyond their strength."""
    groups: tuple[int, ...]
    """Schools of each education group (教育集团), the one that leads it among them."""
    abundance: float
    """Resources of a school relative to the norm, in the middle."""
    abundance_spread: float
    """Standard deviation of the logarithm of that."""
    lacking: int
    """Crowded schools that are short of one or two resources."""


BINHE_STAFF = Pool(
    faculties={
        "primary": Faculty(
            any_share={
                "chinese": 0.62,
                "science": 0.12,
                "computing": 0.07,
                "pe": 0.07,
                "art": 0.07,
                "music": 0.05,
            },
            cover={"chinese": 1.045, "mathematics": 0.965, "english": 0.94},
            cover_else=1.03,
            women={"pe": 0.35, "computing": 0.55, "science": 0.65, "other": 0.82},
            degrees=(
                ("doctoral", 0.0, 0.002),
                ("master", 0.01, 0.30),
                ("bachelor", 0.55, 0.69),
                ("associate", 0.37, 0.008),
            ),
            certificates={"primary": 0.80, "junior": 0.14, "senior": 0.06},
            second={
                "chinese": ("mathematics", "english", "art"),
                "mathematics": ("science", "computing"),
                "english": ("chinese",),
                "science": ("mathematics", "computing"),
                "computing": ("mathematics", "science"),
                "music": ("art", "english"),
                "art": ("computing", "music"),
            },
            backbone=1.20,
            backbone_step=1.62,
            recruits={"chinese": 12, "mathematics": 11, "english": 6, "science": 4, "pe": 6, "music": 2, "art": 3},
        ),
        "junior": Faculty(
            any_share={
                "chinese": 0.18,
                "ethics": 0.12,
                "history": 0.12,
                "geography": 0.12,
                "biology": 0.12,
                "chemistry": 0.08,
                "computing": 0.06,
                "pe": 0.08,
                "music": 0.06,
                "art": 0.06,
            },
            cover={"mathematics": 0.975, "english": 1.0, "physics": 0.88},
            cover_else=1.085,
            women={"pe": 0.3, "physics": 0.45, "computing": 0.45, "mathematics": 0.55, "other": 0.70},
            degrees=(
                ("doctoral", 0.0, 0.004),
                ("master", 0.04, 0.45),
                ("bachelor", 0.80, 0.545),
                ("associate", 0.13, 0.0),
            ),
            certificates={"junior": 0.72, "senior": 0.28},
            second={
                "chinese": ("history", "ethics"),
                "mathematics": ("computing",),
                "ethics": ("history",),
                "history": ("ethics", "geography"),
                "geography": ("history", "biology"),
                "biology": ("chemistry", "geography"),
                "physics": ("mathematics",),
                "chemistry": ("biology", "mathematics"),
                "computing": ("mathematics", "physics"),
                "music": ("art",),
                "art": ("music",),
            },
            backbone=1.45,
            backbone_step=1.58,
            recruits={
                "chinese": 15,
                "mathematics": 11,
                "english": 14,
                "ethics": 5,
                "history": 4,
                "geography": 3,
                "biology": 4,
                "physics": 2,
                "chemistry": 2,
                "pe": 4,
                "music": 1,
                "art": 1,
            },
        ),
    },
    towns={
        "old": Town(cover=1.02, age=(1.9, 1.16), contract=0.04, loyal=0.75),
        "new": Town(cover=0.985, age=(1.3, 2.2), contract=0.11, loyal=0.62),
    },
    support=110,
    reengaged=0.010,
    leave={"maternity": 0.020, "sick": 0.005, "seconded": 0.005},
    exempt={"pregnant": 0.007, "nursing": 0.005, "illness": 0.004, "lead_project": 0.003, "hardship": 0.002},
    terms={2027: 0.010, 2028: 0.010, 2029: 0.010},
    volunteers=0.05,
    couples=48,
    second_share=0.27,
    known_previous=0.45,
    strength={"old": {3: 0.2, 4: 0.65, 5: 0.15}, "new": {1: 0.1, 2: 0.55, 3: 0.25, 4: 0.1}},
    backbone_noise=0.12,
    groups=(5, 5, 5, 5, 4, 4, 4, 4, 3, 3, 3, 3),
    abundance=1.30,
    abundance_spread=0.16,
    lacking=8,
)
"""The school year 2026/27: short of mathematics, English and physics, with Chinese to spare in primary schools."""
