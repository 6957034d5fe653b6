"""Careers of the staff: sex, birth, first post, years at the school, degree, title, and who is a backbone teacher.

Each function takes the staff as a table, a row a person, and returns it with more columns.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from instances.land import Generator
from instances.people import apportion
from instances.pool import Pool
from models.district import Bools, Floats, Ints
from models.retirement import Category, retirement_date
from models.stages import Stage

CATEGORY: dict[str, Category] = {"female": "women55", "male": "men60"}
_YOUNGEST = 22
"""Years at the beginning of the first school year."""
_STUDIED = {"master": 3, "doctoral": 6}
"""Years of study after the first degree."""
_RECRUITS = (22, 28)
_PENSIONERS = (57, 66)
_TITLES = (("senior_professor", 24, 0.03), ("senior", 14, 0.45), ("first", 6, 0.9), ("second", 1, 1.0))
"""Years of work from which on a share holds a title, the highest first."""
_WEAK = 2
"""Strength up to which a school has teachers who were engaged again."""
_OPENED = {"newest": (2, 7), "new": (8, 20), "old": (40, 60)}
"""Years ago."""
_EARLIEST_BACKBONE = 5
_PRINCIPAL = (15, 30)
"""Years of work of a principal."""


def draw_origins(pool: Pool, staff: pd.DataFrame, year: int, rng: Generator) -> pd.DataFrame:
    """Add `sex`, `staff_type` and `birth_date`; nobody on the staff was of age to retire before last summer."""
    faculty = [pool.faculties[stage] for stage in staff["stage"]]
    women = [held.women.get(of, held.women["other"]) for held, of in zip(faculty, staff["subject"], strict=True)]
    sex = np.where(rng.random(len(staff)) < women, "female", "male")
    town = [pool.towns[bank] for bank in staff["bank"]]
    recruit = staff["school"].to_numpy() < 0
    kind = np.where(rng.random(len(staff)) < [held.contract for held in town], "contract", "established")
    kind[recruit] = "established"
    weak = (staff["strength"] <= _WEAK) & (staff["role"] == "teacher") & ~recruit
    kind[pick(round(pool.reengaged * len(staff)), weak.to_numpy(), rng)] = "reengaged"
    old = rng.beta(*np.array([held.age for held in town]).T) * np.where(kind == "contract", 0.6, 1.0)
    youngest = np.datetime64(f"{year - 1 - _YOUNGEST}-08-31", "D")
    eldest = np.array([_eldest(CATEGORY[of], year - 1) for of in sex])
    birth = youngest - (old * (youngest - eldest).astype(np.int64)).astype(np.int64)
    birth[recruit] = _born(int(recruit.sum()), year, _RECRUITS, rng)
    pensioner = kind == "reengaged"
    birth[pensioner] = _born(int(pensioner.sum()), year, _PENSIONERS, rng)
    return staff.assign(sex=sex, staff_type=kind, birth_date=birth)


def _eldest(category: Category, year: int) -> np.datetime64:
    """The first day of birth for which nobody retired by the summer of a year."""
    days = np.arange(f"{year - 70}-01-01", f"{year - 40}-01-01", dtype="datetime64[D]")
    return np.datetime64(days[retirement_date(days, category) > np.datetime64(f"{year}-08-31")].min(), "D")


def _born(count: int, year: int, ages: tuple[int, int], rng: Generator) -> NDArray[np.datetime64]:
    days = rng.integers(365 * ages[0], 365 * ages[1], count)
    return np.asarray(np.datetime64(f"{year}-08-31", "D") - days)


def draw_degrees(pool: Pool, staff: pd.DataFrame, year: int, rng: Generator) -> pd.DataFrame:
    """Add `degree`: the young studied longer."""
    age = year - _birth_year(staff)
    youth = np.clip(1.0 - (age - _YOUNGEST) / 35.0, 0.0, 1.0)
    drawn = rng.random(len(staff))
    degree = np.full(len(staff), "", dtype="<U9")
    for stage, faculty in pool.faculties.items():
        here, below = (staff["stage"] == stage).to_numpy(), np.zeros(len(staff))
        for name, among_oldest, among_youngest in faculty.degrees:
            above = below + among_oldest + (among_youngest - among_oldest) * youth
            degree[here & (below <= drawn) & (drawn < above)] = name
            below = above
    too_young = age <= _YOUNGEST + max(_STUDIED.values())
    return staff.assign(degree=np.where(np.isin(degree, [*_STUDIED]) & too_young, "bachelor", degree))


def draw_years(pool: Pool, staff: pd.DataFrame, newest: Bools, year: int, rng: Generator) -> pd.DataFrame:
    """Add `begun` and `joined`: the years of the first post and of the one at today's school; 1 September of each."""
    bank, school = staff["bank"].to_numpy(), staff["school"].to_numpy()
    lately, before = (rng.integers(*_OPENED[held], len(newest)) for held in ("newest", "new"))
    ago = np.where(bank == "old", rng.integers(*_OPENED["old"]), np.where(newest, lately, before)[school])
    studied = np.array([_STUDIED.get(degree, 0) for degree in staff["degree"]])
    begun = _birth_year(staff) + _YOUNGEST + studied + rng.integers(0, 3, len(staff))
    begun = np.minimum(begun, year - 1)
    first = np.maximum(begun, year - ago)
    loyal = rng.random(len(staff)) < [pool.towns[held].loyal for held in bank]
    moved = first + ((year - first) * rng.random(len(staff)) ** 1.5).astype(np.int64)
    return staff.assign(begun=begun, joined=np.where(loyal, first, moved))


def _birth_year(staff: pd.DataFrame) -> Ints:
    return np.asarray(staff["birth_date"].to_numpy().astype("datetime64[Y]").astype(np.int64) + 1970)


def draw_titles(staff: pd.DataFrame, year: int, rng: Generator) -> pd.DataFrame:
    """Add `title`: the longer at work, the higher."""
    worked = year - staff["begun"].to_numpy()
    title, luck = np.full(len(staff), "third", dtype="<U16"), rng.random(len(staff))
    for name, earliest, share in reversed(_TITLES):
        title[(worked >= earliest) & (luck < share)] = name
    teaches = (staff["role"] == "teacher") & (staff["school"] >= 0)
    return staff.assign(title=np.where(teaches, title, ""))


def name_principals(staff: pd.DataFrame, legal: Ints, year: int, rng: Generator) -> pd.DataFrame:
    """Make one of the experienced the principal of every legal school, for a term or two or three."""
    role, joined = staff["role"].to_numpy().copy(), staff["joined"].to_numpy().copy()
    title = staff["title"].to_numpy().copy()
    worked = year - staff["begun"].to_numpy()
    able = (role == "teacher") & (staff["staff_type"] == "established").to_numpy()
    for school in np.unique(legal).tolist():
        here = able & (staff["school"] == school).to_numpy()
        if here.any():
            experienced = here & (worked >= min(_PRINCIPAL[0], int(worked[here].max()))) & (worked <= _PRINCIPAL[1])
            person = pick(1, experienced, rng)
            role[person], title[person] = "principal", "senior"
            joined[person] = np.maximum(year - rng.integers(1, 10), staff["begun"].to_numpy()[person])
    return staff.assign(role=role, joined=joined, title=title)


def name_backbone(
    pool: Pool, staff: pd.DataFrame, students: dict[Stage, Ints], strength: Ints, year: int, rng: Generator
) -> pd.DataFrame:
    """Add `backbone`: so many in every stage, more of them at strong schools, the higher titles first."""
    worked = year - staff["begun"].to_numpy()
    rank = np.select([staff["title"] == name for name, _, _ in _TITLES], [6.0, 4.0, 2.0, 0.5], 0.0)
    able = (staff["staff_type"] == "established").to_numpy() & (worked >= _EARLIEST_BACKBONE) & (rank > 0)
    backbone = np.zeros(len(staff), dtype=bool)
    for stage, faculty in pool.faculties.items():
        noise = np.exp(rng.normal(0.0, pool.backbone_noise, len(strength)))
        weights = students[stage] * faculty.backbone_step**strength * noise
        total = round(faculty.backbone * int(students[stage].sum()) / 100)
        for school, count in enumerate(apportion(total, weights).tolist()):
            here = able & ((staff["school"] == school) & (staff["stage"] == stage)).to_numpy()
            backbone[pick(min(count, int(here.sum())), here, rng, rank)] = True
    return staff.assign(backbone=backbone)


def pick(count: int, among: Bools, rng: Generator, weights: Floats | Sequence[float] | None = None) -> Ints:
    """Draw so many different rows of those that are True, by weight."""
    odds = among * (1.0 if weights is None else np.asarray(weights))
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    return np.asarray(rng.choice(len(odds), count, replace=False, p=odds / odds.sum()))
