"""`plan.xlsx` read back: sheets in two languages, numbers as numbers, names as text, colours beside signs, print."""

import zipfile
from datetime import datetime
from io import BytesIO

import pandas as pd
import pytest
from builders import make_district, make_plan, make_travel
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook
from workbook.stored import store, store_posts_alone

from models.outcome import Outcome, Status
from models.run import Run
from models.sentences.terms import local_words
from optimizer.runs import NotARun, read_run, store_run
from optimizer.workbook import write_workbook
from optimizer.workbook.fit import count_lines, measure
from optimizer.workbook.write import legal_names

CHINESE = [
    "说明", "招生计划表", "招生范围", "招生范围调整清单", "统筹安排", "班级", "学校概况", "教师调配", "各校人员进出",
    "岗位", "招聘建议", "富余教师", "资源配置对照", "指标", "各校指标", "需关注问题",
]  # fmt: skip
ENGLISH = [
    "About", "Admission plan", "Catchments", "Changes of catchments", "Coordination", "Classes", "Schools", "Postings",
    "Staff in and out", "Posts", "Hiring", "Teachers to spare", "Resources", "Indices", "Indices of schools",
    "To watch",
]  # fmt: skip
HEADS = 3
"""Row of the headings, the first row being 1."""


def written(stored, tmp_path, language="zh"):
    path = tmp_path / "plan.xlsx"
    write_workbook(stored, path, language)
    return path


def opened(stored, tmp_path, language="zh"):
    return load_workbook(written(stored, tmp_path, language))


def cells(sheet):
    """Every cell that holds something."""
    return [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]


def rows(sheet):
    """Headings and rows as they are read."""
    return [list(row) for row in sheet.iter_rows(min_row=HEADS, values_only=True)]


def column(sheet, heading):
    """The cells below a heading."""
    place = [cell.value for cell in sheet[HEADS]].index(heading)
    return [row[place] for row in sheet.iter_rows(min_row=HEADS + 1)]


@pytest.fixture
def stored(tmp_path):
    return store(tmp_path / "runs")


@pytest.fixture
def book(stored, tmp_path):
    return opened(stored, tmp_path)


@pytest.mark.parametrize(("language", "names"), [("zh", CHINESE), ("en", ENGLISH)])
def test_a_run_has_the_sheets_that_it_has_tables_for(tmp_path, stored, language, names):
    assert opened(stored, tmp_path, language).sheetnames == names
    of_children = opened(store(tmp_path / "children", staffed=False), tmp_path, language).sheetnames
    assert of_children == [name for at, name in enumerate(names) if at not in range(7, 13)]
    of_posts = opened(store_posts_alone(tmp_path / "posts"), tmp_path, language).sheetnames
    assert of_posts == [name for at, name in enumerate(names) if at not in range(1, 5)]


def test_the_admission_plan_with_its_total(book):
    """Of 25 planned at each A seats 17, all its own; B seats 20 of its own and 9 of A's: 4 more than planned."""
    assert rows(book["招生计划表"]) == [
        ["学校", "学校代码", "学段", "计划班数", "计划招生数", "预留学位", "划片学生", "统筹生", "剩余学位", "最大班额",
         "班额上限"],
        ["School A", "A", "小学", 1, 25, 0, 17, 0, 8, 17, 25],
        ["School B", "B", "小学", 1, 25, 0, 20, 9, -4, 29, 25],
        ["小学合计", None, "小学", 2, 50, 0, 37, 9, 4, None, None],
    ]  # fmt: skip


def test_the_admission_plan_says_whom_it_counts_as_from_elsewhere(book, tmp_path):
    assert "统筹生：居住地不在本校招生范围内的学生" in book["招生计划表"]["A2"].value
    english = opened(store(tmp_path / "en"), tmp_path, "en")["Admission plan"]["A2"].value
    assert "From elsewhere: children who live outside" in english


def test_catchments_changes_and_coordination(book):
    assert rows(book["招生范围"]) == [
        ["学校", "学校代码", "学段", "小区数", "所含小区"],
        ["School A", "A", "小学", 2, "Unit 1、Unit 2"],
        ["School B", "B", "小学", 2, "Unit 3、Unit 4"],
    ]
    assert rows(book["招生范围调整清单"])[1:] == [
        ["Unit 3", "U3", "小学", 10, "School A", "School B", 2000, 1000, -1000, "原学校学位不足"],
        ["小学合计", None, "小学", 10, None, None, None, None, None, None],
    ]
    assert rows(book["统筹安排"])[1:] == [
        ["School A", "Unit 2", "U2", "小学", "户籍学生", "School B", 3, 2000],
        ["School A", "Unit 2", "U2", "小学", "随迁子女", "School B", 6, 2000],
        ["小学合计", None, None, "小学", None, None, 9, None],
    ]


def test_classes_and_schools(book):
    """A: 17 enter in one class, 100 go on in five; with B's 29 and 100 there are 246 children in 240 places."""
    classes = rows(book["班级"])
    assert classes[1] == ["School A", "A", "小学", "一年级", "起始年级新编", 17, 1, 17, 25]
    assert classes[-1] == ["小学合计", None, "小学", None, None, 246, 12, None, None]
    assert rows(book["学校概况"])[1:] == [
        ["School A", "A", "小学", 117, 6, 120, 3, 0.975],
        ["School B", "B", "小学", 129, 6, 120, -9, 1.075],
        ["小学合计", None, "小学", 246, 12, 240, -6, 246 / 240],
    ]


def test_who_moves_stands_before_who_stays(book):
    assert rows(book["教师调配"]) == [
        ["教师代码", "学段", "学科", "原学校", "调整后学校", "调到其他学校", "方式", "环节", "生效日期", "期限（年）",
         "原因"],
        ["0101", "小学", "语文", "School A", "School B", "是", "交流轮岗", "交流轮岗", datetime(2027, 9, 1), 3,
         "在本校9年，参加交流轮岗"],
        ["0102", "小学", "语文", None, None, "否", "新聘", None, None, None, "新招聘，尚无空缺岗位"],
        ["0103", "小学", "语文", "School A", "School A", "否", "留任", "校内竞聘", None, None,
         "在本校7年，符合交流条件"],
    ]  # fmt: skip
    assert rows(book["招聘建议"])[1:] == [["全区", "小学", "音乐", 0.25, 0], ["小学合计", "小学", None, 0.25, 0]]
    assert rows(book["富余教师"])[1] == ["School A", "A", "小学", "语文", 2, 1]
    assert rows(book["各校人员进出"])[1][:7] == ["School A", "A", "小学", 2, 1, 0, 1]


def test_indices_of_the_district_and_of_schools(book):
    """Of the rows of all stages together those that the only stage says again are left out."""
    assert rows(book["指标"]) == [
        ["范围", "学段", "指标", "数值", "计量单位", "目标", "是否达标"],
        ["全区", "小学", "平均就学距离", 812.4, "米", None, None],
        ["全区", "小学", "学位使用率", 0.925, None, None, None],
        ["全区", "各学段", "交流轮岗比例", 0.05, None, 0.1, "× 未达标"],
        ["全区", "小学", "空缺岗位", 0.25, "个岗位", 0, "× 未达标"],
        ["全区", "小学", "学位使用率差异系数", 0.6, None, 0.5, "× 未达标"],
        ["全区", "各学段", "占用编制、员额的教职工数", 3, "人", None, None],
    ]


def test_indices_of_schools_stand_in_columns_with_their_targets_below(book):
    """B misses the backbone teachers; an index of another version stands under its code and unit."""
    sheet = book["各校指标"]
    assert rows(sheet) == [
        ["学校", "学校代码", "学段", "县级及以上骨干教师", "资源配置达标", "of_tomorrow（leagues）"],
        ["School A", "A", "小学", 1.25, "是", None],
        ["School B", "B", "小学", 0.75, None, 2],
        ["小学目标", None, "小学", 1, "是", None],
    ]
    assert [cell.number_format for cell in sheet["D"][HEADS:]] == ["#,##0.00", '"× "#,##0.00', "#,##0.00"]
    assert [cell.font.bold for cell in sheet["D"][HEADS:]] == [False, True, True]
    assert sheet["D"][HEADS + 1].fill.bgColor.rgb != sheet["D"][HEADS].fill.bgColor.rgb


def test_what_falls_short_by_the_plan_stands_before_what_stood(book):
    told = rows(book["需关注问题"])
    assert [row[:5] for row in told[1:]] == [
        ["本方案", "of_tomorrow", "各学段", "U2", "Unit 2"],
        ["本方案", "招生范围能容纳以后各年新生", "小学", "B", "School B"],
        ["存量", "班额不超过上限", "小学", "B", "School B"],
    ]
    assert "of_tomorrow" in told[1][5]
    assert "存量问题，此前为 29" in told[3][5]


def test_nothing_that_falls_short_is_said(tmp_path):
    assert rows(opened(store(tmp_path, shortfalls=()), tmp_path)["需关注问题"])[1][0] == "（无）"


def test_numbers_are_numbers_and_ids_are_text(book):
    plan, staff = book["招生计划表"], book["教师调配"]
    assert {cell.data_type for cell in column(plan, "计划招生数")} == {"n"}
    assert {cell.number_format for cell in column(plan, "学校代码")} == {"@"}
    first = column(staff, "教师代码")[0]
    assert (first.value, first.data_type) == ("0101", "s")
    day = column(staff, "生效日期")[0]
    assert (day.is_date, day.number_format) == (True, "yyyy-mm-dd")
    assert "0.0 %" in column(book["学校概况"], "使用率")[0].number_format
    assert [cell.number_format for cell in column(book["指标"], "数值")] == [
        "#,##0", "0.0 %", "0.0 %", "#,##0.0", "0.000", "#,##0"]  # fmt: skip
    assert column(book["招生范围调整清单"], "增加（米）")[0].number_format.startswith("+")


def test_what_stands_out_has_a_colour_and_a_sign(book):
    """The colour follows the number that is typed; the sign is in the format of the number, so it prints."""
    signs = {
        ("学校概况", "使用率"): "▲", ("学校概况", "余缺"): "▼", ("招生计划表", "剩余学位"): "▼",
        ("班级", "最大班额"): "▲", ("岗位", "空缺"): "◆", ("招聘建议", "空缺岗位"): "◆",
    }  # fmt: skip
    for (name, heading), sign in signs.items():
        cell = column(book[name], heading)[1 if name in ("学校概况", "招生计划表") else 0]
        assert sign in cell.number_format, (name, heading)
        coloured = [str(area.sqref) for area in book[name].conditional_formatting]
        assert any(each.startswith(f"{cell.column_letter}4") for each in coloured), (name, heading)
    assert "[>25]" in column(book["招生计划表"], "最大班额")[1].number_format
    (area,) = (each for each in book["班级"].conditional_formatting)
    assert area.rules[0].formula == ["AND(ISNUMBER($H4),ISNUMBER($I4),$H4>$I4)"]
    legend = {cell.value for cell in cells(book["说明"])}
    assert {"▲", "▼", "◆", "×"} <= legend


def test_totals_stand_out_and_words_fit(book):
    plan = book["招生计划表"]
    assert [row[0].font.bold for row in plan.iter_rows(min_row=HEADS + 1)] == [False, False, True]
    for name in CHINESE[1:]:
        sheet = book[name]
        for cell in sheet[HEADS]:
            width = sheet.column_dimensions[cell.column_letter].width
            assert count_lines(cell.value, width) * 15 <= sheet.row_dimensions[HEADS].height, (name, cell.value)
        assert sheet[HEADS][0].alignment.wrap_text


def test_sheets_are_ready_for_print_and_for_the_screen(book):
    for name in CHINESE[1:]:
        sheet = book[name]
        assert sheet.freeze_panes == ("A4" if name == "需关注问题" else "B4")
        assert sheet.auto_filter.ref.startswith("A3:")
        assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows == "$1:$3"
        assert "不作为招生入学依据" in sheet["A2"].value
        assert "不作为招生入学依据" in sheet.oddFooter.left.text


def test_the_first_sheet_says_what_the_others_are(book, stored):
    """7 + 10 children go 1,000 m, 9 go 2,000 m and 20 live beside their school: 35 km for 46."""
    told = [[cell for cell in row if cell is not None] for row in book["说明"].iter_rows(values_only=True)]
    assert told[0] == ["row 2027 年秋季招生与教师岗位测算表册（测算稿）"]
    assert ["情景", "base"] in told
    assert ["测算结果", "尚未证明最优，最大差距 15.0 %。"] in told
    assert ["已安排学生", "小学 46 人；平均就学距离 761 米"] in told
    assert ["招生范围调整涉及的学生数", 10, 9, 0.15] in told
    assert ["units.csv", stored.record["fingerprint"]["units.csv"]] in told
    assert ["招生计划表", 2, "各校各学段计划班数、招生数和余缺，按学段合计"] in told
    links = {cell.value: cell.hyperlink.location for row in book["说明"].iter_rows() for cell in row if cell.hyperlink}
    assert links["招生范围"] == "'招生范围'!A1"
    assert set(links) == set(CHINESE[1:])


def test_no_code_is_left_where_words_are_asked_for(book):
    codes = {
        "primary",
        "entry",
        "continuing",
        "local",
        "migrant",
        "rotation",
        "stay",
        "true",
        "false",
        "nearer",
        "district",
    }
    assert [cell.value for sheet in book for cell in cells(sheet) if cell.value in codes] == []


HOSTILE = [
    '=HYPERLINK("http://x","y")',
    "+1",
    "@SUM(A1)",
    "<script>alert(1)</script>",
    "-2+3",
    "http://x.org",
    "_x0041_",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_every_name_is_text(tmp_path, name):
    stored = store(
        tmp_path / "runs", schools={"names": (name, "B")}, units={"names": (name, "V", f"{name} W", "X")},
        instance={"title": name, "district": name},
    )  # fmt: skip
    path = written(stored, tmp_path)
    book = load_workbook(path)
    for sheet in book:
        assert {cell.data_type for cell in cells(sheet)} <= {"s", "n", "d"}, sheet.title
    assert column(book["学校概况"], "学校")[0].value == name
    assert column(book["招生范围"], "所含小区")[0].value == f"{name}、V"
    assert book["说明"]["A1"].value.startswith(name)
    read = CalamineWorkbook.from_path(path).get_sheet_by_name("学校概况").to_python(skip_empty_area=False)
    assert read[HEADS][0] == name
    with zipfile.ZipFile(path) as parts:
        sheets = [parts.read(part).decode() for part in parts.namelist() if part.startswith("xl/worksheets/sheet")]
        assert not any("<f>" in sheet or "<script>" in sheet for sheet in sheets)
        assert not any("http://x" in parts.read(part).decode() for part in parts.namelist() if part.endswith(".rels"))


def test_equal_runs_give_equal_bytes(tmp_path, stored):
    """Nothing in it tells when it was written: neither the workbook nor the parts that it is packed from."""
    first = written(stored, tmp_path).read_bytes()
    assert written(store(tmp_path / "again"), tmp_path).read_bytes() == first
    with zipfile.ZipFile(BytesIO(first)) as parts:
        assert {part.date_time[:3] for part in parts.infolist()} == {(1980, 1, 1)}
        assert set(pd.Series(parts.read("docProps/core.xml").decode()).str.findall(r"\d{4}-\d\d-\d\dT")[0]) == {
            "2000-01-01T"
        }


def test_a_catchment_of_many_units_goes_on_in_the_next_row(tmp_path):
    """Three names of 600 characters: two do not fit a row of 1,100."""
    names = tuple(letter * 600 for letter in "abc")
    sheet = opened(store(tmp_path, units={"names": (*names, "d")}), tmp_path)["招生范围"]
    assert [row[3:] for row in rows(sheet)[1:]] == [
        [2, names[0], None],
        [None, names[1], "续上行"],
        [2, f"{names[2]}、d", None],
    ]
    heights = [sheet.row_dimensions[row].height for row in (4, 5, 6)]
    assert all(100 < height <= 409 for height in heights)


def test_what_is_too_long_for_a_cell_or_a_row_is_cut(tmp_path):
    name = "长" * 40_000
    stored = store(tmp_path, schools={"names": (name, "B")}, units={"names": (name, *"abc")}, instance={"title": name})
    book = opened(stored, tmp_path)
    assert len(column(book["学校概况"], "学校")[0].value) == 32_767
    heights = [row.height for sheet in book for row in sheet.row_dimensions.values() if row.height]
    assert max(heights) <= 409


def test_a_study_names_no_classes_where_it_decides_none(tmp_path):
    district = make_district()
    plan = make_plan(district, make_travel(district), "AABB", classes=[])
    run = Run("base", 1, Outcome(Status.OPTIMAL), plan)
    stored = read_run(store_run(run, district, make_travel(district), tmp_path / "runs"))
    book = opened(stored, tmp_path)
    assert book.sheetnames == ["说明", "招生计划表", "招生范围", "学校概况", "需关注问题"]
    assert "计划班数" not in rows(book["招生计划表"])[0]
    assert book["学校概况"]["A1"].value == "row 学校概况（稳态研究，测算稿）"


def test_a_local_word_stands_on_every_sheet(tmp_path, stored):
    with local_words({"招生范围": "施教区"}):
        book = opened(stored, tmp_path)
    assert book.sheetnames[2:4] == ["施教区", "施教区调整清单"]
    assert book["施教区"]["A1"].value == "row 2027 年秋季施教区（测算稿）"
    assert not any("招生范围" in str(cell.value) for sheet in book for cell in cells(sheet))


@pytest.mark.parametrize(
    ("names", "legal"),
    [
        (["a/b[c]:*?\\", "'quoted'", ""], ["a b c", "quoted", "-"]),
        (["x" * 40, "X" * 40], ["x" * 31, f"{'X' * 27} 2"]),
        (["Plan", "plan", "PLAN"], ["Plan", "plan 2", "PLAN 3"]),
    ],
)
def test_names_of_sheets_are_legal(names, legal):
    assert legal_names(names) == legal


def test_widths_count_a_chinese_character_as_two():
    assert [measure(text) for text in ("", "ab", "学校", "A座")] == [0, 2, 4, 3]
    assert count_lines("一二三四五", 6) == 2
    assert count_lines("one two three", 7) == 2
    assert count_lines("x" * 20, 7) == 3
    assert count_lines(12345.0, 2) == 1


def test_a_run_without_what_the_sheets_are_made_of_is_refused(tmp_path, stored):
    (stored.folder / "plan.gpkg").unlink()
    with pytest.raises(NotARun):
        write_workbook(stored, tmp_path / "plan.xlsx", "zh")
    assert not (tmp_path / "plan.xlsx").exists()
