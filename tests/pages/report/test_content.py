"""What the report says, counted by hand: the figures are those of the tables, and nothing is left out in a language."""

import tomllib
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
from admission import make_entry_district
from builders import make_schools, make_travel
from outlook.years import make_outlook
from pages.report.scenes import (
    cells,
    names_of,
    report_on,
    rows_of,
    section,
    store_no_plan,
    store_scene,
    store_staff,
    tables_of,
    texts_of,
)
from wording import banned_in

from models.outcome import Level, Outcome, Status
from models.run import Run, Shortfall
from models.sentences import find
from models.settings import profile_names, read_profile
from optimizer.digest import read_exhibits
from optimizer.explain import Basis
from optimizer.indices import INDICES
from optimizer.pages.report.content import build_report
from optimizer.pages.report.indices import family_of
from optimizer.runs import store_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return store_scene(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def report(run):
    return report_on(run)


def test_places_by_stage_and_school(report):
    (stage,) = rows_of(report, "Places by stage")
    assert [stage[head] for head in ("Stage", "Children", "Places", "To spare")] == ["primary", "46", "82", "36"]
    assert [stage[head] for head in ("Beyond the places of their school", "Placed outside their catchment")] == [
        "0",
        "3",
    ]
    assert stage["Without a catchment"] == "6"
    first, second = rows_of(report, "Admission plan by school")
    assert cells(first, "School", "Classes", "Planned", "Reserve") == ["School A", "1", "45", "4"]
    assert cells(second, "From its catchment", "From elsewhere", "To spare") == ["20", "9", "12"]
    (total,) = tables_of(report)["Admission plan by school"].totals
    assert [cell.text for cell in total] == ["total", "primary", "2", "", "90", "37", "9", "8", "36"]


def test_figures_that_sum_up(report):
    """7 children go one kilometre to A; to B 10 go one, 3 and 6 go two: 35 km for 46."""
    told = {figure.label: figure.value for figure in report.figures}
    assert told == {
        "children have a place": "46",
        "places to spare": "36",
        "placed outside their catchment": "3",
        "units get another school": "1",
        "to school on average": "761 m",
        "rules newly not kept": "0",
    }


def test_what_changes(report):
    assert texts_of(report, "changes") == [
        "1 of 4 units get another school, with 10 children who follow their catchment. The other 3 keep theirs.",
        "primary: 2 entry classes; last year 2.",
    ]
    (moved,) = rows_of(report, "Units that get another school")
    assert moved == {
        "Unit": "Unit 3", "Id": "U3", "Stage": "primary", "Children": "10", "From": "School A", "To": "School B",
        "Journey before (m)": "2,000", "Journey after (m)": "1,000", "Reason": "the new school is nearer",
    }  # fmt: skip


def test_schools_in_their_order_with_all_that_is_known(report):
    """At A 100 children continue and 17 enter; U2's seven go 1000 m, U1's ten none: 412 m on average."""
    first, second = rows_of(report, "Schools")
    assert (first["School"], first["Type"], first["Children"], first["Classes"]) == ("School A", "primary", "117", "6")
    assert (first["Places"], first["Used"], first["Mean journey (m)"], first["Largest class"]) == (
        "200",
        "58.5 %",
        "412",
        "20",
    )
    assert (second["Id"], second["Children"], second["Largest class"]) == ("B", "159", "50")


def test_an_overfull_school_is_marked_by_a_sign(tmp_path):

    schools = make_schools(places=np.array([100.0, 200.0]))
    rows = rows_of(report_on(store_scene(tmp_path, schools=schools)), "Schools")
    assert [row["Used"] for row in rows] == ["▲ 117.0 %", "79.5 %"]


def test_classes_by_grade_against_the_cap(report):
    rows = {row["Grade"]: row for row in rows_of(report, "Classes by grade")}
    assert list(rows) == [f"grade {grade}" for grade in range(1, 7)]
    assert [rows["grade 1"][head] for head in ("Kind", "Children", "Classes", "Mean class")] == [
        "new",
        "46",
        "2",
        "23.0",
    ]
    assert [rows["grade 6"][head] for head in ("Kind", "Largest class", "Classes above the cap")] == [
        "moves up",
        "50",
        "1",
    ]


def test_levels_say_how_far_from_the_best_at_most(report):
    rows = rows_of(report, "What was made as small as possible, in this order")
    assert [(row["No."], row["Value"], row["No plan below"], row["Gap"], row["Proved"]) for row in rows] == [
        ("1", "3", "3", "0.0 %", "✓ proved: it cannot be less"),
        ("2", "10", "8", "20.0 %", "at most 2 above the least possible"),
        ("3", "40.0", "–", "–", "not known how far from the least possible"),
    ]


def test_rules_with_their_numbers_and_where_they_come_from(report):
    rows = {row["Rule"]: row for row in rows_of(report, "The rules that were asked for")}
    room = rows["no school holds more children than it has places"]
    assert (
        room["With the numbers"] == "schools are filled up to 100 % of their places; 10 % of the places are kept free"
    )
    assert room["Source"] == "default of this program; set by the district"
    far = rows["no child lives farther from school than the ceiling"]
    assert (far["Binds"], far["With the numbers"]) == ("should be kept", "no journey longer than (m): primary 3,000")
    assert "Not asked for: no class is larger than the cap;" in " ".join(texts_of(report, "asked"))


def test_a_norm_names_its_document(tmp_path):
    numbers = rows_of(report_on(store_staff(tmp_path)), "Other numbers that figures are measured by")
    (even,) = [row for row in numbers if row["Number"].startswith("coefficient of variation")]
    assert even["Source"] == "教督〔2017〕6号, coefficients of variation between schools"


def test_indices_with_targets_and_verdicts_by_words(report, run):
    rows = {row["Index"]: row for row in rows_of(report, "Indices")}
    own = rows["Zoned children at a school of their own catchment"]
    assert (own["Value"], own["Target"], own["Reached"]) == ("92.5 %", "100.0 %", "✗ missed")
    assert rows["Schools with more children than places"]["Reached"] == "✓ reached"
    assert cells(rows["Mean journey"], "Value", "Unit", "Target") == ["761", "m", ""]
    stored = read_exhibits([run])[0].stored.table("indices")
    assert len(rows) == stored.loc[stored["scope"] == "district", "index"].nunique()


def restate(folder, **entries):
    """The report on a run whose record says something else."""
    (exhibit,) = read_exhibits([folder])
    stored = replace(exhibit.stored, record=exhibit.record | entries)
    return build_report([replace(exhibit, stored=stored)], "en")


def test_figures_below_one_another_have_as_many_decimals(report):
    """117 children at A and 159 at B in twelve classes."""
    rows = {row["Index"]: row for row in rows_of(report, "Class sizes")}
    assert rows["Mean class"]["Primary"] == "23.0"
    told = [row for row in rows_of(report, "Indices") if "Coefficient of variation" in row["Index"]]
    assert {len(row["Value"].rpartition(".")[2]) for row in told} == {3}


def test_the_service_radius_is_named(report):
    rows = {row["Index"]: row for row in rows_of(report, "Journeys to school")}
    assert "Children within the service radius (500 m)" in rows


def test_who_goes_by_no_norm_is_shown_none(run):
    def cited(told):
        return {row["Source"] for row in rows_of(told, "How each index is computed")}

    policy = read_exhibits([run])[0].record["policy"]
    norms = set(leaves(tomllib.loads(catalogue("en"))["index_norms"]))
    assert cited(restate(run, policy=policy | {"profile": "national"})) & norms
    plain = cited(restate(run, policy=policy | {"profile": "none"}))
    assert plain & norms == set()
    assert {"", "definition of this program, margin 100 m"} <= plain


def test_targets_missed_are_told_apart_from_rules_kept(report):
    missed = sum(row["Reached"] == "✗ missed" for row in rows_of(report, "Indices"))
    judged = sum(row["Reached"] != "" for row in rows_of(report, "Indices"))
    assert missed > 0
    kept, targets, *_ = texts_of(report, "short")
    assert kept == "Every rule that was asked for is kept, apart from what stood before the plan."
    assert f"Of {judged} indices with a target {missed} miss it" in targets


def test_a_scenario_is_called_by_its_title(run):
    told = restate(run, scenario_title={"en": "Few changes", "zh": "少量调整"})
    assert told.subtitle == "Scenario Few changes · Enrolment of 2026"
    (asked,) = (block for block in section(told, "asked").blocks if block.kind == "facts")
    assert dict(asked.rows)["Scenario"] == "Few changes (base)"


def test_data_without_a_date_say_so(run):
    assert restate(run, enrolment_year=None).subtitle == "Scenario base · Date of the data: not stated"


def test_what_falls_short_is_told_by_name_and_new_apart_from_inherited(tmp_path):
    def short(rule, where, value, limit, **more):
        return Shortfall(rule, "soft", "primary", where, value, limit, "students", **more)

    found = (
        short("max_travel", "U3", 4000, 3000, detail="B", breach=10),
        short("places", "B", 210, 200, breach=10, inherited=True, before=215),
    )
    told = report_on(store_scene(tmp_path, shortfalls=found))
    (new,) = rows_of(told, "New: what this plan does not keep")
    assert new["Rule"] == "no child lives farther from school than the ceiling"
    assert "Unit 3 (U3)" in new["What falls short"]
    assert "School B (B)" in new["What falls short"]
    (stood,) = rows_of(told, "Inherited: what stood before this plan")
    assert stood["What falls short"] == (
        "School B (B) (primary) holds 210 children; places: 200; 10 too many. It was 215 before this plan (inherited)."
    )


def test_options_stand_in_columns(tmp_path):
    proved = (Level("travel", 40.0, 40.0, 0.001),)
    folders = [store_scene(tmp_path), store_scene(tmp_path, "other", levels=proved)]
    rows = {row["Figure"]: row for row in rows_of(report_on(*folders), "Options")}
    assert (rows["Places"]["base"], rows["Children placed outside their catchment"]["other"]) == ("82", "3")
    assert (rows["Proved"]["base"], rows["Proved"]["other"]) == (
        "proved best in 1 of 3 aims",
        "proved best in 1 of 1 aims",
    )


def test_the_years_ahead(tmp_path):
    """30 enter every year at A, which has 60 places, and nobody continues: 90 of them in 2029, and B stays empty."""
    district = make_outlook(
        counts={2027: {("primary", "1"): [30]}}, lives={"primary": {"U1": "A"}}, returned={("A", "primary"): [0]}
    )
    (exhibit,) = read_exhibits([store_scene(tmp_path)])
    told = build_report([replace(exhibit, basis=Basis(exhibit.stored, district, exhibit.stored.plan))], "en")
    rows = rows_of(told, "Children and places, year by year")
    assert [(row["Year"], row["Children"], row["To spare"], row["Schools short"]) for row in rows[:3]] == [
        ("2028", "60", "60", "0"), ("2029", "90", "30", "1"), ("2030", "120", "0", "1")
    ]  # fmt: skip
    (short,) = rows_of(told, "Schools whose catchment will hold more children than places")
    assert list(short.values())[2:] == ["2029", "2032", "180", "60", "120"]


def test_a_run_without_a_plan_says_why_and_what_would_make_one(tmp_path):
    told = report_on(store_no_plan(tmp_path))
    assert names_of(told) == ["asked", "outcome", "inputs", "method"]
    said = texts_of(told, "outcome")
    assert said[0] == ("No plan keeps every hard rule (proved): 60 students (primary), 40 places: short by 20.")
    assert "no school holds more children than it has places" in said
    (repair,) = rows_of(told, "Changes with which there is a plan")
    assert repair["Change"] == "Extend: B <b>School</b>: 25 more places, 45 in all."
    assert repair["The plan that it makes"] == "1,234 m on average; perhaps less would do, but no less than 20"


def test_a_run_that_ended_without_a_plan_or_a_proof_says_so(tmp_path):
    district = make_entry_district()
    run = Run("base", 7, Outcome(Status.NO_PLAN))
    told = report_on(store_run(run, district, make_travel(district), tmp_path))
    assert texts_of(told, "outcome") == [
        "No plan was found in the time allowed, and it was not proved that there is none.",
        "Not all was looked at in the time allowed: there may be more reasons, and other changes that make a plan.",
    ]


def test_a_run_of_posts_alone(tmp_path):
    told = report_on(store_staff(tmp_path))
    assert names_of(told) == [
        "asked", "outcome", "schools", "classes", "staff", "indices", "short", "inputs", "method"
    ]  # fmt: skip
    (posts,) = rows_of(told, "Posts by stage")
    assert list(posts.values()) == ["primary", "2.0", "1.2", "0.8"]
    (subject,) = rows_of(told, "Subjects with vacant posts")
    assert cells(subject, "Subject", "Posts vacant") == ["Chinese", "0.8"]
    schools = {row["School"]: row for row in rows_of(told, "Schools")}
    assert [schools[f"School {name}"]["Teachers in"] for name in "AB"] == ["0", "1"]
    assert [schools[f"School {name}"]["Posts vacant"] for name in "AB"] == ["0.8", "0.0"]
    assert [(row["How"], row["All"]) for row in rows_of(told, "How teachers come to their posts")] == [
        ("rotation", "1")
    ]


def words_of(report):
    yield from (report.title, report.subtitle, report.draft, *(figure.label for figure in report.figures))
    for part in report.sections:
        yield part.title
        yield from texts_of(report, part.name)
    for table in tables_of(report).values():
        yield from (table.caption, *(column.head for column in table.columns))
        yield from (cell.text for cells in (*table.rows, *table.totals) for cell in cells)


@pytest.mark.parametrize("store", [store_scene, store_no_plan, store_staff])
def test_chinese_says_no_english_and_no_banned_word(tmp_path, store):
    folder = store(tmp_path)
    chinese, english = report_on(folder, language="zh"), report_on(folder, language="en")
    assert names_of(chinese) == names_of(english)
    said = " ".join(words_of(chinese))
    assert banned_in(said) == []
    of_english, of_chinese = (set(leaves(tomllib.loads(catalogue(language)))) for language in ("en", "zh"))
    plain = [text for text in of_english - of_chinese if len(text) > 12 and "{" not in text]
    assert plain
    assert [text for text in plain if text in said] == []


def catalogue(language):
    return files("models").joinpath("sentences", language, "report.toml").read_text(encoding="utf-8")


def leaves(node):
    for value in node.values():
        yield from leaves(value) if isinstance(value, dict) else [value]


def test_every_index_of_the_district_says_how_it_is_computed():
    codes = [code for code, index in INDICES.items() if index.scope != "school"]
    codes += ["small_classes_40_share", "small_classes_35_all_share", "small_classes_35_decided_share"]
    codes += ["small_classes_35_year", "lessons_short_pe", "staff_per_class_45"]
    assert [code for code in codes if find(f"report.formulas.{family_of(code)}") is None] == []


def test_every_number_of_a_profile_has_its_source_in_words():
    keys = {key.removeprefix("policy.") for name in profile_names() for key in read_profile(name).get("sources", {})}
    keys -= {"class_size.targets"}
    assert keys
    assert [key for key in sorted(keys) if find(f"report.norms.{key}") is None] == []
    assert [name for name in profile_names() if find(f"report.profiles.{name}") is None] == []
