"""What a terminal shows: aligned text, numbers, progress lines, exit codes."""

import io
import math
import signal
from pathlib import Path

import pandas as pd
import pytest

from models.run import Shortfall
from models.sentences import find
from optimizer.console.exits import Exit, gravest
from optimizer.console.progress import Progress, heeding_interrupts
from optimizer.console.summary import tell_run
from optimizer.console.tables import tabulate, tabulate_indices
from optimizer.console.text import align, printable, write_metres, write_number, write_share
from optimizer.console.voice import Voice, spoken_language
from optimizer.runs import StoredRun


def test_columns_align_with_chinese_in_them() -> None:
    # A Chinese character is two columns wide, so 滨江小学 is as wide as 8 letters.
    assert align([["滨江小学", "9"], ["Hill", "120"]], right=(1,)) == ["滨江小学    9", "Hill      120"]


def test_no_line_ends_in_a_space() -> None:
    assert align([["a", ""], ["b", "long"]], indent="  ") == ["  a", "  b  long"]


def test_nothing_aligned_is_no_line() -> None:
    assert align([]) == []


def test_a_name_cannot_steer_the_terminal() -> None:
    assert printable("\x1b[31mred\nline") == "\ufffd[31mred\ufffdline"


@pytest.mark.parametrize(
    ("number", "text"),
    [(1051.0, "1,051"), (0.5153, "0.515"), (None, ""), (float("nan"), ""), (float("inf"), "∞"), ("x", "x"), (-2, "-2")],
)
def test_numbers_are_written_for_people(number: object, text: str) -> None:
    assert write_number(number) == text


@pytest.mark.parametrize(("share", "text"), [(0.004, "0.4 %"), (0.0, "0.0 %"), (1.0, "100.0 %"), (0.00012, "0.012 %")])
def test_shares_are_per_cent(share: float, text: str) -> None:
    assert write_share(share) == text


def test_metres_are_whole() -> None:
    assert write_metres(1051.4) == "1,051 m"


def test_a_level_without_a_bound_is_told_without_one() -> None:
    level = {"value": 3.0, "bound": None, "gap": None}
    levels = [{"name": "overflow", **level}, {"name": "travel", **level}]
    record = {"status": "feasible", "mean_m": 500.0, "gap": None, "levels": levels, "mode": "entry", "seconds": {}}
    record |= {"interrupted": False, "decided": {"primary": 6}}
    told = tell_run(StoredRun(Path("base"), record, {}, (), {}), Voice("en"))
    assert told[:2] == [
        "Feasible, not proved best: 500 m on average (largest gap unknown).",
        "  Level children outside their catchment: 3",
    ]


@pytest.mark.parametrize(("bound", "told"), [(33.668, "34"), (33.0, "33"), (33.0 + 1e-9, "33")])
def test_a_bound_on_children_is_told_in_whole_children(bound: float, told: str) -> None:
    """Where at least 33.7 children change, at least 34 do."""
    level = {"name": "stability", "value": 84.0, "bound": bound, "gap": 0.6}
    record = {"status": "feasible", "mean_m": 500.0, "gap": 0.6, "levels": [level], "mode": "entry", "seconds": {}}
    record |= {"interrupted": False, "decided": {"primary": 6, "junior": 3}}
    lines = tell_run(StoredRun(Path("base"), record, {}, (), {}), Voice("zh"))
    assert lines[1:3] == [f"  招生范围调整涉及的学生数：84，不可能少于 {told}", "已安排学生：小学 6 人，初中 3 人。"]


def test_a_share_is_told_in_per_cent_and_a_unit_of_another_version_by_its_code() -> None:
    rows = [("utilisation", "share", 0.5), ("school_days", "day", 2.0)]
    index = pd.DataFrame(rows, columns=["index", "unit", "value"]).assign(scope="district", stage="primary")
    index = index.assign(target=float("nan"), passes="")
    stored = StoredRun(Path("base"), {"decided": {"primary": 6}}, {"indices": index}, (), {})
    told = [line.split()[-2:] for line in tabulate_indices(stored, Voice("en"))[1:]]
    assert told == [["50.0", "%"], ["2", "day"]]


def test_a_table_gives_its_reasons_in_the_language_of_the_reader() -> None:
    """The run was solved in English; the reason of a later version is left as it stands."""
    rows = pd.DataFrame({"unit_id": ["U1", "U2"], "reason": ["in English", "later"], "reason_code": ["full", "newer"]})
    stored = StoredRun(Path("base"), {}, {"changes": rows}, (), {})
    assert tabulate(stored, "changes", Voice("zh")) == ["小区  原因", "U1    原学校学位不足", "U2    later"]


def test_changes_say_how_much_farther_a_way_is():
    """What is nearer is below 0; a unit without a school until now has no number, and the stored table stays."""
    rows = pd.DataFrame({"unit_id": ["U1", "U2", "U3"], "metres_before": [500, 900, math.nan],
                         "metres_after": [1700, 800, 600], "unit_name": ["P", "Q", "R"]})  # fmt: skip
    told = tabulate(StoredRun(Path("base"), {}, {"changes": rows}, (), {}), "changes", Voice("en"))
    assert [line.split() for line in told[1:]] == [
        ["U1", "500", "1,700", "1,200", "P"], ["U2", "900", "800", "-100", "Q"], ["U3", "600", "R"]]  # fmt: skip
    assert "metres_farther" not in rows


def test_an_admission_year_is_told_as_a_calculation_and_what_stood_apart() -> None:
    record = {"status": "optimal", "mean_m": 500.0, "gap": 0.0, "levels": [], "mode": "entry", "seconds": {}}
    record |= {"interrupted": False, "decided": {"primary": 6}, "draft": True, "year": 2027}
    stood = Shortfall("places", "hard", "", "A", 120, 110, "students", inherited=True, breach=10, before=130)
    told = tell_run(StoredRun(Path("base"), record, {}, (stood,), {}), Voice("en"))
    assert told[1] == "A calculation for autumn 2027 (测算稿), not a decision."
    assert told[3:6] == [
        "Every rule is kept.",
        "Inherited, no worse than before this plan, 1 times:",
        "  A (all stages) holds 120 children; places: 110; 10 too many. It was 130 before this plan (inherited).",
    ]


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ([0, 4, 5], 5),
        ([4, 0], 4),
        ([5, 130, 3], 3),
        ([6, 70, 3], 70),
        ([130, 5], 130),
        ([0, 0], 0),
        ([], 0),
    ],
)
def test_the_gravest_of_several_scenarios_is_given(codes: list[int], code: int) -> None:
    assert gravest(Exit(each) for each in codes) == code


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "C", "XUEWEI_LANG": "zh"}, "zh"),
    ],
)
def test_the_language_is_that_of_the_locale(environment: dict[str, str], language: str) -> None:
    assert spoken_language(environment) == language


def test_a_short_run_says_nothing_where_nobody_looks_on() -> None:
    stream = io.StringIO()
    with Progress(stream, "en") as progress:
        progress.step("solve")
        progress.progress("travel", 12.0, 10.0, 1 / 6, 0.1)
    assert stream.getvalue() == ""


def test_a_long_run_says_incumbent_bound_and_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    progress = Progress(stream, "en")
    monkeypatch.setattr("optimizer.console.progress.time.monotonic", lambda: progress._began + 60)
    progress.progress("travel", 1234.5, 1200.0, 0.0279, 60.0)
    progress.progress("travel", 1230.0, 1200.0, 0.0244, 60.1)  # within the pause: not said
    assert stream.getvalue() == "travel in student-km: 1,234.5, bound 1,200, gap 2.8 % (60 s)\n"


def test_quiet_says_nothing_and_verbose_every_step() -> None:
    quiet, verbose = io.StringIO(), io.StringIO()
    Progress(quiet, "en", quiet=True, verbose=True).step("read")
    Progress(verbose, "zh", verbose=True).step("read")
    assert (quiet.getvalue(), verbose.getvalue()) == ("", "读入……\n")


def test_a_note_is_said_once_also_over_several_runs() -> None:
    stream, said = io.StringIO(), set[str]()
    for _ in range(2):
        progress = Progress(stream, "en", said=said)
        progress.note("export.map.no_font")
        progress.note("export.map.no_font")
    Progress(stream, "en", quiet=True).note("export.map.no_words")
    assert stream.getvalue().splitlines() == [find("export.map.no_font")]


def test_the_first_interrupt_asks_to_stop_and_the_old_handler_comes_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    progress = Progress(io.StringIO(), "en")
    with heeding_interrupts(progress):
        assert not progress.stopped()
        signal.raise_signal(signal.SIGINT)
        assert progress.stopped()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is before
