"""Who is affected by the step from one plan to another: units, children and teachers, and from where to where.

Children are counted, not named, so that of those who sit elsewhere the least number is told that the two tables leave
possible. Whatever is counted here is the same both ways: the step back has the same counts, from and to exchanged.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from optimizer.digest import Exhibit
from optimizer.digest.places import is_zoned

UNIT_COLUMNS = ("unit_id", "stage", "from_school_id", "to_school_id", "students", "shared", "today")
SEAT_COLUMNS = ("unit_id", "stage", "category", "before", "after", "elsewhere")
FLOW_COLUMNS = ("stage", "from_school_id", "to_school_id", "units", "students")
POSTING_COLUMNS = ("teacher_id", "stage", "subject", "from_school_id", "to_school_id")
TEACHER_FLOW_COLUMNS = ("from_school_id", "to_school_id", "teachers")

_Place = tuple[str, str]
"""Unit and stage."""
_Group = tuple[str, str, str]
"""Unit, stage and category."""
_Pair = tuple[str, str, str]
"""Stage, school that is left, school that is joined."""


@dataclass(frozen=True)
class People:
    """Who changes from one plan to another; empty tables where the runs do not decide it."""

    units: pd.DataFrame
    """Columns UNIT_COLUMNS: units and stages whose schools differ. Several schools of a shared catchment are joined by
    a plus sign; `shared` says that a school stays in common, so that the unit does not change hands. `students` are
    those who follow their catchment, in the plan that has fewer of them. `today` says whether the second plan gives
    today's school: "back", "away", or "" where that is not known."""
    decided: int
    """Units and stages that have a school in both."""
    seats: pd.DataFrame
    """Columns SEAT_COLUMNS: children of a unit, stage and category in each plan, and how many must sit elsewhere at
    least, where that is anybody or the numbers differ."""
    flows: pd.DataFrame
    """Columns FLOW_COLUMNS, the most children first: units that change hands and children who sit elsewhere."""
    postings: pd.DataFrame
    """Columns POSTING_COLUMNS: teachers of both plans who are posted to another school; "" is none."""
    posted: int
    """Teachers who are in both plans."""
    joining: int
    """Teachers of the second plan alone."""
    leaving: int
    """Teachers of the first plan alone."""
    teacher_flows: pd.DataFrame
    """Columns TEACHER_FLOW_COLUMNS, the most first."""

    @property
    def moved(self) -> pd.DataFrame:
        """Rows of `units` that change hands: no school in common."""
        return self.units[~self.units["shared"].astype(bool)]

    @property
    def belonging(self) -> int:
        """Children of these units who follow their catchment."""
        return int(self.moved["students"].sum())

    @property
    def elsewhere(self) -> int:
        """Children who sit at another school, at least."""
        return int(self.seats["elsewhere"].sum())


def compare_people(baseline: Exhibit, other: Exhibit) -> People:
    """Return who changes from the plan of `baseline` to that of `other`."""
    held = _held(baseline), _held(other)
    seats = _seats(baseline), _seats(other)
    elsewhere = _compare_seats(*seats)
    postings, counts = _compare_postings(baseline, other)
    units = _compare_units(held, (_followers(baseline), _followers(other)), _find_adjusted(baseline, other))
    ends = zip(postings["from_school_id"], postings["to_school_id"], strict=True)
    return People(
        units,
        decided=len(held[0].keys() & held[1].keys()),
        seats=elsewhere,
        flows=_count_flows(units, held, seats),
        postings=postings,
        posted=counts[0],
        joining=counts[1],
        leaving=counts[2],
        teacher_flows=_rank(Counter(ends), TEACHER_FLOW_COLUMNS),
    )


def chief_schools(exhibit: Exhibit) -> dict[tuple[str, str], str]:
    """Return the school of each unit and stage; of a shared catchment the one where most of its children sit."""
    seated = _sum_categories(_seats(exhibit))
    return {place: _chief(schools, seated.get(place, Counter())) for place, schools in _held(exhibit).items()}


def _held(exhibit: Exhibit) -> dict[_Place, frozenset[str]]:
    """Schools of each unit and stage as the program drew them: what was edited by hand since is not in it."""
    tables = exhibit.stored.tables
    drawn = tables.get("drawn", tables.get("catchments"))
    held: defaultdict[_Place, set[str]] = defaultdict(set)
    if drawn is not None:
        for unit, stage, school in zip(drawn["unit_id"], drawn["stage"], drawn["school_id"], strict=True):
            held[unit, stage].add(school)
    return {place: frozenset(schools) for place, schools in held.items()}


def _seats(exhibit: Exhibit) -> dict[_Group, Counter[str]]:
    """Children of each unit, stage and category by school."""
    table = exhibit.stored.tables.get("assignments")
    seats: defaultdict[_Group, Counter[str]] = defaultdict(Counter)
    if table is not None:
        columns = (table[name] for name in ("unit_id", "stage", "category", "school_id", "students"))
        for unit, stage, category, school, students in zip(*columns, strict=True):
            seats[unit, stage, category][school] += int(students)
    return dict(seats)


def _followers(exhibit: Exhibit) -> Counter[_Place]:
    """Children of each unit and stage who go where its catchment goes: zoned ones in mode `entry`, else all."""
    table = exhibit.stored.tables.get("assignments")
    if table is None:
        return Counter()
    rows = table[is_zoned(exhibit, table["category"])] if exhibit.entry_only else table
    totals: Counter[_Place] = Counter()
    for unit, stage, students in zip(rows["unit_id"], rows["stage"], rows["students"], strict=True):
        totals[unit, stage] += int(students)
    return totals


def _find_adjusted(baseline: Exhibit, other: Exhibit) -> tuple[set[_Place], set[_Place]] | None:
    """Units and stages that each plan takes from today's school; None where today is not known to one of them."""
    tables = [exhibit.stored.tables.get("changes") for exhibit in (baseline, other)]
    first, second = ({*zip(t["unit_id"], t["stage"], strict=True)} if t is not None else None for t in tables)
    return None if first is None or second is None else (first, second)


def _compare_units(
    held: tuple[Mapping[_Place, frozenset[str]], Mapping[_Place, frozenset[str]]],
    followers: tuple[Counter[_Place], Counter[_Place]],
    adjusted: tuple[set[_Place], set[_Place]] | None,
) -> pd.DataFrame:
    rows = [
        (
            *place,
            "+".join(sorted(left)),
            "+".join(sorted(joined)),
            min(followers[0][place], followers[1][place]),
            bool(left & joined),
            _tell_today(place, adjusted),
        )
        for place, left in held[0].items()
        if left != (joined := held[1].get(place, left))
    ]
    return pd.DataFrame(rows, columns=list(UNIT_COLUMNS))


def _tell_today(place: _Place, adjusted: tuple[set[_Place], set[_Place]] | None) -> str:
    if adjusted is None:
        return ""
    before, after = (place in each for each in adjusted)
    return "away" if after else "back" if before else ""


def _compare_seats(before: Mapping[_Group, Counter[str]], after: Mapping[_Group, Counter[str]]) -> pd.DataFrame:
    """Children of both plans, of one unit, stage and category, are min(n, m); as many as fit stay where they are."""
    rows = []
    for group in dict.fromkeys((*before, *after)):
        sat, sit = before.get(group, Counter()), after.get(group, Counter())
        elsewhere = min(sat.total(), sit.total()) - (sat & sit).total()
        if elsewhere or sat.total() != sit.total():
            rows.append((*group, sat.total(), sit.total(), elsewhere))
    return pd.DataFrame(rows, columns=list(SEAT_COLUMNS))


def _count_flows(
    units: pd.DataFrame,
    held: tuple[Mapping[_Place, frozenset[str]], Mapping[_Place, frozenset[str]]],
    seats: tuple[Mapping[_Group, Counter[str]], Mapping[_Group, Counter[str]]],
) -> pd.DataFrame:
    """Units go from the school, and to the school, where most of their children sit."""
    students: Counter[_Pair] = Counter()
    for group in seats[0].keys() & seats[1].keys():
        for left, joined, number in _carry(seats[0][group], seats[1][group]):
            students[group[1], left, joined] += number
    most = tuple(_sum_categories(each) for each in seats)
    moved = units[~units["shared"].astype(bool)]
    changing: Counter[_Pair] = Counter()
    for place in zip(moved["unit_id"], moved["stage"], strict=True):
        left, joined = (_chief(held[k][place], most[k].get(place, Counter())) for k in (0, 1))
        changing[place[1], left, joined] += 1
    rows = [(*pair, changing[pair], students[pair]) for pair in changing.keys() | students.keys()]
    rows.sort(key=lambda row: (-row[4], -row[3], row[:3]))
    return pd.DataFrame(rows, columns=list(FLOW_COLUMNS))


def _carry(sat: Counter[str], sit: Counter[str]) -> Iterator[tuple[str, str, int]]:
    """Yield who goes from which school to which, where as few go as can: school by school in the order of the ids."""
    gone, come = sorted((sat - sit).items()), sorted((sit - sat).items())
    while gone and come:
        (left, going), (joined, coming) = gone[0], come[0]
        number = min(going, coming)
        yield left, joined, number
        gone[:1] = [(left, going - number)] if going > number else []
        come[:1] = [(joined, coming - number)] if coming > number else []


def _sum_categories(seats: Mapping[_Group, Counter[str]]) -> dict[_Place, Counter[str]]:
    totals: defaultdict[_Place, Counter[str]] = defaultdict(Counter)
    for (unit, stage, _), counted in seats.items():
        totals[unit, stage].update(counted)
    return totals


def _chief(schools: frozenset[str], seated: Counter[str]) -> str:
    return min(schools, key=lambda school: (-seated[school], school))


def _compare_postings(baseline: Exhibit, other: Exhibit) -> tuple[pd.DataFrame, tuple[int, int, int]]:
    """Teachers who are posted elsewhere; how many are in both, in the second plan alone, in the first alone."""
    first, second = (exhibit.stored.tables.get("postings") for exhibit in (baseline, other))
    if first is None or second is None:
        return pd.DataFrame(columns=list(POSTING_COLUMNS)), (0, 0, 0)
    posted = dict(zip(first["teacher_id"], first["to_school_id"], strict=True))
    known = second[second["teacher_id"].isin(posted)]
    before = known["teacher_id"].map(posted)
    differs = known[before != known["to_school_id"]].assign(from_school_id=before)
    counts = (len(known), len(second) - len(known), len(first) - len(known))
    return differs[list(POSTING_COLUMNS)].reset_index(drop=True), counts


def _rank(counts: Counter[tuple[str, str]], columns: tuple[str, ...]) -> pd.DataFrame:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return pd.DataFrame([(*ends, number) for ends, number in ranked], columns=list(columns))
