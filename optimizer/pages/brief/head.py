"""The head of the brief: what it is, of whom, on what data; and the three sentences that come first."""

from collections.abc import Sequence

import numpy as np

from models.outcome import Status
from models.stages import COMPULSORY, Stage
from optimizer.console.diagnosis import tell_count, tell_repair
from optimizer.digest import Exhibit
from optimizer.digest.options import MOST
from optimizer.digest.places import Intake, count_intakes
from optimizer.digest.staff import Staff
from optimizer.export.labels import shorten
from optimizer.pages.brief.speech import LONGEST_NAME, Speech, capital

_LONGEST_TITLE = 120


def write_heading(exhibit: Exhibit, speech: Speech) -> tuple[str, str]:
    """Return the line above the heading and the heading; that line is empty where the heading names the district."""
    named = shorten(exhibit.district(speech.language), _LONGEST_TITLE)
    inside = bool(exhibit.record.get("district"))
    facts = {"district": named if inside else "", "year": exhibit.record["year"]}
    heading = speech.say(f"heading.{_kind(exhibit)}", **facts).strip(" :")
    return ("" if inside else named), capital(heading)


def _kind(exhibit: Exhibit) -> str:
    if exhibit.stored.scope == "posts":
        return "posts"
    compulsory = set(exhibit.stages) <= set(COMPULSORY)
    return ("entry" if exhibit.entry_only else "whole") + ("" if compulsory else "_other")


def write_facts(exhibits: Sequence[Exhibit], speech: Speech) -> tuple[str, ...]:
    """Return the date of the data, the scenario, what stands beside it, and what kind of plan it is."""
    first, record = exhibits[0], exhibits[0].record
    date, returned = record.get("data_date"), _year_of_return(first)
    if date:
        data = speech.say("facts.data_date", date=date)
    else:
        data = speech.say("facts.enrolment", year=returned) if returned else speech.say("facts.no_date")
    others = speech.join(
        (shorten(exhibit.title(speech.language), LONGEST_NAME) for exhibit in exhibits[1:MOST]), "list"
    )
    return (
        data,
        speech.say("facts.scenario", scenario=shorten(first.title(speech.language), LONGEST_NAME)),
        *([speech.say("facts.beside", scenarios=others)] if others else []),
        *([] if first.entry_only or first.stored.scope == "posts" else [speech.say("facts.whole")]),
    )


def _year_of_return(exhibit: Exhibit) -> int | None:
    """School year of the return of pupils, where there is one."""
    stated: int | None = exhibit.record.get("enrolment_year")
    stock = None if exhibit.basis is None else exhibit.basis.district.enrolment
    return stated or (None if stock is None else stock.year)


def tell_places(exhibit: Exhibit, speech: Speech) -> tuple[str, ...]:
    """Return a sentence a stage on what it needs and has, and one on whether everybody is placed."""
    intakes = count_intakes(exhibit)
    return (*(_tell_intake(exhibit, intake, speech) for intake in intakes), _tell_placed(exhibit, intakes, speech))


def _tell_intake(exhibit: Exhibit, intake: Intake, speech: Speech) -> str:
    facts = {"needed": speech.number(intake.needed), "available": speech.number(intake.available)}
    named, left = whom(exhibit, intake.stage, speech), _left(intake.balance, speech)
    return capital(speech.say("intake", whom=named, **facts, left=left))


def whom(exhibit: Exhibit, stage: Stage, speech: Speech) -> str:
    """Return whom a plan seats in a stage: its entry grade, or all grades."""
    if not exhibit.entry_only:
        return speech.say("whom.whole", stage=speech.stage(stage))
    grade = entry_grade(exhibit, stage)
    key = "entry" if grade else "entry_unknown"
    return speech.say(f"whom.{key}", stage=speech.stage(stage), grade=speech.word("grades", grade))


def entry_grade(exhibit: Exhibit, stage: Stage) -> str:
    """Return the grade that enters a stage; "" where no table of classes tells."""
    classes = exhibit.stored.tables.get("classes")
    if classes is None:
        return ""
    grades = classes.loc[(classes["stage"] == stage) & (classes["origin"] == "entry"), "grade"]
    return str(grades.iloc[0]) if len(grades) else ""


def _left(balance: float, speech: Speech) -> str:
    key = "short" if balance < 0 else "spare" if balance > 0 else "even"
    return speech.say(f"left.{key}", count=speech.number(abs(balance)))


def _tell_placed(exhibit: Exhibit, intakes: Sequence[Intake], speech: Speech) -> str:
    """Everybody, and of these in turn those who follow a catchment, those who follow none, those placed by decision."""
    counts = {name: sum(getattr(each, name) for each in intakes) for name in _COUNTED}
    keys = (
        "short" if counts["short"] else "all",
        _key_of_zoned(counts["needed"], counts["zoned"], counts["outside"]),
        _key_of_unzoned(counts["unzoned_near"], counts["unzoned_elsewhere"]),
        "placed" if counts["placed"] else "",
    )
    facts = {name: speech.number(count) for name, count in counts.items()}
    return speech.sentence(speech.say(f"placed.{key}", **facts) for key in keys if key)


_COUNTED = ("needed", "short", "zoned", "outside", "unzoned", "unzoned_near", "unzoned_elsewhere", "placed")


def _key_of_zoned(needed: int, zoned: int, outside: int) -> str:
    if not zoned:
        return ""
    return "outside" if outside else "inside_all" if zoned == needed else "inside"


def _key_of_unzoned(near: int, elsewhere: int) -> str:
    if not near and not elsewhere:
        return ""
    return "unzoned_near" if not elsewhere else "unzoned" if near else "unzoned_elsewhere"


def tell_posts(staff: Staff, speech: Speech) -> tuple[str, ...]:
    """Return the three sentences of a plan of posts alone."""
    vacant = speech.number(staff.vacant, 1)
    key = "vacant" if staff.vacant >= 0.05 else "filled"
    facts = {"required": speech.number(staff.required, 1), "filled": speech.number(staff.filled, 1), "vacant": vacant}
    return (
        speech.say("posts.need", **facts),
        speech.say(f"posts.{key}", **facts),
        speech.say("posts.moved", moved=speech.number(np.nan_to_num(staff.moved))),
    )


def tell_no_plan(exhibit: Exhibit, speech: Speech) -> tuple[str, ...]:
    """Return that not everybody can be placed, the first sum that says why, and the first measure that helps."""
    found = exhibit.stored.found
    proved = exhibit.stored.status == Status.INFEASIBLE
    counts = [count for count in found.counts if count.proves] if found is not None else []
    repairs = found.repairs if found is not None else ()
    verdict = speech.say("no_plan.proved" if proved else "no_plan.unknown")
    why = tell_count(counts[0], speech.voice) if counts else speech.say("no_plan.no_sum")
    if not repairs:
        return verdict, why, speech.say("no_plan.no_measure")
    first = tell_repair(repairs[0], speech.voice)
    return verdict, why, speech.say("no_plan.measures", count=len(repairs), first=first)
