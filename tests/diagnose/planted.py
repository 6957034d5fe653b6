"""Impossibilities planted in binhe or its corner: what is changed, and which rules then cannot hold together.

Each is an override, and rows where an override cannot say it. What is short is short in the corner; in the whole
district the corner is then walled off as a region of its own, so that nobody finds a place outside it. Without any one
of the rules that a case names there is a plan.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from diagnose.cut import Row, add_rows, corner_of, map_rows, read_rows, read_units, write_units
from districts import write_table

from models.diagnosis import Diagnosis
from models.stages import STAGES
from optimizer.io.amend import write_scenario

JUNIOR = ("J06", "J07", "J09")
NAME = "planted"
"""Of the scenario that is written."""


@dataclass(frozen=True)
class Planted:
    """One impossibility."""

    name: str
    rules: frozenset[str]
    """All of them belong to what explains it."""
    levers: frozenset[str]
    """One at least is among the repairs."""
    patch: Mapping[str, Any] = field(default_factory=dict)
    rewrites: tuple[Callable[[Path], None], ...] = ()
    """Changes of the tables, in order."""
    scenario: str = "base"
    """Beneath the patch: `steady_state` is the mode `whole`, `redraw` may change every catchment, `kept` none."""
    posts: bool = False
    """Whether it is about teachers: the children have a plan."""

    def plant(self, folder: Path) -> str:
        """Plant it in a copy of binhe or of the corner; return the scenario to diagnose."""
        for rewrite in self.rewrites:
            rewrite(folder)
        write_scenario(folder, NAME, self.patch, base=self.scenario)
        return NAME


def blamed(diagnosis: Diagnosis) -> set[str]:
    """Rules of the sums that prove that there is no plan, and of the conflict."""
    counted = {rule for count in diagnosis.counts if count.proves for rule in count.rules}
    return counted | set(diagnosis.conflict.rules if diagnosis.conflict else ())


def divide(region_of: Callable[[Path], Callable[[str], str]], folder: Path) -> None:
    """Give every unit a region, and every school that of the unit it stands in."""
    region = region_of(folder)
    features = read_units(folder)
    for feature in features:
        feature["properties"]["region_id"] = region(feature["properties"]["unit_id"])
    write_units(folder, iter(features))
    map_rows("schools", lambda row: {"region_id": region(row["unit_id"])}, folder)


def one_region(folder: Path) -> Callable[[str], str]:
    """The corner apart from the rest."""
    corner = corner_of(folder)
    return lambda unit: "corner" if unit in corner else "rest"


def two_banks(folder: Path) -> Callable[[str], str]:
    """The corner as two regions, parted by the river."""
    corner = corner_of(folder)
    north = catchment_of("J06", folder) | catchment_of("J07", folder)
    return lambda unit: "rest" if unit not in corner else "north" if unit in north else "south"


def with_exclave(folder: Path) -> Callable[[str], str]:
    """The catchment of J06 and, far from it, M01's unit as one region; what lies between them belongs to another."""
    corner, west = corner_of(folder), catchment_of("J06", folder) | {"U413"}
    return lambda unit: "rest" if unit not in corner else "west" if unit in west else "east"


def catchment_of(school: str, folder: Path) -> frozenset[str]:
    """Units of today's catchment."""
    return frozenset(row["unit_id"] for row in read_rows(folder, "current") if row["school_id"] == school)


def must(unit: str, stage: str, school: str) -> Row:
    """A row of `fixed` for the zoned children of a unit."""
    return {"unit_id": unit, "stage": stage, "school_id": school, "rule": "must", "category": "local"}


def bind_catchment(school: str, stage: str, folder: Path) -> None:
    """Fix every unit of today's catchment to its school."""
    add_rows("fixed", [must(unit, stage, school) for unit in sorted(catchment_of(school, folder))], folder)


def clear(school: str, heir: str, folder: Path) -> None:
    """Take the staff out of a school, and seat the children whom a committee placed there at another."""
    map_rows("fixed", lambda row: {"school_id": heir} if row["school_id"] == school else {}, folder)
    write_table(folder, "teachers", [row for row in read_rows(folder, "teachers") if row["school_id"] != school])


def fill_class(school: str, grade: str, students: int, folder: Path) -> None:
    """Return so many children in one class of a grade last year."""
    here = (school, grade)
    full = {"students": str(students), "classes": "1"}
    map_rows("enrolment", lambda row: full if (row["school_id"], row["grade"]) == here else {}, folder)


def give_all(table: str, cells: Row, folder: Path) -> None:
    """Give every row of a table the same cells."""
    map_rows(table, lambda row: cells, folder)


def share_nobody(folder: Path) -> None:
    """Let schools share teachers inside their groups alone."""
    file = folder / "instance.toml"
    settings = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"staffing\.quota\..*", 'staffing.pool_level = "group"', settings), encoding="utf-8")


def send_towards(weak: Mapping[str, str], folder: Path) -> None:
    """Make one school of each stage the weakest, the others alike; all teachers have just left that of their stage."""
    map_rows("schools", lambda row: {"strength": "1" if row["school_id"] in weak.values() else "4"}, folder)
    map_rows(
        "teachers",
        lambda row: (
            {"previous_school_id": weak[row["stage"]], "left_previous": row["joined_school"]}
            if row["school_id"] and row["school_id"] != weak[row["stage"]]
            else {}
        ),
        folder,
    )


def leave_one_backbone(folder: Path) -> None:
    """Leave one backbone teacher in each stage."""
    rows = read_rows(folder, "teachers")
    first = {row["stage"]: row["teacher_id"] for row in rows if row["backbone"] and row["school_id"]}
    map_rows("teachers", lambda row: {"backbone": "true" if row["teacher_id"] in first.values() else ""}, folder)


def retain_principals(school: str, folder: Path) -> None:
    """Let one principal have been at a school for too long, and all others have come last year."""
    map_rows(
        "teachers",
        lambda row: (
            {"joined_school": "2010-09-01" if row["school_id"] == school else "2026-09-01"} | FREE
            if row["role"] == "principal"
            else {}
        ),
        folder,
    )


def pair_principals(schools: tuple[str, str], folder: Path) -> None:
    """Marry the principals of two schools, both there for too long; those of all others came last year."""
    principals = {
        row["school_id"]: row["teacher_id"] for row in read_rows(folder, "teachers") if row["role"] == "principal"
    }
    a, b = (principals[school] for school in schools)
    spouse = {a: b, b: a}

    def change(row: Row) -> Row:
        if row["role"] != "principal":
            return {"spouse_id": ""} if row["spouse_id"] in spouse else {}
        if row["teacher_id"] in spouse:
            return {"joined_school": "2010-09-01", "spouse_id": spouse[row["teacher_id"]], **FREE}
        return {"joined_school": "2026-09-01"}

    map_rows("teachers", change, folder)


FREE = {
    "exempt": "",
    "leave": "",
    "home_school_id": "",
    "rotation_until": "",
    "previous_school_id": "",
    "left_previous": "",
}
"""Nothing keeps whoever has these cells."""


def schools(ids: tuple[str, ...], **cells: object) -> Mapping[str, Any]:
    """An override that gives several schools the same cells."""
    return {school: dict(cells) for school in ids}


WALL = partial(divide, one_region)
BANKS = partial(divide, two_banks)

OF_CHILDREN = (
    Planted(
        # 1,862 junior children, 3 · 600 places.
        "places",
        frozenset({"places"}),
        frozenset({"extend"}),
        {"schools": schools(JUNIOR, places=600)},
        (WALL,),
        "steady_state",
    ),
    Planted(
        # 1,862 junior children, 3 · 12 rooms for classes of 50.
        "classrooms",
        frozenset({"classrooms", "class_size"}),
        frozenset({"extend"}),
        {"schools": schools(JUNIOR, places=900, classrooms=12)},
        (WALL,),
        "steady_state",
    ),
    Planted(
        # 1,862 junior children, 3 · 18 rooms for classes of 34.
        "class_size",
        frozenset({"class_size", "classrooms"}),
        frozenset({"raise_class_size", "extend"}),
        {"policy": {"class_size": {"cap": {"junior": 34}}}, "schools": schools(JUNIOR, places=900)},
        (WALL,),
        "steady_state",
    ),
    Planted(
        # 3,349 primary children, five schools of at most 600.
        "school_size",
        frozenset({"school_size"}),
        frozenset({"raise_school_size"}),
        {"policy": {"school_size": {"cap": {"primary": 600, "nine_year": 600}}}},
        (),
        "steady_state",
    ),
    Planted(
        # 168 rooms, nine classes of ten with at most 28 children, the tenth with at most 50: 5,074 for 5,211 children.
        "small_classes_classrooms",
        frozenset({"small_classes", "classrooms"}),
        frozenset({"lower_share"}),
        {"policy": {"class_size": {"targets": [{"max_size": 28, "share": 0.9}]}}},
        (),
        "steady_state",
    ),
    Planted(
        # 11 classes of 50 and 90 places at M01 for 667 who enter junior school.
        "tracks",
        frozenset({"tracks", "class_size"}),
        frozenset({"open_class", "purchase", "extend"}),
        {"schools": {**schools(("J06", "J07"), classes_per_grade_junior=4), "J09": {"classes_per_grade_junior": 3}}},
        (WALL,),
    ),
    Planted(
        # 12 classes of 50 and 20 places at M01 for 667 who enter junior school.
        "purchased",
        frozenset({"purchased", "tracks"}),
        frozenset({"purchase"}),
        {"schools": {**schools(JUNIOR, classes_per_grade_junior=4), "M01": {"purchased_places": 20}}},
        (WALL,),
    ),
    Planted(
        # No school within 700 m of U093 and others.
        "max_travel",
        frozenset({"max_travel"}),
        frozenset({"widen_ceiling"}),
        {"policy": {"travel": {"max_m": {"primary": 500}}}},
        (),
        "redraw",
    ),
    Planted(
        # Four units far south of the river reach P19 alone, which opens one class: 60 children of U360 and more.
        "max_travel_tracks",
        frozenset({"max_travel", "tracks"}),
        frozenset({"open_class", "purchase", "extend"}),
        {
            "policy": {"travel": {"max_m": {"primary": 2300}}},
            "schools": {"P19": {"classes_per_grade_primary": 1}, "M01": {"purchased_places": 0}},
            "demand": [{"unit_id": "U360", "stage": "primary", "grade": "1", "category": "local", "set": 60}],
        },
        (WALL,),
        "redraw",
    ),
    Planted(
        # J09 belongs to the north: the south has no junior school.
        "region",
        frozenset({"region"}),
        frozenset({"cross_regions"}),
        {"schools": {"J09": {"region_id": "north"}}},
        (BANKS,),
    ),
    Planted(
        # J09 opens two classes for some 160 zoned children of the south; the north has room for them.
        "region_tracks",
        frozenset({"region", "tracks"}),
        frozenset({"open_class", "purchase", "extend", "cross_regions"}),
        {"schools": {"J09": {"classes_per_grade_junior": 2}}},
        (BANKS,),
    ),
    Planted(
        # U413 must go to J06, and the units round it to J09.
        "fixed_contiguous",
        frozenset({"fixed", "contiguous"}),
        frozenset({"allow_pieces"}),
        {},
        (
            WALL,
            partial(
                add_rows,
                "fixed",
                [must("U359", "junior", "J09"), must("U360", "junior", "J09"), must("U413", "junior", "J06")],
            ),
        ),
        "redraw",
    ),
    Planted(
        # U413 can go to J06 alone, and nobody between them can.
        "region_contiguous",
        frozenset({"region", "contiguous"}),
        frozenset({"allow_pieces", "cross_regions"}),
        {},
        (partial(divide, with_exclave),),
        "redraw",
    ),
    Planted(
        # 391 who enter must go to J07, which opens 6 classes of 50.
        "fixed_overflow",
        frozenset({"fixed", "overflow"}),
        frozenset({"coordinate", "extend"}),
        {"rules": {"overflow": "hard"}},
        (partial(bind_catchment, "J07", "junior"),),
        "redraw",
    ),
    Planted(
        # 56 of J07 must go elsewhere; 1 % of the zoned children may.
        "stability_overflow",
        frozenset({"stability", "overflow"}),
        frozenset({"allow_change", "coordinate"}),
        {"rules": {"overflow": "hard"}, "policy": {"stability": {"max_share": 0.01}}},
    ),
    Planted(
        # P18 closes: the children of its catchment change school, who are more than may.
        "stability",
        frozenset({"stability"}),
        frozenset({"allow_change"}),
        {"schools": {"P18": {"status": "closed"}}, "policy": {"stability": {"max_share": 0.005}}},
        (partial(clear, "P18", "P09"),),
    ),
    Planted(
        # 56 of J07 must go elsewhere, and nobody may.
        "change_overflow",
        frozenset({"change", "overflow"}),
        frozenset({"coordinate", "redraw"}),
        {"rules": {"overflow": "hard"}, "policy": {"stability": {"max_share": 0.2}}},
        (),
        "kept",
    ),
    Planted(
        # 520 who enter from one unit; no school opens more than 10 classes of 50.
        "indivisible",
        frozenset({"indivisible", "overflow"}),
        frozenset({"divide_units", "coordinate"}),
        {
            "rules": {"overflow": "hard"},
            "demand": [
                {"stage": "junior", "grade": "7", "scale": 0.3},
                {"unit_id": "U299", "stage": "junior", "grade": "7", "category": "local", "set": 520},
            ],
        },
        (),
        "redraw",
    ),
    Planted(
        # A class of 60 goes on; strictly judged it is above the cap.
        "strict",
        frozenset({"strict", "class_size"}),
        frozenset({"inherit"}),
        {"rules": {"strict": True}},
        (partial(fill_class, "P09", "3", 60),),
    ),
    Planted(
        # 18 classes of 50 less 42 %, and 90 places at M01, for 667 who enter junior school.
        "reserve",
        frozenset({"reserve", "tracks"}),
        frozenset({"keep_less_back"}),
        {"policy": {"reserve_share": 0.42}},
    ),
)

NO_VOLUNTEERS = partial(give_all, "teachers", {"volunteer": "", "preferences": ""})
NO_SURPLUS = {"load": {stage: {"chinese": 6.0, "mathematics": 6.0, "english": 6.0, "other": 6.0} for stage in STAGES}}
"""Weekly lessons of a post, so few that no school can spare anybody: whoever moves then, rotates."""

OF_TEACHERS = (
    Planted(
        # Every school is a pool by itself.
        "rotation_share",
        frozenset({"rotation_share"}),
        frozenset({"posts_share"}),
        {},
        (partial(give_all, "schools", {"group_id": ""}), share_nobody),
        posts=True,
    ),
    Planted(
        # Nine of ten must move, and one of five may leave a school.
        "rotation_share_continuity",
        frozenset({"rotation_share", "continuity"}),
        frozenset({"posts_share"}),
        {"policy": {"rotation": {"min_share": 0.9}}},
        posts=True,
    ),
    Planted(
        # More backbone teachers must move than may be asked to.
        "rotation_backbone",
        frozenset({"rotation_backbone"}),
        frozenset({"posts_backbone"}),
        {"policy": {"rotation": {"backbone_share": 0.9, "backbone_of": "eligible"}}},
        posts=True,
    ),
    Planted(
        # Four moves are paid for, eleven are due.
        "rotation_share_budget",
        frozenset({"rotation_share", "budget"}),
        frozenset({"posts_budget", "posts_share"}),
        {
            "policy": {
                "rotation": {"subsidy": {"transport_yuan": 12000.0}, "budget_yuan": 50000.0},
                "staffing": NO_SURPLUS,
            }
        },
        (NO_VOLUNTEERS,),
        posts=True,
    ),
    Planted(
        # No school is weaker than another.
        "direction",
        frozenset({"direction", "rotation_share"}),
        frozenset({"posts_share"}),
        {"policy": {"staffing": NO_SURPLUS}},
        (NO_VOLUNTEERS, partial(give_all, "schools", {"strength": "3"})),
        posts=True,
    ),
    Planted(
        # Nobody lives within 50 m of another school.
        "commute",
        frozenset({"commute", "rotation_share"}),
        frozenset({"posts_commute", "posts_share"}),
        {"policy": {"rotation": {"max_commute_m": 50.0}}},
        posts=True,
    ),
    Planted(
        # Everybody teaches on a certificate for another subject.
        "certificate",
        frozenset({"certificate", "rotation_share"}),
        frozenset({"posts_share"}),
        {},
        (partial(give_all, "teachers", {"certificate_subject": "other"}),),
        posts=True,
    ),
    Planted(
        # P09 and J09 alone are weaker than others, and everybody comes from there.
        "no_return_direction",
        frozenset({"no_return", "direction", "rotation_share"}),
        frozenset({"posts_return", "posts_share"}),
        {"policy": {"rotation": {"no_return_years": 60}, "staffing": NO_SURPLUS}},
        (
            NO_VOLUNTEERS,
            partial(send_towards, {"primary": "P09", "junior": "J09"}),
        ),
        posts=True,
    ),
    Planted(
        # Who comes must equal who goes, and everybody goes to a weaker school.
        "swaps_direction",
        frozenset({"swaps", "direction", "rotation_share"}),
        frozenset({"posts_share"}),
        {"rules": {"swaps": "hard"}, "policy": {"staffing": NO_SURPLUS}},
        (NO_VOLUNTEERS,),
        posts=True,
    ),
    Planted(
        # One principal must leave and no other may, so that no school is free.
        "principal_terms",
        frozenset({"principal_terms"}),
        frozenset({"posts_terms"}),
        {"rules": {"principal_terms": "hard"}},
        (partial(retain_principals, "P08"),),
        posts=True,
    ),
    Planted(
        # Two principals must change places, and are a couple.
        "couples_principal_terms",
        frozenset({"couples", "principal_terms"}),
        frozenset({"posts_terms"}),
        {"rules": {"principal_terms": "hard"}},
        (partial(pair_principals, ("P08", "P09")),),
        posts=True,
    ),
    Planted(
        # One backbone teacher a stage: no two schools can have as many.
        "balance_cv",
        frozenset({"balance_cv"}),
        frozenset({"posts_variation"}),
        {"rules": {"rotation_backbone": "off"}},
        (leave_one_backbone,),
        posts=True,
    ),
)

CASES = (*OF_CHILDREN, *OF_TEACHERS)
