"""`xuewei export`: what lies there afterwards, what is refused before anything is written, what stands beside what."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from districts import write_instance
from export.drawn import font_with

from cli import xuewei

PAGES = ["brief.docx", "brief.html", "map.html", "map.png", "map_primary.svg", "plan.xlsx", "report.html"]
GEOJSON = ["plan_catchments.geojson", "plan_flows.geojson", "plan_schools.geojson", "plan_units.geojson"]


def run(*arguments: str | Path, language: str = "en") -> Result:
    return CliRunner().invoke(xuewei, ["--lang", language, *map(str, arguments)])


@pytest.fixture(scope="module")
def solved(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the district `six` and its runs: base, new_wing and, without a plan, wing_closed."""
    folder = tmp_path_factory.mktemp("export")
    shutil.copytree(repository / "instances" / "six", folder / "six")
    names = [part for name in ("base", "new_wing", "wing_closed") for part in ("--scenario", name)]
    out = ("--out", folder / "runs", "--workers", "1", "--no-diagnose")
    assert run("--quiet", "solve", folder / "six", *names, *out).exit_code == 4
    return folder / "runs"


def written(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_everything_is_written_into_the_folder_of_the_run(solved: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(solved / "base", tmp_path / "base"))
    before = written(copy)
    result = run("export", copy, "--instance", solved.parent / "six")
    assert result.exit_code == 0, result.output
    assert sorted({*written(copy)} - {*before}) == sorted({*PAGES, *GEOJSON} - {"map.png"})
    assert result.stdout.count(str(copy)) == len(PAGES) + len(GEOJSON)


def test_equal_runs_give_equal_bytes(solved: Path, tmp_path: Path) -> None:
    for out in ("first", "second"):
        assert run("export", solved / "base", solved / "new_wing", "--out", tmp_path / out).exit_code == 0
    names = written(tmp_path / "first")
    assert names == sorted([*PAGES, *GEOJSON])
    assert [
        name for name in names if (tmp_path / "first" / name).read_bytes() != (tmp_path / "second" / name).read_bytes()
    ] == []


def test_nothing_is_replaced_unasked(solved: Path, tmp_path: Path) -> None:
    assert run("export", solved / "base", "--only", "brief", "--out", tmp_path).exit_code == 0
    (tmp_path / "brief.docx").write_text("worked on", encoding="utf-8")
    result = run("export", solved / "base", "--out", tmp_path)
    assert (result.exit_code, "brief.html, brief.docx are there already" in result.stderr) == (6, True)
    assert written(tmp_path) == ["brief.docx", "brief.html"]
    assert run("export", solved / "base", "--only", "brief", "--out", tmp_path, "--force").exit_code == 0
    assert (tmp_path / "brief.docx").read_bytes().startswith(b"PK")


def test_a_font_that_lacks_characters_is_told_of_once(solved: Path, tmp_path: Path) -> None:
    """In Chinese; the names of `six` and English words need no other font than matplotlib's."""
    font = font_with("区", tmp_path / "one.ttf")
    told = {
        language: run(
            "export", solved / "base", "--font", font, "--out", tmp_path / language, language=language
        ).stderr.count(f"{font} ")
        for language in ("en", "zh")
    }
    assert told == {"en": 0, "zh": 1}


def test_a_link_is_there_already_wherever_it_leads(solved: Path, tmp_path: Path) -> None:
    (tmp_path / "plan.xlsx").symlink_to(tmp_path / "elsewhere.xlsx")
    assert run("export", solved / "base", "--only", "workbook", "--out", tmp_path).exit_code == 6
    assert not (tmp_path / "elsewhere.xlsx").exists()


def test_the_folder_of_another_run_receives_nothing(solved: Path) -> None:
    before = written(solved / "new_wing")
    result = run("export", solved / "base", "--only", "map", "--out", solved / "new_wing", "--force")
    assert (result.exit_code, "holds another run" in result.stderr) == (6, True)
    assert written(solved / "new_wing") == before


def test_one_picture_is_nothing_else(solved: Path, tmp_path: Path) -> None:
    assert run("export", solved / "base", "--only", "brief", "--out", tmp_path / "map.svg").exit_code == 2
    assert run("export", solved / "base", "--only", "pictures", "--out", tmp_path / "map.svg").exit_code == 0
    assert written(tmp_path) == ["map.svg"]


def test_only_what_is_asked_for_and_as_json(solved: Path, tmp_path: Path) -> None:
    result = run("export", solved / "base", "--only", "workbook", "--only", "map", "--out", tmp_path, "--json")
    assert json.loads(result.stdout)["files"] == [str(tmp_path / "map.html"), str(tmp_path / "plan.xlsx")]
    assert written(tmp_path) == ["map.html", "plan.xlsx"]


@pytest.mark.parametrize(("language", "words"), [("en", "Draft"), ("zh", "测算结果仅供研究，不作为招生入学依据")])
def test_pages_speak_the_language_asked_for(solved: Path, tmp_path: Path, language: str, words: str) -> None:
    pages = [part for name in ("brief", "report", "map") for part in ("--only", name)]
    assert run("export", solved / "base", *pages, "--out", tmp_path, language=language).exit_code == 0
    for name in ("brief.html", "report.html", "map.html"):
        page = (tmp_path / name).read_text(encoding="utf-8")
        assert words in page and f'lang="{"zh-CN" if language == "zh" else "en"}"' in page, name


def test_a_run_without_a_plan_tells_why_on_brief_and_report(solved: Path, tmp_path: Path) -> None:
    assert run("export", solved / "wing_closed", "--out", tmp_path).exit_code == 0
    assert written(tmp_path) == ["brief.docx", "brief.html", "report.html"]
    assert "18" in (tmp_path / "brief.html").read_text(encoding="utf-8")
    for product in ("map", "workbook", "pictures", "geojson"):
        assert run("export", solved / "wing_closed", "--only", product, "--out", tmp_path / "x").exit_code == 2
    for beside in (("base", "wing_closed"), ("wing_closed", "base")):
        result = run("export", *(solved / name for name in beside), "--out", tmp_path / "x")
        assert (result.exit_code, "holds no plan" in result.stderr) == (2, True)
    assert not (tmp_path / "x").exists()


def test_a_run_of_another_district_cannot_stand_beside_it(solved: Path, tmp_path: Path) -> None:
    write_instance(tmp_path / "other")
    assert run("--quiet", "solve", tmp_path / "other", "--out", tmp_path / "runs").exit_code == 0
    result = run("export", solved / "base", tmp_path / "runs" / "base", "--out", tmp_path / "x")
    assert (result.exit_code, "cannot stand beside" in result.stderr) == (2, True)


def test_without_its_instance_a_run_is_shown_with_what_it_holds(solved: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(solved / "base", tmp_path / "alone"))
    record = json.loads((copy / "run.json").read_text(encoding="utf-8"))
    (copy / "run.json").write_text(json.dumps(record | {"inputs": "nowhere"}), encoding="utf-8")
    result = run("export", copy)
    assert result.exit_code == 0, result.output
    assert "is not where the run says (nowhere)" in result.stderr
    assert {*PAGES} <= {*written(copy)}


def test_an_instance_that_is_another_is_refused(solved: Path, tmp_path: Path) -> None:
    write_instance(tmp_path / "other")
    result = run("export", solved / "base", "--instance", tmp_path / "other", "--out", tmp_path / "x")
    assert (result.exit_code, "is not what" in result.stderr) == (2, True)
    assert run("export", solved / "base", "--instance", tmp_path / "gone", "--out", tmp_path / "x").exit_code == 2


def test_coordinates_as_maps_in_china_have_them(solved: Path, tmp_path: Path) -> None:
    assert run("export", solved / "base", "--only", "geojson", "--datum", "gcj02", "--out", tmp_path).exit_code == 0
    assert len(written(tmp_path)) == len(GEOJSON)
    assert all("gcj02" in name for name in written(tmp_path))


def test_pdf_where_it_can_be_made_and_a_sentence_where_it_cannot(
    solved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("export", solved / "base", "--only", "brief", "--pdf", "--out", tmp_path / "a").exit_code == 0
    assert (tmp_path / "a" / "brief.pdf").read_bytes().startswith(b"%PDF")
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    result = run("export", solved / "base", "--only", "brief", "--pdf", "--out", tmp_path / "b")
    assert (result.exit_code, "extra pdf" in result.stderr, (tmp_path / "b").exists()) == (2, True, False)
