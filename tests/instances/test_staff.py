"""Facts of binhe's staff that its README and the scenarios rest on, read from its files alone."""

import re
import tomllib

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

from models.curriculum import default_curriculum
from models.settings import read_profile
from models.stages import SERVES

ABSENT = ["maternity", "sick", "seconded"]
LEVELS = {"primary": ["associate", "bachelor", "master", "doctoral"], "junior": ["bachelor", "master", "doctoral"]}
LIMITS = {"primary": 0.50, "junior": 0.45}
SPLIT = {"primary": 1.0, "junior": 1.1}
RESOURCES = {
    "teaching_area": ("teaching_area_m2", 1),
    "sports_area": ("sports_area_m2", 1),
    "equipment": ("equipment_yuan", 1),
    "multimedia_rooms": ("multimedia_rooms", 100),
}
STAGES = ["primary", "junior"]


@pytest.fixture(scope="module")
def folder(repository):
    return repository / "instances" / "binhe"


@pytest.fixture(scope="module")
def text(folder):
    return (folder / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def staff(folder):
    return pd.read_csv(folder / "teachers.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def teaching(staff):
    """Teachers and principals at schools."""
    return staff[(staff.school_id != "") & (staff.role != "support")]


@pytest.fixture(scope="module")
def schools(folder):
    return pd.read_csv(folder / "schools.csv", dtype={"school_id": str}).set_index("school_id")


@pytest.fixture(scope="module")
def returned(folder):
    return pd.read_csv(folder / "enrolment.csv", dtype={"grade": str})


@pytest.fixture(scope="module")
def students(returned):
    return returned.groupby(["stage", "school_id"]).students.sum()


@pytest.fixture(scope="module")
def policy(folder):
    """Of the settings, and of the profile beneath them."""
    stated = tomllib.loads((folder / "instance.toml").read_text(encoding="utf-8"))["policy"]
    return stated, read_profile("national")["policy"]


@pytest.fixture(scope="module")
def posts(returned, policy):
    """Decimal posts of the classes in the return, by stage and subject."""
    stated, profile = policy
    plan = default_curriculum("6-3")
    lessons = pd.DataFrame(
        {
            "stage": plan.stage,
            "grade": plan.grade,
            "subject": np.where(plan.by_any, "any", plan.subject),
            "lessons": plan.weekly_lessons,
        }
    )
    classes = returned.groupby(["stage", "grade"]).classes.sum().reset_index()
    heads = classes.assign(subject="any", lessons=stated["staffing"]["class_head_lessons"])
    due = pd.concat([classes.merge(lessons, on=["stage", "grade"]), heads])
    load = profile["staffing"]["load"]
    full = [
        load[stage].get(subject, load[stage]["other"]) for stage, subject in zip(due.stage, due.subject, strict=True)
    ]
    return (due.lessons * due.classes / full).groupby([due.stage, due.subject]).sum()


def coefficient(resource, children):
    """Weighted by children, no n - 1 (教督〔2017〕6号)."""
    mean = resource.sum() / children.sum()
    return np.sqrt((children / children.sum() * (resource / children - mean) ** 2).sum()) / mean


def counted(teaching, stage, children, kind):
    """Teachers of a kind at each school of a stage."""
    here = teaching[teaching.stage == stage]
    held = {
        "degree": here.degree.isin(LEVELS[stage]),
        "backbone": here.backbone == "true",
        "pe_arts": here.subject.isin(["pe", "music", "art"]),
    }[kind]
    return here[held].groupby("school_id").size().reindex(children.index, fill_value=0)


def test_as_many_as_the_readme_says(text, staff, teaching):
    leave = teaching.leave.value_counts()
    assert f"({leave.maternity} maternity, {leave.sick} sick, {leave.seconded} seconded)" in text
    beside = [(staff.role == "support").sum(), (staff.school_id == "").sum()]
    counts = [len(teaching), leave[ABSENT].sum(), leave.retiring, *beside, len(staff)]
    rows = re.search(r"\| who \| people \|\n\|---\|---\|\n((?:\|.*\n)+)", text)
    assert [int(row.split("|")[2].replace(",", "")) for row in rows[1].splitlines()] == counts


def test_nobody_is_named_and_the_table_is_small(folder, staff):
    assert "name" not in staff
    assert staff.teacher_id.is_unique
    assert (folder / "teachers.csv").stat().st_size < 600_000
    by_school = staff.groupby("school_id").teacher_id.apply(lambda ids: ids.str[1:].astype(int).std())
    assert by_school.min() > 600, "an id tells nothing of the school"


def test_what_the_classes_need_is_as_the_readme_says(text, teaching, posts):
    rows = re.findall(r"^\| (primary|junior) \| (\w+) \| ([\d.]+) \| (\d+) \|$", text, re.MULTILINE)
    assert len(rows) == 10
    for stage, subject, needed, people in rows:
        here = teaching[teaching.stage == stage]
        if subject == "all":
            assert (f"{posts[stage].sum():.1f}", len(here)) == (needed, int(people))
        else:
            assert (f"{posts[stage][subject]:.1f}", (here.subject == subject).sum()) == (needed, int(people))


def test_short_of_three_subjects_and_over_in_one(teaching, posts):
    """Lessons given by those who are there, principals four a week, against the lessons of their own subject."""
    present = teaching[~teaching.leave.isin([*ABSENT, "retiring"]) & (teaching.role == "teacher")]
    people = present.groupby(["stage", "subject"]).size()
    for stage in STAGES:
        assert people[stage, "mathematics"] < posts[stage, "mathematics"]
        assert people[stage, "english"] < posts[stage, "english"]
    assert people["junior", "physics"] < 0.9 * posts["junior", "physics"]
    others = people["primary"].drop("chinese") - posts["primary"].drop(["chinese", "any"])
    assert people["primary", "chinese"] - posts["primary", "chinese"] > 0.5 * posts["primary", "any"]
    assert others.sum() < 0.5 * posts["primary", "any"]
    assert teaching.subject.nunique() == 14


def test_the_quota_takes_most_recruits_but_not_all(policy, staff):
    stated, profile = policy
    quota = stated["staffing"]["quota"]["district"]
    here = staff[(staff.school_id != "") & (staff.staff_type != "reengaged") & (staff.leave != "retiring")]
    recruits = (staff.school_id == "").sum()
    assert quota - len(here) == 99 < recruits == 110
    assert quota < 39_926 / profile["staffing"]["ratio"]["primary"] + 19_924 / profile["staffing"]["ratio"]["junior"]


def test_one_head_for_every_class(teaching, returned):
    heads = teaching[teaching.class_head_grade != ""]
    by_class = heads.groupby(["school_id", "stage", "class_head_grade"]).size()
    classes = returned.set_index(["school_id", "stage", "grade"]).classes
    assert by_class.to_dict() == classes.to_dict()
    assert set(heads.role) == {"teacher"}
    assert set(heads.leave) == {""}


def test_one_principal_for_every_legal_school(teaching, schools):
    principals = teaching[teaching.role == "principal"]
    legal = schools.legal_id[principals.school_id]
    open_today = schools.legal_id[teaching.school_id.unique()]
    assert legal.is_unique
    assert set(legal) == set(open_today)


def test_dates_hold_together(staff, teaching):
    birth = pd.to_datetime(staff.birth_date)
    joined = pd.to_datetime(staff.joined_school)
    age = (pd.Timestamp("2027-08-31") - birth).dt.days / 365.25
    assert age.between(21, 67).all()
    assert ((joined - birth).dt.days[teaching.index] / 365.25 > 21).all()
    assert joined.max() == pd.Timestamp("2026-09-01")
    retiring, pensioner = staff.leave == "retiring", staff.staff_type == "reengaged"
    assert (age[retiring & (staff.sex == "female")] > 55).all()
    assert (age[retiring & (staff.sex == "male")] > 60).all()
    assert (age[~retiring & ~pensioner & (staff.sex == "female")] < 56).all()
    assert (age[~retiring & ~pensioner & (staff.sex == "male")] < 61).all()


def test_terms_came_from_stronger_schools(teaching, schools):
    terms = teaching[teaching.rotation_until != ""]
    assert terms.rotation_until.value_counts().to_dict() == {f"{year}-08-31": 35 for year in (2027, 2028, 2029)}
    strength = schools.strength
    assert (strength[terms.home_school_id].to_numpy() > strength[terms.school_id].to_numpy()).all()
    assert (terms.home_school_id == terms.previous_school_id).all()
    assert (teaching.home_school_id[teaching.rotation_until == ""] == "").all()
    came = teaching[teaching.previous_school_id != ""]
    assert (came.left_previous.str[:4] == came.joined_school.str[:4]).all()


def test_couples_know_each_other(staff):
    spouse = staff.set_index("teacher_id").spouse_id
    wed = spouse[spouse != ""]
    assert len(wed) == 2 * 48
    assert (spouse[wed].to_numpy() == wed.index).all()


def test_everyone_is_certified_for_the_stage(staff, schools):
    rank = {"primary": 0, "junior": 1, "senior": 2}
    certified = staff[staff.role != "support"]
    assert (certified.certificate_stage.map(rank) >= certified.stage.map(rank)).all()
    placed = staff[staff.school_id != ""]
    teaches = [
        stage in SERVES[schools.type[school]] for school, stage in zip(placed.school_id, placed.stage, strict=True)
    ]
    assert all(teaches)
    assert {*schools.ownership[placed.school_id]} == {"public"}


def test_volunteers_name_other_schools_of_their_stage(staff, schools):
    volunteers = staff[staff.volunteer == "true"]
    assert (staff.preferences[staff.volunteer == ""] == "").all()
    for person in volunteers.itertuples():
        for school in person.preferences.split(";"):
            assert person.stage in SERVES[schools.type[school]]
            assert schools.legal_id[school] != schools.legal_id[person.school_id]


def test_most_live_near_their_school(teaching, schools):
    at = schools.loc[teaching.school_id]
    metres = Geod(ellps="WGS84").inv(teaching.x.astype(float), teaching.y.astype(float), at.x, at.y)[2]
    assert 0.8 < (metres < 4_000).mean() < 0.95
    assert np.max(metres) < 12_000


def test_old_and_new_town_are_unequal(text, teaching, schools, students):
    bank = schools.zone_id[teaching.school_id].isin(["Z1", "Z2"]).map({True: "old", False: "new"}).to_numpy()
    age = (pd.Timestamp("2027-08-31") - pd.to_datetime(teaching.birth_date)).dt.days / 365.25
    children = students.groupby(schools.zone_id[students.index.get_level_values(1)].isin(["Z1", "Z2"]).to_numpy()).sum()
    for name, is_old in (("old", True), ("new", False)):
        here = teaching[bank == name]
        figures = [
            f"{len(here):,}",
            f"{age[bank == name].mean():.1f}",
            f"{here.title.isin(['senior', 'senior_professor']).mean():.0%}".replace("%", " %"),
            f"{(here.staff_type == 'contract').mean():.0%}".replace("%", " %"),
            f"{100 * (here.backbone == 'true').sum() / children[is_old]:.1f}",
        ]
        table = re.search(r"\| \| old town \| new town \|\n\|---\|---\|---\|\n((?:\|.*\n)+)", text)[1]
        assert [row.split("|")[2 if is_old else 3].strip() for row in table.splitlines()] == figures


@pytest.mark.parametrize("stage", STAGES)
def test_backbone_teachers_are_too_unequal_and_nothing_else_is(text, teaching, students, policy, stage):
    """Above the threshold in the mean, whatever the indicator, and below it at some school."""
    thresholds = policy[1]["balance"]["threshold"]
    for kind in ("degree", "backbone", "pe_arts"):
        held = counted(teaching, stage, students[stage], kind)
        variation = coefficient(held, students[stage])
        assert (variation > LIMITS[stage]) == (kind == "backbone")
        assert variation > 0.1
        assert 100 * held.sum() / students[stage].sum() > thresholds[kind][stage]
        assert kind != "backbone" or f"{variation:.3f}" in text
    few = counted(teaching, stage, students[stage], "backbone") * 100 / students[stage] < thresholds["backbone"][stage]
    assert 0.3 < few.mean() < 0.7


@pytest.mark.parametrize("stage", STAGES)
def test_resources_are_near_the_norm_and_missing_at_few_schools(schools, students, policy, stage):
    thresholds = policy[1]["balance"]["threshold"]
    weighted = sum(students[name].mul(SPLIT[name]).reindex(schools.index, fill_value=0) for name in STAGES)
    short = 0
    for indicator, (column, per) in RESOURCES.items():
        each = (per * schools[column] / weighted * SPLIT[stage])[students[stage].index]
        assert 0.05 < coefficient(each * students[stage], students[stage]) < 0.3
        assert (each >= 0.85 * thresholds[indicator][stage]).all()
        short += int((each < thresholds[indicator][stage]).sum())
    assert 1 <= short <= 12


def test_groups_are_led_by_a_strong_school(text, schools):
    groups = schools[schools.group_id.notna()].groupby("group_id")
    assert len(groups) == 12
    assert groups.size().between(2, 5).all()
    assert (groups.strength.max() >= 4).all()
    assert (groups.strength.min() < groups.strength.max()).all()
    assert f"{groups.size().sum()} of the 72 belong" in text
    assert (schools.group_id["P10"], schools.strength["P10"]) == (schools.group_id["P11"], schools.strength["P11"])


def test_about_a_third_may_be_asked_to_move(teaching):
    """Six years at the school, an established post, no class that goes on, and nothing else that binds."""
    tenure = 2027 - teaching.joined_school.str[:4].astype(int)
    goes_on = teaching.class_head_grade.isin(["1", "2", "3", "4", "5", "7", "8"])
    bound = (teaching.leave != "") | (teaching.exempt != "") | (teaching.rotation_until != "") | goes_on
    may = (tenure >= 6) & (teaching.staff_type == "established") & ~bound
    assert 0.30 < may.mean() < 0.40
