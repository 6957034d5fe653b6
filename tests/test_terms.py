"""Local words (`[terms]`): 施教区 for 招生范围 and 初一 for 七年级, everywhere and never in a name."""

from collections.abc import Mapping
from pathlib import Path

import districts as d
import openpyxl
import pytest
from click.testing import CliRunner

from cli import xuewei
from models.sentences import find, say
from models.sentences.terms import LONGEST, WORDS, has_adopted, local_words, localise
from optimizer.checks import describe
from optimizer.io import read_source, read_terms

TERMS = """
[terms]
"招生范围" = "施教区"
"七年级" = "初一"
"catchment" = "attendance area"
"""
KEPT = """
[scenarios]
kept = ["kept"]

[overrides.kept.catchments]
change = "none"

[overrides.kept.schools]
"P01" = { classrooms = 4 }

[overrides.kept.terms]
"小区" = "社区"
"""


@pytest.mark.parametrize(
    ("language", "sentence", "told"),
    [
        ("zh", "招生范围调整涉及{招生范围}的小区。", "施教区调整涉及{招生范围}的社区。"),
        ("zh", "其中{n}人统筹调剂，编制统筹范围不变。", "其中{n}人调剂，编制统筹范围不变。"),
        ("zh", "一年级至九年级", "一年级至初三"),
        ("en", "Catchments: a catchment of {catchments}, two catchments.",
         "Attendance areas: an attendance area of {catchments}, two attendance areas."),
        ("en", "An estate and a primary school; the catchments' places.",
         "A building and an elementary school; the attendance areas' seats."),
        ("en", "Edits in catchments.csv; catchments.change under [catchments]; the tables units and demand; --unit U.",
         "Edits in catchments.csv; catchments.change under [catchments]; the tables units and demand; --unit U."),
        ("en", "Set junior = \"units\"; a unit from one place only, placed.",
         "Set junior = \"units\"; a planning area from one place only, placed."),
        ("en", "Two units.", "Two planning areas."),
    ],
)  # fmt: skip
def test_words_are_replaced_and_names_and_keys_are_not(language: str, sentence: str, told: str) -> None:
    terms = {
        "招生范围": "施教区", "小区": "社区", "统筹": "调剂", "九年级": "初三", "catchment": "attendance area",
        "estate": "building", "primary": "elementary", "places": "seats", "unit": "planning area", "junior": "middle",
    }  # fmt: skip
    with local_words(terms):
        assert localise(sentence, language) == told
    assert localise(sentence, language) == sentence


def test_a_name_is_never_altered() -> None:
    facts = {"where": "小区小学", "stage": "小学", "value": "2"}
    with local_words({"小区": "社区", "招生范围": "小区"}):
        assert say("recheck.indivisible.plain", facts, "zh") == "小区小学 小学：同一社区划入了 2 个小区。"


@pytest.mark.parametrize(("singular", "plural"), [("boundary", "boundaries"), ("bus branch", "bus branches")])
def test_english_plurals(singular: str, plural: str) -> None:
    with local_words({"catchment": singular}):
        assert localise("catchments", "en") == plural


def test_every_word_that_may_be_replaced_is_said_somewhere(repository: Path) -> None:
    for language, words in WORDS.items():
        topics = (repository / "models" / "sentences" / language).glob("*.toml")
        said = "".join(topic.read_text(encoding="utf-8") for topic in topics)
        assert [word for word in words if word not in said] == []


def test_a_stored_table_of_words_that_could_not_stand_is_passed_over() -> None:
    """Of a run that was edited, or of a later version."""
    for stated in ({"招生范围": "{where}"}, {"招生范围": 3}, {"学校": "学堂"}, ["招生范围"], None):
        with local_words(stated):
            assert find("lists.columns.unit", "zh") == "小区"
            assert localise("招生范围", "zh") == "招生范围"


@pytest.mark.parametrize(
    "local", ["", " 施教区", "施\n教区", "施{教}区", "<b>", "a/b", "=1", "-", "施" * (LONGEST + 1)]
)
def test_an_odd_local_word_is_a_fault(tmp_path: Path, local: str) -> None:
    (found,) = read_source(d.write_instance(tmp_path, settings={"terms": {"招生范围": local}})).faults
    assert (found.code, found.file, found.column) == ("S103", "instance.toml", "terms.招生范围")
    assert "20" in describe(found).expected


def test_a_word_that_is_not_known_is_a_fault_that_names_those_that_are(tmp_path: Path) -> None:
    (found,) = read_source(
        d.write_instance(tmp_path, settings={"terms": {"catchments": "areas", "unit": "block"}})
    ).faults
    assert (found.code, found.column) == ("S106", "terms.catchments")
    assert "did you mean 'catchment'?" in describe(found).sentence
    assert "招生范围" in describe(found).expected


def test_a_scenario_has_its_own_words(tmp_path: Path) -> None:
    text = '[overrides.a.terms]\n"小区" = "社区"\n[scenarios]\nb = ["a"]\n'
    folder = d.write_instance(tmp_path, settings={"terms": {"招生范围": "施教区"}}, scenarios=text)
    assert read_terms(folder) == {"招生范围": "施教区"}
    assert read_terms(folder, "b") == {"招生范围": "施教区", "小区": "社区"}
    settings = read_source(folder, "b").settings
    assert settings is not None
    assert settings.terms == {"招生范围": "施教区", "小区": "社区"}
    assert read_terms(folder, "c") == {}
    (folder / "instance.toml").write_text("[instance", encoding="utf-8")
    assert read_terms(folder) == {}


def run(*arguments: str | Path, language: str = "zh", code: int = 0) -> str:
    result = CliRunner().invoke(xuewei, ["--lang", language, *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """A made-up district with local words and a run of it; the run of the scenario `kept` has no plan."""
    folder = tmp_path_factory.mktemp("terms")
    run("new", folder / "nd", "--units", "32", "--schools", "4")
    with (folder / "nd" / "instance.toml").open("a", encoding="utf-8") as settings:
        settings.write(TERMS)
    (folder / "nd" / "scenarios.toml").write_text(KEPT, encoding="utf-8")
    run("solve", folder / "nd", "--out", folder / "runs", "--workers", "1")
    return {"instance": folder / "nd", "run": folder / "runs" / "base"}


def test_the_terminal_speaks_so(place: Mapping[str, Path]) -> None:
    told = run("show", place["run"])
    assert "假定各年级学生都按这一施教区入学" in told
    assert "招生范围" not in told
    assert "初一" in run("show", place["run"], "--table", "classes")
    assert "attendance areas" in run("show", place["run"], language="en")
    assert "施教区" in run("outlook", place["instance"])
    assert "施教区" in run("explain", place["run"], "--school", "P01")


def test_the_lists_speak_so(place: Mapping[str, Path], tmp_path: Path) -> None:
    run("lists", place["run"], "--out", tmp_path / "lists")
    told = {file.name: file.read_text(encoding="utf-8-sig") for file in (tmp_path / "lists").iterdir()}
    assert "施教区：" in told["catchments.txt"]
    assert "招生范围" not in told["catchments.txt"]
    assert "初一班主任，随班升级" in told["round_school.csv"]
    assert "七年级" not in told["round_school.csv"]


def test_pages_and_sheets_speak_so(place: Mapping[str, Path], tmp_path: Path) -> None:
    pages = ("brief", "report", "map", "workbook")
    run("export", place["run"], "--out", tmp_path, *(word for page in pages for word in ("--only", page)))
    for page in ("brief.html", "report.html", "map.html"):
        told = (tmp_path / page).read_text(encoding="utf-8")
        assert ("施教区" in told, "招生范围" in told) == (True, False), page
    sheets = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    assert "施教区" in sheets.sheetnames
    assert "初一" in [cell.value for row in sheets["班级"].iter_rows() for cell in row]


def test_the_diagnosis_speaks_so(place: Mapping[str, Path]) -> None:
    call = ("diagnose", place["instance"], "--scenario", "kept", "--students-only", "--workers", "1")
    told = run(*call, code=4)
    assert "未列入调整的施教区保持不变" in told
    assert "个社区" in told
    assert "招生范围" not in told
    assert "attendance areas that are not open to change" in run(*call, language="en", code=4)


def test_one_command_does_not_speak_as_another_did(place: Mapping[str, Path], repository: Path) -> None:
    run("show", place["run"])
    assert not has_adopted()
    assert "维持现行招生范围" in run("outlook", repository / "instances" / "six")
