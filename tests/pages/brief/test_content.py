"""What the brief says: the three sentences, what changes, whom to watch, the options; figures counted by hand."""

from dataclasses import replace
from datetime import date

import pytest
from builders import make_district, make_plan, make_schools, make_travel, make_units
from pages.brief.scene import (
    CROWDED,
    ELSEWHERE,
    EXTENSION,
    SEATS,
    STUDENTS,
    make_scene,
    scene,
    scene_of_posts,
    scene_without_plan,
    store_scene,
)
from wording import banned_in

from models.diagnosis import Diagnosis
from models.outcome import Level, Outcome, Status
from models.run import Run, Shortfall
from models.sentences.terms import local_words
from optimizer.digest import read_exhibits
from optimizer.pages.brief import plan as plan_part
from optimizer.pages.brief.compose import compose_brief
from optimizer.pages.brief.speech import Speech
from optimizer.runs import store_run


def section(brief, key):
    (found,) = [section for section in brief.sections if section.key == key]
    return found


def rows(brief, key):
    return [row for table in section(brief, key).tables for row in table.rows]


def test_chinese_says_what_is_needed_what_is_there_and_who_is_placed(tmp_path):
    assert compose_brief(scene(tmp_path), "zh").sentences == (
        "一年级：需要学位 46 个，可提供 82 个，余 36 个。",
        "全部 46 人都有学位；按招生范围入学的 40 人中，3 人由招生范围外的学校统筹接收；"
        "不按招生范围入学的 6 人都统筹安排到其他有空余学位的学校。",
    )


def test_english_says_the_same(tmp_path):
    assert compose_brief(scene(tmp_path), "en").sentences == (
        "Grade 1: 46 places are needed, 82 can be offered; 36 to spare.",
        "All 46 children have a place; of the 40 who follow a catchment 3 are placed at a school outside it; "
        "the 6 who follow no catchment all go to other schools with places to spare.",
    )


def test_everybody_is_counted_once(tmp_path):
    """Of six migrant children of U2, A's, two sit there and four at B; five of U4 were placed by decision."""
    district = make_scene(students=STUDENTS | {"special": (0, 0, 0, 5)})
    seats = [*SEATS[:-1], ("U2", "migrant", "A", 2), ("U2", "migrant", "B", 4), ("U4", "special", "B", 5)]
    elsewhere = [ELSEWHERE[0], ("A", "U2", "migrant", "B", 4)]
    exhibits = scene(tmp_path, district, seats=seats, elsewhere=elsewhere)
    assert compose_brief(exhibits, "zh").sentences[-1] == (
        "全部 51 人都有学位；按招生范围入学的 40 人中，3 人由招生范围外的学校统筹接收；"
        "不按招生范围入学的 6 人中，2 人在居住地所在招生范围的学校就读，4 人统筹安排到其他有空余学位的学校；"
        "另有 5 人按专门委员会决定安置。"
    )
    told = compose_brief(exhibits, "en").sentences[-1]
    assert "of the 6 who follow no catchment 2 go to the school whose catchment they live in and 4 to" in told


def test_where_a_grade_is_named_its_stage_is_not(tmp_path):
    with local_words({"一年级": "小一", "primary": "elementary", "grade": "Year"}):
        exhibits = scene(tmp_path)
        assert compose_brief(exhibits, "zh").sentences[0].startswith("小一：")
        assert compose_brief(exhibits, "en").sentences[0].startswith("Year 1: ")


def test_children_beyond_the_places_are_not_passed_over(tmp_path):
    """All 90 children sit at A and B whatever their 60 places each: 30 + 30 + 30 at A are 30 too many."""
    district = make_district(current={"U1": "A", "U2": "A", "U3": "A", "U4": "B"})
    run = Run("base", 1, Outcome(Status.OPTIMAL), make_plan(district, make_travel(district), "AAAB"))
    brief = compose_brief(read_exhibits([store_run(run, district, make_travel(district), tmp_path)]), "zh")
    assert brief.sentences[0] == "小学全部年级：需要学位 120 个，可提供 120 个，正好够用。"
    assert brief.sentences[1].startswith("120 人都已安排学校，其中 30 人超出所在学校的学位；")
    assert brief.sentences[1].endswith("；都在所在招生范围的学校就读。")
    assert "全部年级的稳态研究，不是下一年度的招生方案" in brief.facts


def test_the_heading_names_district_and_year(tmp_path):
    district = make_scene(
        instance={"district": {"zh": "滨河区", "en": "Binhe"}, "title": "T", "data_date": date(2026, 10, 31)}
    )
    exhibits = scene(tmp_path, district)
    brief = compose_brief(exhibits, "zh")
    assert brief.heading == "滨河区2027年秋季义务教育学位供需及招生范围调整建议（测算稿）"
    assert (brief.district, brief.facts) == ("", ("数据日期：2026-10-31", "情景：base"))
    assert brief.note == "测算结果仅供研究，不作为招生入学依据"
    assert compose_brief(exhibits, "en").heading.startswith("Binhe: ")


def test_without_a_name_the_title_stands_above(tmp_path):
    brief = compose_brief(scene(tmp_path, make_scene(instance={"title": "Row of four"})), "en")
    assert brief.district == "Row of four"
    assert brief.heading == "School places and catchment changes proposed for autumn 2027 (draft)"


def test_which_units_change_and_what_stays(tmp_path):
    brief = compose_brief(scene(tmp_path), "zh")
    assert rows(brief, "changes") == [("School A→School B", "Unit 3", "10", "2,000→1,000")]
    told = section(brief, "changes").sentences
    assert told[0] == "没有新开办的学校。开班：一年级 2 个班（上年 2 个）。"
    assert told[1] == "调整的小区 1 个（按学段计），涉及学生 10 人；其余不变，4 个中 3 个仍归原学校。"


def test_units_of_one_exchange_share_a_row(tmp_path):
    """U2 (30 children, 1 km to A and 2 km to B) and U3 (30, 2 and 1) go from A to B: 1,500 m on average either way."""
    district = make_district(current={"U1": "A", "U2": "A", "U3": "A", "U4": "B"})
    run = Run("base", 1, Outcome(Status.OPTIMAL), make_plan(district, make_travel(district), "ABBB"))
    brief = compose_brief(read_exhibits([store_run(run, district, make_travel(district), tmp_path)]), "zh")
    assert rows(brief, "changes") == [("School A→School B", "Unit 2、Unit 3", "60", "1,500→1,500")]


def test_what_does_not_fit_is_counted_and_the_largest_stay(tmp_path, monkeypatch):
    """U2 to U5, of 30, 10, 40 and 20 children, leave A, each for another school; with half a line too little room two
    of four rows give way to the sentence that counts them."""
    schools = make_schools({"A": 0, "B": 1, "C": 2, "D": 3, "E": 4})
    today = {f"U{k}": "A" for k in range(1, 6)}
    district = make_district(units=make_units(5), schools=schools, students=(5, 30, 10, 40, 20), current=today)
    run = Run("base", 1, Outcome(Status.OPTIMAL), make_plan(district, make_travel(district), "ABCDE"))
    exhibits = read_exhibits([store_run(run, district, make_travel(district), tmp_path)])
    whole = section(compose_brief(exhibits, "en"), "changes")
    assert [row[2] for row in whole.tables[0].rows] == ["30", "10", "40", "20"]
    monkeypatch.setattr(plan_part, "PAGE", 0)
    monkeypatch.setattr(plan_part, "LEAST", whole.lines - 0.5)
    brief = compose_brief(exhibits, "en")
    assert [row[1:3] for row in rows(brief, "changes")] == [("Unit 2", "30"), ("Unit 4", "40")]
    assert section(brief, "changes").tables[0].title == "Primary: 4 units, 100 children"
    told = section(brief, "changes").close
    assert told == "2 of these units (30 children) are not listed: see changes.csv, plan.xlsx."


def test_of_each_stage_something_is_shown_under_its_totals():
    """With room for two of three rows the larger one of the primary stage gives way to the one of the junior stage."""
    exchanges = [
        plan_part.Exchange(stage, f"A → {to}", f"U{to}", 1, students, "1→2")
        for stage, to, students in (("primary", "B", 50), ("primary", "C", 40), ("junior", "D", 3))
    ]
    shown = plan_part._largest(exchanges, 2)
    tables = list(plan_part._tabulate(exchanges, shown, ("primary", "junior"), Speech("en")))
    assert [(table.title, len(table.rows)) for table in tables] == [
        ("Primary: 2 units, 90 children", 1), ("Junior: 1 units, 3 children", 1)
    ]  # fmt: skip


def test_many_units_of_one_row_are_counted(tmp_path):
    """14 units leave A for B: twelve are named."""
    district = make_district(
        units=make_units(15),
        schools=make_schools({"A": 0, "B": 14}),
        students=(1,) * 15,
        current={f"U{k}": "A" for k in range(1, 16)},
    )
    run = Run("base", 1, Outcome(Status.OPTIMAL), make_plan(district, make_travel(district), "A" + "B" * 14))
    brief = compose_brief(read_exhibits([store_run(run, district, make_travel(district), tmp_path)]), "en")
    ((_, names, students, _),) = rows(brief, "changes")
    assert names.endswith("Unit 13 and 2 more")
    assert students == "14"


def test_without_catchments_of_today_nothing_is_compared(tmp_path):
    district = make_district()
    run = Run("base", 1, Outcome(Status.OPTIMAL), make_plan(district, make_travel(district), "AABB"))
    brief = compose_brief(read_exhibits([store_run(run, district, make_travel(district), tmp_path)]), "zh")
    assert section(brief, "changes").sentences[0].startswith("没有现行招生范围可供比较")
    assert rows(brief, "changes") == []


def test_a_school_is_told_with_why_and_what_to_do(tmp_path):
    (item,) = section(compose_brief(scene(tmp_path, shortfalls=(CROWDED,)), "zh"), "watch").items
    assert item.head == "School B"
    assert item.text == "在校 210 人，学位 200 个，超出 10 人（存量）：控制起始年级招生，逐年消化。"


def test_new_and_inherited_call_for_different_measures(tmp_path):
    new = replace(CROWDED, inherited=False, before=None)
    (item,) = section(compose_brief(scene(tmp_path, shortfalls=(new,)), "en"), "watch").items
    assert item.text == (
        "210 children on 200 places, 10 too many: add places, or place those beyond them at a neighbouring school."
    )


def test_a_rule_without_words_of_its_own_is_told_as_the_terminal_does(tmp_path):
    found = Shortfall("continuity", "soft", "primary", "A", 3, 0, "teachers")
    (item,) = section(compose_brief(scene(tmp_path, shortfalls=(found,)), "zh"), "watch").items
    assert item.text == "该校：一年内调出 3 人，最多允许 0 人：减少该校当年调出的教师。"


def test_where_children_beyond_the_places_of_their_school_go_is_told_by_name(tmp_path):
    found = Shortfall("overflow", "soft", "primary", "A", 3, 0, "students", kind="elsewhere", detail="A, B")
    exhibits = scene(tmp_path, shortfalls=(found,))
    (item,) = section(compose_brief(exhibits, "zh"), "watch").items
    assert (item.head, item.text) == (
        "School A", "招生范围内 3 人在School A、School B就读：增加学位，或调整相邻小区。"
    )  # fmt: skip
    (item,) = section(compose_brief(exhibits, "en"), "watch").items
    assert item.text == (
        "3 children of its catchment go to School A, School B: add places, or redraw units beside it."
    )  # fmt: skip


def test_each_run_stands_once_and_those_beyond_three_are_counted(tmp_path):
    runs = [store_scene(tmp_path, name=name) for name in ("base", "b", "c", "d", "e")]
    brief = compose_brief(read_exhibits([*runs, runs[0]]), "en")
    options = section(brief, "options")
    assert options.tables[0].heads == ("Scenario", "base\n(proposed)", "b", "c")
    assert options.close == "Scenarios not listed: 2."
    assert "Compared with: b, c" in brief.facts
    alone = compose_brief(read_exhibits([runs[0], runs[0]]), "en")
    assert section(alone, "options").tables[0].heads == ("Scenario", "base\n(proposed)")
    assert (section(alone, "options").close, len(alone.appendix)) == ("", 3)


def test_scenarios_are_called_by_their_titles(tmp_path):
    district = make_scene()
    district = replace(district, scenario_title={"zh": "少量调整", "en": "Few changes"})
    brief = compose_brief(scene(tmp_path, district), "zh")
    assert "情景：少量调整" in brief.facts
    assert section(brief, "options").tables[0].heads[1] == "少量调整\n（本方案）"
    assert brief.appendix[0].title == "结果的可靠程度：情景 少量调整"


def test_a_difference_below_one_post_is_no_gap(tmp_path):
    levels = (Level("vacancies", 7.499, 6.857, 1), Level("travel", 60, 59.5, 0.001), Level("moves", 3, 3, 1))
    (exhibit,) = scene(tmp_path)
    record = {**exhibit.record, "levels": [{**vars(level), "gap": level.gap} for level in levels]}
    exhibit = replace(exhibit, stored=replace(exhibit.stored, record=record))
    rows = compose_brief([exhibit], "en").appendix[0].tables[0].rows
    assert [row[1:] for row in rows] == [
        ("7.499", "6.857", "within one post"), ("60.0", "59.5", "0.8 %"), ("3", "3", "0.0 %")
    ]  # fmt: skip


def test_figures_beside_one_another_have_decimals_alike():
    assert Speech("en").alike([3078.0, 3078.84, None], 1) == ("3,078.0", "3,078.8", "–")
    assert Speech("en").alike([3078.0, 12.04], 1) == ("3,078", "12")


def test_options_stand_side_by_side(tmp_path):
    other = store_scene(tmp_path, name="other")
    brief = compose_brief((*scene(tmp_path), *read_exhibits([other])), "en")
    (table,) = section(brief, "options").tables
    assert table.heads == ("Scenario", "base\n(proposed)", "other")
    told = {row[0]: row[1:] for row in table.rows}
    assert told["Places that can be offered"] == ("82", "82")
    assert told["Placed outside their catchment"] == ("3", "3")
    assert told["Children who change school"] == ("10", "10")
    assert told["Cost"] == ("not priced", "not priced")
    assert "Teaching posts needed" not in told
    assert "Compared with: other" in brief.facts


def test_the_appendix_has_bound_gap_seed_and_fingerprints_and_the_page_has_none(tmp_path):
    brief = compose_brief(scene(tmp_path), "en")
    proof, _, trace = brief.appendix
    assert proof.tables[0].rows[0] == ("Children outside their catchment", "3", "3", "0.0 %")
    assert proof.tables[0].rows[1][1:] == ("60", "59", "1.7 %")
    assert any(told.startswith("Seed 7; at most 1.7 % from the best possible") for told in proof.sentences)
    assert trace.tables[0].rows == (("units.csv", "0" * 32),)
    told = " ".join(text for section in brief.sections for text in section.sentences)
    assert "Seed" not in told


def test_without_a_plan_it_says_why_and_what_would_make_one(tmp_path):
    brief = compose_brief(scene_without_plan(tmp_path), "zh")
    assert brief.sentences[0] == "按现有条件，无法让所有学生都有学位（已证明）。"
    assert "缺口6个" in brief.sentences[1]
    assert brief.sentences[2].startswith("可选措施 1 项，采取任一项即可全部安排；首选：扩建：")
    (row,) = rows(brief, "options")
    assert "School A" in row[1]
    assert "1,234" in row[2]
    assert (brief.picture, [part.key for part in brief.sections]) == (None, ["reasons", "options"])


def test_without_a_plan_and_without_a_reason_nothing_is_made_up(tmp_path):
    brief = compose_brief(scene_without_plan(tmp_path, Diagnosis(False)), "en")
    assert brief.sentences == (
        "As things stand, not every child can be given a place (proved).",
        "No single shortage explains it; the rules below have to be read together.",
        "No single measure was found that would do.",
    )


def test_of_several_measures_three_are_told(tmp_path):
    found = Diagnosis(False, repairs=(EXTENSION,) * 5)
    brief = compose_brief(scene_without_plan(tmp_path, found), "en")
    assert len(rows(brief, "options")) == 3
    assert section(brief, "options").close == "There are 2 more; see report.html."


def test_posts_alone_are_told_without_children(tmp_path):
    brief = compose_brief(scene_of_posts(tmp_path), "zh")
    assert brief.heading.endswith("2027年秋季教师配备与交流轮岗建议（测算稿）")
    assert brief.sentences == (
        "按现有班级测算，应配教师岗位 2 个，可配齐 1.4 个。",
        "仍有 0.6 个岗位无人任教，需招聘或走教补足。",
        "拟调整任教学校的教师 1 人。",
    )
    assert rows(brief, "staff")[0][:3] == ("2.0", "1.4", "0.6")
    assert section(brief, "staff").sentences[0] == "缺口较大的学科：小学语文 0.6。"
    (item,) = section(brief, "watch").items
    assert item.text == "0.6 个教师岗位无人任教：招聘、跨校走教或银龄返聘补足。"
    assert [part.key for part in brief.sections] == ["staff", "watch", "options"]


def test_posts_alone_count_the_schools_that_lack_little(tmp_path):
    """Four or six tenths of a post are vacant at A, two or none at B: only six are more than half a post."""
    few = section(compose_brief(scene_of_posts(tmp_path / "1", at_a=0.6, at_b=0.8), "en"), "watch")
    assert (few.items, few.close) == (
        (), "Other schools with less than half a post vacant: 2, 0.6 posts in all."
    )  # fmt: skip
    many = section(compose_brief(scene_of_posts(tmp_path / "2", at_b=0.8), "zh"), "watch")
    assert (len(many.items), many.close) == (1, "另有 1 所学校各空缺不到半个岗位，合计 0.2 个。")


def test_what_has_a_price_is_priced(tmp_path):
    """Six tenths of a post are vacant and nobody is recruited; no price of a place is stated."""
    brief = compose_brief(scene_of_posts(tmp_path, costs={"post": 180_000}), "zh")
    assert rows(brief, "options")[-2:] == [("新增学位投入", "未计价"), ("新增岗位每年费用", "108,000 元")]


def test_options_of_the_same_inputs_are_not_said_to_differ(tmp_path):
    first, second = scene(tmp_path / "1"), scene(tmp_path / "2", name="other")
    assert compose_brief((*first, *second), "en").appendix[-1].close == ""


@pytest.mark.parametrize("make", [scene, scene_without_plan, scene_of_posts])
def test_chinese_is_fit_for_a_bureau(tmp_path, make):
    brief = compose_brief(make(tmp_path), "zh")
    texts = [brief.heading, brief.caption, *brief.sentences, *brief.facts, repr(brief.sections), repr(brief.appendix)]
    assert [word for text in texts for word in banned_in(text)] == []
