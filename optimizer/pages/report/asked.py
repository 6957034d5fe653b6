"""What was asked: scenario and year, what is decided, the rules, their numbers, and where each number comes from."""

from collections.abc import Iterator, Mapping
from typing import Any

from models.settings import Policy, read_profile
from models.stages import STAGES
from optimizer.pages.report.blocks import Block, Cell, Section
from optimizer.pages.report.teller import Teller

RULES: Mapping[str, tuple[str, ...]] = {
    "assigned": (),
    "indivisible": (),
    "places": ("places_scale", "reserve_share"),
    "class_size": ("class_size.cap", "class_size.ceiling"),
    "classrooms": (),
    "tracks": ("tracks.horizon",),
    "school_size": ("school_size.cap",),
    "small_classes": ("class_size.targets",),
    "max_travel": ("travel.max_m",),
    "region": (),
    "contiguous": (),
    "fixed": (),
    "stability": ("stability.max_share",),
    "overflow": (),
}
"""Rules for children, each with the numbers of the policy that it is made of."""
STAFF_RULES: Mapping[str, tuple[str, ...]] = {
    "staff_quota": ("staffing.quota", "staffing.ratio"),
    "rotation_share": ("rotation.min_share", "rotation.tenure_years", "rotation.years_to_retirement"),
    "rotation_backbone": ("rotation.backbone_share",),
    "direction": (),
    "certificate": (),
    "no_return": ("rotation.no_return_years",),
    "commute": ("rotation.max_commute_m",),
    "continuity": ("rotation.max_leaving_share", "rotation.experienced_years"),
    "couples": (),
    "principal_terms": ("rotation.principal_most_years",),
    "swaps": (),
    "budget": ("rotation.budget_yuan",),
    "balance_cv": ("balance.cv_max",),
}
"""Rules for posts and teachers, likewise."""
MEASURES = ("travel.target_m", "outlook.red", "outlook.orange", "outlook.yellow", "outlook.surplus")
STAFF_MEASURES = (
    *("staffing.load", "staffing.class_head_lessons", "staffing.principal_lessons", "staffing.nonteaching_share"),
    *("balance.cv_max", "balance.threshold"),
)
"""Numbers that no rule holds, and that the figures of the report are measured by."""
_NOTHING_WITHOUT = ("small_classes", "max_travel", "stability", "commute", "budget", "school_size", "balance_cv")
"""Rules that ask nothing where their number is not given."""
_SHARES = (
    *("places_scale", "reserve_share", "stability.max_share", "staffing.nonteaching_share", "rotation.min_share"),
    *("rotation.backbone_share", "rotation.max_leaving_share"),
    *("outlook.red", "outlook.orange", "outlook.yellow", "outlook.surplus"),
)


def tell_asked(teller: Teller) -> Section:
    """Return the section on what was asked."""
    record, scope = teller.exhibit.record, teller.exhibit.stored.scope
    rules = {**(RULES if scope != "posts" else {}), **(STAFF_RULES if scope != "children" else {})}
    measures = [*(MEASURES if scope != "posts" else ()), *(STAFF_MEASURES if scope != "children" else ())]
    stated = record.get("rules", {})
    asked = [rule for rule in rules if stated.get(rule, "hard") != "off"]
    known = [key for key in measures if _lookup(record, key) not in (None, {}, [])]
    blocks: list[Block] = [teller.facts("asked", list(_facts(teller)))]
    if "rules" in record:
        rows = [_rule_row(teller, rule, stated.get(rule, "hard"), rules[rule]) for rule in asked]
        blocks += [
            teller.explain("asked.rules"),
            teller.table("rules", ("rule", "binding", "numbers", "source"), rows),
        ]
        off = [teller.word("diagnose.rules", rule) for rule in rules if rule not in asked]
        blocks += [teller.explain("asked.off", rules=teller.join(off, "semicolon"))] if off else []
    if known:
        rows = [[Cell(_tell_number(teller, key)), Cell(_source(teller, key))] for key in known]
        blocks += [teller.table("measures", ("number", "source"), rows)]
    return Section("asked", teller.say("sections.asked"), tuple(blocks))


def _facts(teller: Teller) -> Iterator[tuple[str, str]]:
    """What the run is of, each under its key."""
    exhibit, record = teller.exhibit, teller.exhibit.record
    yield "scenario", _name_scenario(teller)
    yield "year", str(record["year"])
    yield "data", record.get("data_date") or _year(teller, record.get("enrolment_year"))
    yield "decides", _tell_scope(teller)
    if exhibit.stored.scope != "posts" and "catchments" in record:
        yield "catchments", _tell_catchments(teller, record["catchments"])
    if record.get("hold", 1) > 1:
        yield "hold", teller.say("asked.held", years=record["hold"])
    if exhibit.stored.scope != "posts" and "travel" in record:
        yield "travel", teller.word("report.travel", record["travel"]["method"])
    if "objective" in record:
        decided = [level["name"] for level in record["levels"]] or record["objective"]["order"]
        yield (
            "order",
            teller.join(
                [
                    teller.say("asked.level", number=number, level=teller.word("cli.levels", level))
                    for number, level in enumerate(decided, start=1)
                ],
                "semicolon",
            ),
        )


def _name_scenario(teller: Teller) -> str:
    """The title of the scenario, and its name as the files have it."""
    name, title = teller.exhibit.scenario, teller.exhibit.title(teller.language)
    return name if title == name else teller.say("words.named", name=title, id=name)


def _year(teller: Teller, year: int | None) -> str:
    return teller.say("asked.enrolment", year=year) if year else ""


def _tell_scope(teller: Teller) -> str:
    exhibit = teller.exhibit
    if exhibit.stored.scope == "posts":
        return teller.say("asked.posts_alone")
    named = teller.join([teller.stage(stage) for stage in exhibit.stages])
    key = "entry" if exhibit.entry_only else "whole"
    told = teller.say(f"asked.{key}" if named else f"asked.{key}_unnamed", stages=named)
    return told + (teller.say("asked.posts_too") if exhibit.stored.scope == "all" else "")


def _tell_catchments(teller: Teller, stated: Mapping[str, Any]) -> str:
    """What may change of the catchments."""
    opened = {kind: ids for kind, ids in stated.get("open_to_change", {}).items() if ids}
    if stated["change"] != "limited" or not opened:
        return teller.say(f"change.{stated['change']}")
    parts = [teller.say(f"opened.{kind}", count=len(ids)) for kind, ids in opened.items()]
    return teller.say("change.opened", parts=teller.join(parts))


def _rule_row(teller: Teller, rule: str, hardness: str, keys: tuple[str, ...]) -> list[Cell]:
    record = teller.exhibit.record
    given = [key for key in keys if _lookup(record, key) not in (None, {}, [])]
    numbers = teller.join([_tell_number(teller, key) for key in given], "semicolon")
    if not given and rule in _NOTHING_WITHOUT:
        numbers = teller.say("asked.no_number")
    sources = teller.join(dict.fromkeys(_source(teller, key) for key in given), "semicolon")
    return [
        Cell(teller.word("diagnose.rules", rule)),
        Cell(teller.say(f"hardness.{hardness}")),
        Cell(numbers),
        Cell(sources),
    ]


def _tell_number(teller: Teller, key: str) -> str:
    """A number of the policy in words."""
    return teller.say(f"numbers.{key}", value=_write(teller, key, _lookup(teller.exhibit.record, key)))


def _write(teller: Teller, key: str, value: Any) -> str:
    if key == "class_size.targets":
        told = [(teller.percent(each["share"]), each["max_size"]) for each in value]
        return teller.join([teller.say("words.target", share=share, size=size) for share, size in told], "semicolon")
    if isinstance(value, Mapping):
        stages = teller.exhibit.stages
        kept = {name: each for name, each in value.items() if not stages or name not in STAGES or name in stages}
        nested = any(isinstance(each, Mapping) for each in kept.values())
        parts = [
            teller.say("words.of", name=_name(teller, key, name), value=_write(teller, key, each))
            for name, each in kept.items()
        ]
        return teller.join(parts, "semicolon" if nested else "comma")
    return teller.percent(value) if key in _SHARES else teller.number(value, 2)


def _name(teller: Teller, key: str, name: str) -> str:
    """What an entry of a table of the policy is called: a stage, a type of school, a subject, an indicator, a pool."""
    topics = ["cli.stages", "subjects", "cli.indicators", "cli.pools"]
    if key == "school_size.cap":
        topics.insert(0, "page.map.types")
    return next((told for topic in topics if (told := teller.word(topic, name)) != name), name)


def _source(teller: Teller, key: str) -> str:
    """Where a number comes from: a norm of the profile, a default of the program, else the district itself."""
    record = teller.exhibit.record
    value, profile = _lookup(record, key), record["policy"].get("profile", "national")
    try:
        below = read_profile(profile)
    except FileNotFoundError:
        below = {}
    if key == "class_size.targets" and value == _lookup(below, key):
        return teller.say(f"profiles.{profile}")
    if value == _lookup(below, key) and not teller.goes_by_no_norm:
        return teller.say(f"norms.{key}")
    stated = Policy().model_dump(mode="json", exclude_none=True)
    return teller.say("asked.default" if value == _lookup({"policy": stated}, key) else "asked.stated")


def _lookup(record: Mapping[str, Any], key: str) -> Any:
    node: Any = record.get("policy", {})
    for part in key.split("."):
        node = node.get(part) if isinstance(node, Mapping) else None
    return node
