"""招生范围: the catchments in words, a paragraph a school, for a letter."""

from collections.abc import Iterator, Sequence

import pandas as pd

from models.placement import rows_of
from optimizer.lists.manner import Manner
from optimizer.lists.masks import hide_in_plan
from optimizer.lists.names import Names, one_line
from optimizer.lists.sharing import holders, partners, units_by_schools
from optimizer.runs import StoredRun


def tell_catchments(stored: StoredRun, names: Names, manner: Manner) -> list[str]:
    """Return the lines of the text: heading, standing, and by stage a paragraph a school in the order of the run."""
    record, catchments = stored.record, stored.tables["catchments"]
    title = one_line(stored.district(manner.language))
    lines = [manner.word(f"text.title_{manner.mode}", title=title, year=record["year"])]
    lines += [manner.standing] if manner.standing else []
    grades = _entry_grades(stored) if manner.mode == "entry" else {}
    taught, planned = stored.tables["schools"], _planned(stored, names, manner)
    for stage in record["decided"]:
        shares = units_by_schools(catchments, stage)
        key = "text.stage_entry" if stage in grades else "text.stage"
        lines += ["", manner.word(key, stage=manner.stage(stage), grade=grades.get(stage, ""))]
        for number, school in enumerate(holders(taught, catchments, stage), start=1):
            opening = manner.word("text.school", number=number, school=names.school(school))
            told = _sentences(names, manner, school, shares)
            lines += ["", "".join([opening, planned.get((school, stage), ""), *told])]
    return lines


def _entry_grades(stored: StoredRun) -> dict[str, str]:
    """The entry grade of each stage, by the classes that are opened."""
    classes = stored.tables.get("classes", pd.DataFrame({"stage": [], "grade": [], "origin": []}))
    opened = classes[classes["origin"] == "entry"]
    return dict(zip(opened["stage"], opened["grade"], strict=True))


def _sentences(names: Names, manner: Manner, school: str, shares: dict[tuple[str, ...], list[str]]) -> Iterator[str]:
    """Yield what is said of a school's catchment: its own units, those it shares, and that its site is borrowed."""
    if (school,) in shares:
        yield manner.word("text.catchment", **_units(shares[school,], names, manner))
    for schools, units in shares.items():
        if school in schools and len(schools) > 1:
            others = manner.join([names.school(other) for other in partners(school, [schools])])
            yield manner.word("text.shared", schools=others, **_units(units, names, manner))
    if school in names.sites:
        site = names.sites[school]
        own = any(school in schools and site in units for schools, units in shares.items())
        key = "borrowed" if own or not site else "borrowed_outside"
        yield manner.word(f"text.{key}", unit=names.unit(site))


def _units(units: Sequence[str], names: Names, manner: Manner) -> dict[str, object]:
    return {"units": manner.join([names.unit(unit) for unit in units]), "count": len(units)}


def _planned(stored: StoredRun, names: Names, manner: Manner) -> dict[tuple[str, str], str]:
    """Return by school and stage how many classes and children it plans to take in, or classes alone where the children
    are not published; nothing in a study of all grades."""
    if manner.mode != "entry" or "admission_plan" not in stored.tables:
        return {}
    plan = stored.tables["admission_plan"]
    hidden = hide_in_plan(plan, stored.class_caps, names.special)["planned"] & manner.publish
    told = plan.assign(hidden=hidden)[(plan["classes"] > 0) & plan["planned"].notna()]
    return {
        (row.school_id, row.stage): manner.word("text.planned_classes", classes=f"{row.classes:.0f}")
        if row.hidden
        else manner.word("text.planned", classes=f"{row.classes:.0f}", students=f"{row.planned:.0f}")
        for row in rows_of(told)
    }
