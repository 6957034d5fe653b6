"""招生范围: the catchments in words, a paragraph a school, for a letter."""

from collections.abc import Iterator, Sequence

import pandas as pd

from optimizer.lists.manner import Manner
from optimizer.lists.names import Names, one_line
from optimizer.lists.sharing import partners, units_by_schools
from optimizer.runs import StoredRun


def tell_catchments(stored: StoredRun, names: Names, manner: Manner) -> list[str]:
    """Return the lines of the text: heading, standing, and by stage a paragraph a school in the order of the run."""
    record, catchments = stored.record, stored.tables["catchments"]
    title = one_line(record["title"] or record["instance"])
    lines = [manner.word(f"text.title_{manner.mode}", title=title, year=record["year"])]
    lines += [manner.standing] if manner.standing else []
    taught = stored.tables["schools"]
    for stage in record["decided"]:
        order = dict.fromkeys([*taught.loc[taught["stage"] == stage, "school_id"], *catchments["school_id"]])
        shares = units_by_schools(catchments, stage)
        lines += ["", manner.word("text.stage", stage=manner.stage(stage))]
        held = [school for school in order if any(school in schools for schools in shares)]
        for number, school in enumerate(held, start=1):
            told = _sentences(stored, names, manner, stage, school, shares)
            lines += ["", manner.word("text.school", number=number, school=names.school(school)) + "".join(told)]
    return lines


def _sentences(
    stored: StoredRun, names: Names, manner: Manner, stage: str, school: str, shares: dict[tuple[str, ...], list[str]]
) -> Iterator[str]:
    """Yield what is said of a school: what it plans, its own units, those it shares, and that its site is borrowed."""
    yield from _planned(stored, manner, stage, school)
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


def _planned(stored: StoredRun, manner: Manner, stage: str, school: str) -> Iterator[str]:
    """Yield how many classes and children a school plans to take in; nothing in a study of all grades."""
    plan = stored.tables.get("admission_plan", pd.DataFrame(columns=["school_id", "stage", "classes", "planned"]))
    rows = plan[(plan["school_id"] == school) & (plan["stage"] == stage) & (manner.mode == "entry")]
    for classes, planned in zip(rows["classes"], rows["planned"], strict=True):
        if classes and not pd.isna(planned):
            yield manner.word("text.planned", classes=f"{classes:.0f}", students=f"{planned:.0f}")
