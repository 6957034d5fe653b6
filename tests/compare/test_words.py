"""What is said of two plans, on the row of four units: every matter that may differ, in both languages.

The instance as it stands, which no folder holds here, is taken to be the one that the plan was made from.
"""

import re
from dataclasses import replace

import numpy as np
import pytest
from builders import make_district, make_plan, make_schools, make_travel, make_units
from compare.sides import draw, remember
from postings import make_pool, make_staff_plan
from wording import banned_in

from models.district import Cohort, Travel
from models.outcome import Level
from models.run import Shortfall
from models.sentences import Language
from optimizer.compare import compare_exhibits
from optimizer.console.compare.many import tell_many
from optimizer.console.compare.pair import tell_pair
from optimizer.console.compare.script import Script, apart, cut, signed, tell_change
from optimizer.console.voice import Voice
from optimizer.digest import Exhibit

ENGLISH = re.compile(r"[A-Za-z]?[a-z']+(?:,? [a-z']{2,}){2,}")


def tell(one: Exhibit, *others: Exhibit, language: Language = "en", verbose: bool = True) -> str:
    for exhibit in (one, *others):
        vars(exhibit)["as_it_stands"] = exhibit.basis.district
    comparison = compare_exhibits(one, others)
    script = Script(comparison, Voice(language, verbose=verbose))
    return "\n".join(tell_pair(comparison.pairs[0], script) if len(others) == 1 else tell_many(comparison, script))


def both(one: Exhibit, *others: Exhibit) -> str:
    """What is said in English, after a look at what is said in Chinese."""
    chinese = tell(one, *others, language="zh")
    assert (ENGLISH.findall(chinese), banned_in(chinese)) == ([], [])
    return tell(one, *others)


def test_the_input_from_year_to_rooms() -> None:
    """U4 has 10 more migrant children, A 15 more places; B is closed and C comes; T2 is gone; the way to A is cut."""
    local, migrant = Cohort("primary", "", "local"), Cohort("primary", "", "migrant")
    units = make_units(zone=("N", "N", "S", "S"))
    one = make_district(
        units=units, students={local: (30, 30, 30, 30), migrant: (0, 0, 0, 5)}, policy={"places_scale": 1.0}
    )
    schools = make_schools(
        {"A": 0, "B": 3, "C": 2}, places=np.array([75.0, 60.0, 60.0]), is_new=np.array([True, False, False])
    )
    other = make_district(
        units=units,
        schools=schools,
        students={local: (30, 30, 30, 30), migrant: (0, 0, 0, 15)},
        policy={"places_scale": 0.9},
        instance={"year": 2028},
    )
    travel = make_travel(other)
    cut_off = travel.metres.copy()
    cut_off[3, 0] = np.inf
    told = both(draw("AABB", one), draw("AACB", other, travel=Travel(cut_off, travel.neighbours)))
    for line in (
        "plans of different years, 2027 and 2028",
        "policy.places_scale: 1.0 → 0.9",
        "A School A: places 60 → 75, new no → yes",
        "Schools that only AACB has: C School C",
        "Children, primary, migrant: 5 → 15 (+10)",
        "By zone, the largest: S 65 → 75",
        "By unit (1 differ), the largest: U4 35 → 45",
        "1 of 8 differ, some of which were or become closed",
    ):
        assert line in told
    assert "Children there: 35 → 45." in told


def test_teachers_and_files() -> None:
    one, other = (
        make_pool([{"school": "A"}, {"school": "B"}]),
        make_pool([{"school": "A"}, {"ids": "T9", "school": "B"}]),
    )
    other = replace(other, fingerprints={"fixed.csv": "2"})
    told = both(
        remember(one, make_staff_plan(one), name="one"),
        remember(other, make_staff_plan(other, {"T1": ("B", "rotation")}), name="two"),
    )
    for line in (
        "Teachers: 2 → 2 (1 join, 1 leave, 0 are described otherwise)",
        "Files that differ besides: fixed.csv, units.csv",
        "Teachers posted to another school: 1 of 1.",
        "alone: 1; of",
        "T1       A School A  B School B",
    ):
        assert line in told


def test_a_catchment_that_is_shared_otherwise() -> None:
    today = {"U1": "A", "U2": "AB", "U3": "B", "U4": "B"}
    told = both(draw(today, name="shared"), draw("AABB"))
    assert "no unit changes hands and nobody sits elsewhere" in told
    assert "Units that keep a school and share it otherwise: 1." in told


def test_levels_of_another_order_and_prices() -> None:
    """No place is won beyond the instance as it stands, so that the priced places cost nothing."""
    costs = {"currency": "yuan", "place": 2.0, "post": 3.0}
    one = make_district(objective={"order": ["travel"]}, costs=costs)
    other = make_district(objective={"order": ["stability", "travel"]}, costs=costs)
    plans = [make_plan(each, make_travel(each), "AABB") for each in (one, other)]
    told = both(
        remember(one, plans[0], name="one", levels=[Level("travel", 60.0, 59.0, 0.001)]),
        remember(other, plans[1], name="two", levels=[Level("stability", 30, 30, 1), Level("travel", 50, 50, 0.001)]),
    )
    assert "not minimised in the same order" in told
    assert "60, at least 59" in told
    assert "0    0       0  Cost once, yuan" in told
    assert 'objective.order: ["travel"] → ["stability", "travel"]' in told


def test_children_beyond_a_school_and_its_only_stage_are_the_same_children() -> None:
    """A takes 60 children, of the primary stage 60: with 90 of them it is over by 30 and not by 60."""
    schools = make_schools(places=np.full(2, 60.0), places_of_stage={"primary": np.full(2, 60.0)})
    district = make_district(schools=schools)
    plan = draw("AAAB", district)
    assert [each.breach for each in plan.stored.shortfalls if each.rule == "places"] == [30, 30]
    told = both(draw("AABB", district), plan)
    assert "30 children beyond the places (A" in told
    assert "60 children beyond" not in told


def test_what_falls_short_by_more_and_by_less() -> None:
    district = make_district()
    plan = make_plan(district, make_travel(district), "AABB")

    def run(name: str, *amounts: int) -> Exhibit:
        rules = ("places", "overflow", "small_classes")
        found = [
            Shortfall(rule, "soft", "primary", "A", 60.0 + n, 60.0, "students", detail="40", breach=float(n))
            for rule, n in zip(rules, amounts, strict=True)
            if n
        ]
        return remember(district, plan, name=name, shortfalls=found)

    told = both(run("one", 10, 5, 0), run("two", 12, 3, 4))
    for heading in ("by more under two (1):", "by less under two (1):", "under two and not under one (1):"):
        assert heading in told
    assert "(Under one: by 10.)" in told
    assert "Falls short under one and not under two (1):" in both(run("two", 1, 0, 0), run("one", 0, 0, 1))


def test_many_plans_one_of_which_gains_a_target() -> None:
    """90 children at B under the baseline, which breaks its places; the others mend that."""
    told = both(draw("ABBB"), draw("AABB"), draw("ABAB"))
    for line in (
        "2 plans beside ABBB: none gives a school more children than it offers places",
        "The baseline itself breaks hard rules: 30 children beyond the places (B)",
        "Targets that the baseline misses, and how many plans reach them: Schools with more children than places: 2.",
        "Closest to the baseline: AABB (1 units, 30 children).",
        "No unit changes hands in every plan.",
    ):
        assert line in told


@pytest.mark.parametrize(
    ("value", "decimals", "told"),
    [(5.0, 0, "+5"), (-5.4, 0, "-5"), (0.0, 1, "0"), (0.004, 2, "+0.004"), (-0.00009, 3, "-0.00009"), (np.nan, 0, "")],
)
def test_a_difference_has_its_sign_and_is_never_nothing(value: float, decimals: int, told: str) -> None:
    assert signed(value, decimals) == told


def test_changes_in_their_units_and_names_in_columns() -> None:
    """The change is that of the values as they are written: 258.6 to 271.1."""
    assert tell_change(0.5, 0.483, "share", "points") == "-1.7 points"
    assert tell_change(1.0456, 1.0384, "share", "points") == "-0.8 points"
    assert tell_change(359.0, 359.4, "metres", "points") == "+0.4"
    assert tell_change(258.64, 271.06, "student-km", "points") == "+12.5"
    assert tell_change(1258.64, 271.06, "student-km", "points") == "-987.5"
    assert (apart(258.649, 271.051, 1), apart(3.2, 3.4), apart(float("nan"), 1.0)) == ("+12.5", "0", "")
    assert (cut("滨河实验小学", 7), cut("Abbey", 7)) == ("滨河实…", "Abbey")
