"""A diagnosis in words: sums, then the conflict, then repairs with the figures of their plans, in two languages."""

import json
from pathlib import Path

import pytest

from models.diagnosis import Binding, Conflict, Count, Diagnosis, Price, Repair
from models.sentences import Language
from optimizer.console.diagnosis import describe_diagnosis, tell_diagnosis, tell_repair, tell_scenario
from optimizer.console.voice import Voice

EXTEND = Repair(
    lever="extend",
    facts={
        "changes": [
            {"school": "P10", "cell": "places", "before": 812, "after": 1850},
            {"school": "J03", "cell": "classrooms_junior", "before": None, "after": 2},
        ],
        "schools": ["P10", "J03"],
    },
    patch={"schools": {"P10": {"places": 1850}}},
    amount=1038.0,
    least=1038.0,
    unit="places",
    levels={"overflow": 40.0, "stability": 0.0, "travel": 7241.5},
    mean_m=1051.4,
    posts={"required": 30.0, "filled": 29.5, "vacant": 0.5},
)
CEILING = Repair(
    "widen_ceiling",
    {"ceilings": {"primary": 3400.0}, "before": {"primary": 3000.0}, "units": [f"U{k}" for k in range(12)]},
    {"policy": {"travel": {"max_m": {"primary": 3400.0}}}},
    3400.0,
    0.0,
    "metres",
)
SHORT = Count("newer", {}, ("places",), 140.0)
VACANT = Count("later", {}, short=2.5, proves=False)


def told(diagnosis: Diagnosis, language: Language = "en") -> list[str]:
    return tell_diagnosis(diagnosis, Voice(language))


def test_what_is_short_comes_first_then_the_conflict_then_repairs() -> None:
    conflict = Conflict(("places", "max_travel"), minimal=True)
    found = Diagnosis(False, (SHORT, VACANT), conflict, (EXTEND, CEILING))
    assert tell_scenario(found, Voice("en")) == ["No plan keeps every hard rule (proved): newer", *told(found)]
    assert told(found) == [
        "These rules cannot hold together, whatever the others say:",
        "  no school holds more children than it has places",
        "  no child lives farther from school than the ceiling",
        "Each of them is needed: the others can be kept without it.",
        "Short whatever the plan:",
        "  later",
        "Any one of these makes a plan possible (each was solved again to be sure):",
        "  1. Extend: P10: 1,038 more places, 1,850 in all; J03: 2 more junior classrooms, 2 in all.",
        "     1,051 m on average; children outside their catchment: 40; posts unfilled: 0.5; less would not do",
        "  2. A higher ceiling of travel, primary 3,400 m (now primary 3,000 m); "
        "it is too low for U0, U1, U2, U3, U4 and 7 more.",
    ]


def test_it_is_told_in_chinese_as_a_bureau_writes() -> None:
    conflict = Conflict(("places", "newer"), minimal=False)
    assert told(Diagnosis(False, (), conflict, (EXTEND, CEILING)), "zh") == [
        "不论其他要求如何，以下各项必须满足的要求无法同时做到：",
        "  各校学生数不超过学位数",
        "  newer",
        "其中有的项可能并不起作用：未能逐项证明。",
        "采取以下任一措施即可全部安排（均已重新计算验证）：",
        "  1. 扩建：P10 增加学位 1,038 个，共 1,850 个；J03 增加初中教室 2 间，共 2 间。",
        "     平均就学距离 1,051 m；未在招生范围内学校就读的学生数：40；空缺岗位：0.5；再少则无法安排",
        "  2. 提高就学距离上限：小学 3,400 米（现为 小学 3,000 米），涉及 U0、U1、U2、U3、U4，另有 7 个。",
    ]


@pytest.mark.parametrize(
    ("least", "unit", "words"),
    [(1000.2, "places", "perhaps less would do, but no less than 1,001"), (0.0, "places", "")],
)
def test_how_much_of_a_repair_is_needed_is_told_where_it_is_known(least: float, unit: str, words: str) -> None:
    repair = Repair("extend", {"changes": []}, {}, 1038.0, least, unit)
    assert "".join(told(Diagnosis(False, repairs=(repair,)))[2:]).strip() == words


def test_shares_are_per_cent() -> None:
    lower = Repair("lower_share", {"shares": {"40": [0.7, 0.55], "35": [0.4, 0.0]}}, {}, 0.0, 0.0, "share")
    assert tell_repair(lower, Voice("en")) == (
        "Fewer small classes: from 70.0 % to 55.0 % of at most 40 children; "
        "from 40.0 % to 0.0 % of at most 35 children."
    )
    allow = Repair("allow_change", {"share": 0.081, "before": 0.05, "children": 1281}, {}, 0.081, 0.08, "share")
    assert tell_repair(allow, Voice("en")) == "Let 8.1 % of the children change school (1,281 children; now 5.0 %)."
    assert told(Diagnosis(False, repairs=(allow,)))[-1] == "     perhaps less would do, but no less than 8.0 %"


def test_nothing_found_is_told_as_what_it_is() -> None:
    assert told(Diagnosis(False)) == ["No single change of those that a bureau may make gives a plan."]
    assert told(Diagnosis(None)) == []
    (hurried,) = told(Diagnosis(False, complete=False))
    assert hurried.startswith("Not all was looked at")


def test_a_rule_that_cannot_be_kept_alone_is_told_alone() -> None:
    assert told(Diagnosis(False, conflict=Conflict(("contiguous",), minimal=True)))[:2] == [
        "This rule cannot be kept, whatever the others say:",
        "  every catchment is in one piece",
    ]


def test_where_there_is_a_plan_what_binds_and_what_one_more_brings_is_told() -> None:
    bindings = tuple(Binding("newer", f"S{k}", "primary", 60.0, 60.0, "children") for k in range(14))
    price = Price("newer", "S07", {"children": 41}, 32.5)
    lines = told(Diagnosis(True, (VACANT,), bindings=bindings, prices=(price,)))
    assert lines[:2] == ["Short whatever the plan:", "  later"]
    assert lines[2] == "What the plan leans on:"
    assert lines[-3:] == [
        "  ... and 2 more (all: --json)",
        "What one more would bring (each was solved to be sure):",
        "  S07: newer",
    ]
    assert told(Diagnosis(True)) == []


def test_facts_of_another_version_are_told_by_their_name() -> None:
    """As a newer version, or a hand, may have written them into a stored diagnosis."""
    for facts in ({}, {"changes": 3}, {"changes": [{"cell": "places"}]}, {"changes": [{"cell": "pools", "after": 1}]}):
        assert tell_repair(Repair("extend", facts, {}, 1.0, 0.0, "places"), Voice("en")) == "extend"


def test_no_name_can_steer_the_terminal() -> None:
    repair = Repair("redraw", {"schools": ["\x1b[31mP1"], "children": 3}, {}, 3.0, 0.0, "children")
    assert "\x1b" not in tell_repair(repair, Voice("en"))


def test_programs_get_every_fact() -> None:
    document = describe_diagnosis(Diagnosis(False, (SHORT,), repairs=(EXTEND,)), Path("instances/six"), "wing_closed")
    read = json.loads(json.dumps(document))
    assert (read["instance"], read["scenario"], read["possible"]) == ("instances/six", "wing_closed", False)
    assert read["repairs"][0]["patch"] == {"schools": {"P10": {"places": 1850}}}
    assert read["counts"][0]["rules"] == ["places"]


def test_a_class_and_a_teacher_are_told_with_what_they_bring() -> None:
    facts = {
        "stage": "junior",
        "size": 50,
        "changes": [{"school": "J05", "cell": "classrooms", "before": 24, "after": 27}],
        "children": 50,
        "before_m": 935,
        "after_m": 1055,
        "differs": {"overflow": 50.0, "travel": -5.96},
    }
    posts = {"stage": "primary", "subject": "mathematics", "posts": 0.83, "vacant": 7.76}
    diagnosis = Diagnosis(True, prices=(Price("class", "J05", facts, -5.96), Price("teacher", "P02", posts, 0.0)))
    assert told(diagnosis)[-2:] == [
        "  One more junior class at J05 (J05: 3 more classrooms, 27 in all): 50 students go another way, 1,055 m on"
        " average instead of 935 m (children outside their catchment -50; travel in student-km +6).",
        "  One more primary teacher of mathematics at P02 fills 0.83 of the 7.76 posts of this subject that are vacant"
        " in the district.",
    ]
    assert told(diagnosis, "zh")[-2].startswith("  J05 增开 1 个初中班（J05 增加教室 3 间，共 27 间）：50 名学生")


def test_every_limit_that_binds_has_its_sentence() -> None:
    """A limit that a plan finds full, and one that stood above it before."""
    full = Binding("classrooms", "P02", "", 12, 12, "classes")
    stood = Binding("places", "P10", "", 841, 841, "children", "inherited", inherited=True)
    far = Binding("max_travel", "", "primary", 2993.0, 3000.0, "metres")
    assert told(Diagnosis(True, bindings=(full, stood, far)))[1:] == [
        "  P02: 12 classes in 12 classrooms.",
        "  P10: 841 students, more than it has places for; it may not take more than 841.",
        "  primary: the longest way is 2,993 m; the ceiling is 3,000 m.",
    ]
