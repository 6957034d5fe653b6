"""`solve --from RUN`: what was edited changes, and little else. Answers by hand on a row of twelve units.

    U1  U2  U3  U4  U5  U6  U7  U8  U9  U10 U11 U12     a kilometre each, 30 primary children in each
    A           B           C           D               A stands in U1, B in U4, C in U7, D in U10

The draft is the shortest plan, AABBBCCCDDDD: between two schools one unit is nearer to either. Profile `none`, mode
`whole`; every school has 120 places unless a test says otherwise.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from districts import demand_rows, school_row, unit_rows, write_instance

from cli import xuewei
from models.sentences import find
from models.watch import Silence
from optimizer.export import Drawn
from optimizer.pipeline import Options, solve_instance
from optimizer.runs import FaultyEdits, StoredRun, read_run

COLUMNS = ("unit_id", "stage", "school_id")
DRAWN = "AABBBCCCDDDD"
NOBODY_MOVES = [{"unit_id": f"U{k + 1}", "stage": "primary", "school_id": school} for k, school in enumerate(DRAWN)]


@pytest.fixture(autouse=True)
def without_a_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.export.draw_map", lambda folder, path: Drawn(path, ""))


class Notes(Silence):
    """Remembers what was noted."""

    def __init__(self) -> None:
        self.said: dict[str, dict[str, object]] = {}

    def note(self, key: str, **facts: object) -> None:
        self.said[key] = facts


def row(
    folder: Path, *, places: Sequence[int] = (120,) * 4, students: Mapping[str, int] | None = None, **more: Any
) -> Path:
    """Write the row of twelve units; `students` where they are not 30, `more` as of `write_instance`."""
    sites = zip("ABCD", (0.5, 3.5, 6.5, 9.5), places, strict=True)
    counts = [of | {"students": (students or {}).get(of["unit_id"], 30)} for of in demand_rows(12)]
    schools = [school_row(school, east, 0.5, places=most) for school, east, most in sites]
    return write_instance(folder, **{"units": unit_rows(12, 1), "demand": counts, "schools": schools} | more)


def solve(instance: Path, out: Path, start: Path | None = None, watch: Silence | None = None) -> StoredRun:
    options = Options(time_limit_s=None, work_limit=60)
    return read_run(
        solve_instance(instance, "base", options, out=out, force=True, start=start, watch=watch or Silence()).folder
    )


def edit(run: StoredRun, **schools: str) -> Path:
    """Change the catchments of a run as in a spreadsheet: `A+B` makes two rows, nothing deletes the row.

    A column of remarks comes first.
    """
    stored = run.tables["catchments"][list(COLUMNS)].to_numpy().tolist()
    held = {unit: school for unit, _, school in stored} | schools
    with (run.folder / "catchments.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("remark", *COLUMNS))
        for unit, named in held.items():
            writer.writerows(("", unit, "primary", school) for school in filter(None, named.split("+")))
    return run.folder


def letters(run: StoredRun) -> str:
    """The school of every unit, U1 first."""
    return "".join(run.tables["catchments"]["school_id"])


def revised(run: StoredRun) -> dict[str, tuple[str, str, str]]:
    """Rows of revisions.csv: from, to and why, by unit."""
    table = run.tables["revisions"][["unit_id", "from_school_id", "to_school_id", "reason_code"]]
    return {unit: (left, joined, reason) for unit, left, joined, reason in table.itertuples(index=False)}


def level(run: StoredRun, name: str) -> float:
    return next(each["value"] for each in run.record["levels"] if each["name"] == name)


def test_an_edit_is_held_and_nothing_else_moves(tmp_path: Path) -> None:
    instance, watch = row(tmp_path / "row"), Notes()
    draft = solve(instance, tmp_path / "draft")
    assert letters(draft) == DRAWN
    again = solve(instance, tmp_path / "again", edit(draft, U3="A"), watch)
    assert letters(again) == "AAABBCCCDDDD", "U3 is 1 km from B and 2 km from A, and was edited"
    assert revised(again) == {"U3": ("B", "A", "edited")}
    assert again.record["revision"] == {"scope": "near", "edited": 1}
    assert level(again, "travel") == pytest.approx(level(draft, "travel") + 30, rel=1e-3)
    assert watch.said["cli.run.edits_held"]["edits"] == "U3: B > A"


def test_what_an_edit_needs_follows(tmp_path: Path) -> None:
    """B takes three units: with U2 it gives one up, and C, beside it, has room for a fourth."""
    instance = row(tmp_path / "row", places=(120, 90, 120, 120))
    draft = solve(instance, tmp_path / "draft")
    again = solve(instance, tmp_path / "again", edit(draft, U2="B"))
    assert letters(again) == "ABBBCCCCDDDD"
    assert revised(again) == {"U2": ("A", "B", "edited"), "U5": ("B", "C", "follows")}
    assert level(again, "revisions") == 30, "U5; what was edited is held and costs nothing"
    assert again.status == "optimal"


SOFT = {"rules": {"places": "soft"}, "objective": {"order": ["shortage", "travel"]}}


def test_all_else_stays_though_it_could_be_better(tmp_path: Path) -> None:
    """D has only 60 places now, C has 30 free: U9 would go there, but the edit is at the other end of the row."""
    draft = solve(row(tmp_path / "row"), tmp_path / "draft")
    tight = row(tmp_path / "tight", places=(120, 120, 120, 60), settings=SOFT)
    assert letters(solve(tight, tmp_path / "free", draft.folder)) == "AABBBCCCCDDD", "nothing edited, everything open"
    kept = solve(tight, tmp_path / "kept", edit(draft, U3="A"))
    assert letters(kept) == "AAABBCCCDDDD"
    assert level(kept, "shortage") == 60


def test_the_whole_opens_where_the_neighbourhood_has_no_answer(tmp_path: Path) -> None:
    """A is full but for U2, B and C take three units each: U2 to B sends U5 to C, and C, no neighbour, U8 to D."""
    instance = row(tmp_path / "row", places=(60, 90, 90, 150))
    draft = solve(instance, tmp_path / "draft")
    again = solve(instance, tmp_path / "again", edit(draft, U2="B"))
    assert letters(again) == "ABBBCCCDDDDD"
    assert again.record["revision"] == {"scope": "all", "edited": 1}
    assert revised(again) == {
        "U2": ("A", "B", "edited"), "U5": ("B", "C", "follows"), "U8": ("C", "D", "follows")
    }  # fmt: skip


def test_a_unit_that_jumps_over_a_catchment_takes_those_between(tmp_path: Path) -> None:
    """U2 to C: B's U3 to U5 lie between, and B in U4; B would be cut off, so all of them go to C, 6 units in all."""
    instance = row(tmp_path / "row", places=(120, 120, 240, 120))
    draft = solve(instance, tmp_path / "draft")
    again = solve(instance, tmp_path / "again", edit(draft, U2="C"))
    assert letters(again) == "ACCCCCCCDDDD"
    assert again.record["revision"]["scope"] == "near"


def test_children_counted_anew_move_what_they_must(tmp_path: Path) -> None:
    """U3 has 60 children now: 120 for B's 90 places. A has none free, C has: U5 goes, U3 stays."""
    draft = solve(row(tmp_path / "row", places=(60, 90, 120, 120)), tmp_path / "draft")
    counted = row(tmp_path / "counted", places=(60, 90, 120, 120), students={"U3": 60})
    again = solve(counted, tmp_path / "again", draft.folder)
    assert letters(again) == "AABBCCCCDDDD"
    assert again.record["revision"] == {"scope": "near", "edited": 0}
    assert revised(again) == {"U5": ("B", "C", "follows")}


def test_a_decision_that_contradicts_the_draft_is_an_edit_too(tmp_path: Path) -> None:
    draft = solve(row(tmp_path / "row"), tmp_path / "draft")
    must = [{"unit_id": "U3", "stage": "primary", "school_id": "A", "rule": "must"}]
    tight = row(tmp_path / "tight", places=(120, 120, 120, 60), settings=SOFT, fixed=must)
    again = solve(tight, tmp_path / "again", draft.folder)
    assert letters(again) == "AAABBCCCDDDD"
    assert revised(again) == {"U3": ("B", "A", "fixed")}


def test_a_school_that_is_gone_and_a_unit_that_is_new(tmp_path: Path) -> None:
    """The draft knows U1-U11 and D; then D closes and U12 is built: all of D's go to C, over there nothing moves."""
    few = row(tmp_path / "few", units=unit_rows(11, 1), demand=demand_rows(11, 30))
    draft = solve(few, tmp_path / "draft")
    assert letters(draft) == DRAWN[:11]
    places = [school_row(s, x, 0.5, places=n) for s, x, n in (("A", 0.5, 120), ("B", 3.5, 120), ("C", 6.5, 240))]
    again = solve(row(tmp_path / "now", schools=places), tmp_path / "again", draft.folder)
    assert letters(again) == "AABBBCCCCCCC"
    assert {unit: why for unit, (_, _, why) in revised(again).items()} == dict.fromkeys(("U9", "U10", "U11"), "gone")


def test_without_edits_the_draft_is_the_plan(tmp_path: Path) -> None:
    instance, watch = row(tmp_path / "row"), Notes()
    draft = solve(instance, tmp_path / "draft")
    again = solve(instance, tmp_path / "again", edit(draft), watch)
    assert (letters(again), revised(again), watch.said) == (DRAWN, {}, {})
    assert again.record["revision"] == {"scope": "", "edited": 0}
    assert [each["name"] for each in again.record["levels"]] == ["travel"]


def test_a_count_of_the_whole_district_opens_it_and_moves_little(tmp_path: Path) -> None:
    """Every unit has 40 children now, and B places for two units of its three."""
    draft = solve(row(tmp_path / "row"), tmp_path / "draft")
    counted = row(tmp_path / "counted", places=(160, 80, 160, 160), students={f"U{k}": 40 for k in range(1, 13)})
    again = solve(counted, tmp_path / "again", draft.folder)
    assert again.record["revision"] == {"scope": "all", "edited": 0}
    # U3 to A or U5 to C, a kilometre more for 40 children either way
    assert len(revised(again)) == 1
    assert level(again, "revisions") == 40


def test_units_without_children_stay_in_the_draft_too(tmp_path: Path) -> None:
    """Nobody lives in U5, a kilometre from B and two from C. It was given to C once, and stays when C's U8 leaves."""
    instance = row(tmp_path / "row", places=(120, 120, 120, 150), students={"U5": 0})
    draft = solve(instance, tmp_path / "draft")
    assert letters(draft) == DRAWN
    second = solve(instance, tmp_path / "second", edit(draft, U5="C"))
    third = solve(instance, tmp_path / "third", edit(second, U8="D"))
    assert letters(third) == "AABBCCCDDDDD"
    assert revised(third) == {"U8": ("C", "D", "edited")}
    moved = solve(instance, tmp_path / "fourth", edit(third, U6="B"))
    assert letters(moved) == "AABBBBCDDDDD", "U5 lies between: it counts as one"
    assert level(moved, "revisions") == 1


def test_the_draft_of_another_year_is_only_a_start(tmp_path: Path) -> None:
    draft, watch = solve(row(tmp_path / "row"), tmp_path / "draft"), Notes()
    later = row(tmp_path / "later", settings={"instance": {"year": 2028}})
    again = solve(later, tmp_path / "again", edit(draft, U3="A"), watch)
    assert (letters(again), "revisions" in again.tables) == (DRAWN, False)
    assert set(watch.said) == {"cli.run.edits_not_held"}


# Divided units, shared catchments, the admission year


def test_a_divided_unit_stays_with_its_schools(tmp_path: Path) -> None:
    """B has 75 places: 15 of U3 go to A. The edit is elsewhere, and 15 stay 15."""
    instance = row(tmp_path / "row", places=(120, 75, 90, 240), settings={"catchments": {"indivisible": False}})
    draft = solve(instance, tmp_path / "draft")
    assert letters(draft) == "AAABBBCCCDDDD", "U3 has two rows"
    again = solve(instance, tmp_path / "again", edit_divided(draft, "U8", "D"))
    assert letters(again) == "AAABBBCCDDDDD"
    assert revised(again) == {"U8": ("C", "D", "edited")}
    seats = again.tables["assignments"].set_index(["unit_id", "school_id"])["students"]
    assert (seats["U3", "A"], seats["U3", "B"]) == (15, 15)


def edit_divided(run: StoredRun, unit: str, school: str) -> Path:
    """Change one row, where others share their unit."""
    path = run.folder / "catchments.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    changed = [f"{unit},primary,{school}" if line.startswith(f"{unit},") else line for line in lines]
    path.write_text("\n".join(changed), encoding="utf-8-sig")
    return run.folder


def entry(folder: Path, shared: str = "", **more: Any) -> Path:
    """The row in an admission year, today's catchments as DRAWN but that A and B share the unit `shared`."""
    current = [*NOBODY_MOVES, *[{"unit_id": shared, "stage": "primary", "school_id": "A"} for _ in shared[:1]]]
    settings = {
        "instance": {"mode": "entry"},
        "rules": {"overflow": "soft"},
        "catchments": {"change": "limited"},
        "objective": {"order": ["shortage", "overflow", "stability", "travel"]},
    }
    return row(folder, current=current, settings=settings, **more)


def test_in_an_admission_year_who_does_not_fit_the_edit_is_placed_elsewhere(tmp_path: Path) -> None:
    """U3 to A by hand: A has 60 places for U1 to U3, and gives none of them up: U1 is its own, U2 lies between."""
    instance = entry(tmp_path / "row", places=(60, 120, 120, 120))
    draft = solve(instance, tmp_path / "draft")
    assert letters(draft) == DRAWN
    again = solve(instance, tmp_path / "again", edit(draft, U3="A"))
    assert letters(again) == "AAABBCCCDDDD"
    assert (level(again, "overflow"), again.tables["coordination"]["students"].sum()) == (30, 30)
    assert revised(again) == {"U3": ("B", "A", "edited")}
    assert again.tables["changes"][["unit_id", "reason_code"]].to_numpy().tolist() == [["U3", "edited"]]


@pytest.mark.parametrize(("edits", "rule"), [({"U3": "A"}, "shared"), ({"U5": "C"}, "change")])
def test_what_is_shared_and_kept_follows_no_edit(tmp_path: Path, edits: Mapping[str, str], rule: str) -> None:
    """A and B share U3, so both their catchments stand."""
    instance = entry(tmp_path / "row", shared="U3")
    draft = solve(instance, tmp_path / "draft")
    assert letters(draft) == "AAABBBCCCDDDD", "U3 has two rows"
    again = solve(instance, tmp_path / "again", edit_divided(draft, *next(iter(edits.items()))))
    assert (again.status, again.diagnosis["reason"]["key"]) == ("infeasible", f"solve.edits.{rule}")


# Edits that no plan can keep


def region_rows() -> dict[str, Any]:
    """U1-U5 with A and B in the west, the others in the east."""
    units = [unit | {"region_id": "east" if k > 4 else "west"} for k, unit in enumerate(unit_rows(12, 1))]
    sites = (("A", 0.5, "west"), ("B", 3.5, "west"), ("C", 6.5, "east"), ("D", 9.5, "east"))
    return {
        "settings": {"rules": {"region": "hard"}},
        "units": units,
        "schools": [school_row(s, x, 0.5, region_id=of) for s, x, of in sites],
    }


def estate_rows() -> list[dict[str, Any]]:
    """U5, U6 and U7 are one estate, which C holds in the draft: it stands in U7."""
    return [unit | {"estate_id": "E" if unit["unit_id"] in ("U5", "U6", "U7") else ""} for unit in unit_rows(12, 1)]


APART = [{"unit_a": f"U{k}", "unit_b": f"U{k + 1}"} for k in range(1, 12) if k != 5]
MUST = [{"unit_id": "U3", "stage": "primary", "school_id": "B", "rule": "must"}]
IMPOSSIBLE: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "max_travel": (
        {"settings": {"policy": {"travel": {"max_m": {"primary": 2500}}}, "rules": {"max_travel": "hard"}}},
        {"U3": "C"},
        "U3 (primary) > C",
    ),
    "region": (region_rows(), {"U5": "C"}, "U5 (primary) > C"),
    "fixed": ({"fixed": MUST}, {"U3": "A", "U8": "D"}, "U3 (primary) > A"),
    "change": (
        {"settings": {"catchments": {"change": "none"}}, "current": NOBODY_MOVES}, {"U3": "A"}, "U3 (primary) > A"),
    "estate": (
        {"units": estate_rows(), "places": (240,) * 4},
        {"U5": "B", "U6": "D"},
        "U5 (primary) > B, U6 (primary) > D",
    ),
    "contiguous": ({"adjacency": APART}, {"U5": "C"}, "U5 (primary) > C"),
    "together": ({"places": (120, 90, 90, 120)}, {"U2": "B"}, "U2 (primary) > B"),
}  # fmt: skip


@pytest.mark.parametrize("rule", IMPOSSIBLE)
def test_edits_that_cannot_hold_are_named_with_the_rule(tmp_path: Path, rule: str) -> None:
    stated, edits, named = IMPOSSIBLE[rule]
    instance = row(tmp_path / "row", **stated)
    again = solve(instance, tmp_path / "again", edit(solve(instance, tmp_path / "draft"), **edits))
    assert again.status == "infeasible"
    assert (again.diagnosis["reason"]["key"], again.diagnosis["reason"]["facts"]["edits"]) == (
        f"solve.edits.{rule}", named)  # fmt: skip
    assert find(f"solve.edits.{rule}", "zh")


# Catchments that were edited into something else


@pytest.mark.parametrize(
    ("edits", "key", "facts"),
    [
        ({"U99": "A"}, "no_unit", {"row": 14, "unit": "U99"}),
        ({"U3": "S99"}, "no_school", {"row": 4, "school": "S99"}),
        ({"U3": "J"}, "not_taking", {"row": 4, "school": "J"}),
        ({"U3": ""}, "no_row", {"unit": "U3", "school": "B"}),
        ({"U3": "A+B"}, "several", {"unit": "U3", "schools": "A+B"}),
    ],
)
def test_catchments_that_are_none_are_refused(
    tmp_path: Path, edits: Mapping[str, str], key: str, facts: Mapping[str, object]
) -> None:
    schools = [school_row(s, x, 0.5, places=120) for s, x in (("A", 0.5), ("B", 3.5), ("C", 6.5), ("D", 9.5))]
    instance = row(tmp_path / "row", schools=[*schools, school_row("J", 5.5, 0.5, kind="junior")])
    folder = edit(solve(instance, tmp_path / "draft"), **edits)
    with pytest.raises(FaultyEdits) as raised:
        solve(instance, tmp_path / "again", folder)
    ((found, said),) = raised.value.findings
    assert (found, said | facts) == (key, said)
    for language in ("en", "zh"):
        result = CliRunner().invoke(xuewei, ["--lang", language, "solve", str(instance), "--from", str(folder),
                                             "--out", str(tmp_path / "out")])  # fmt: skip
        assert (result.exit_code, "catchments.csv" in result.stderr, "U" in result.stderr) == (2, True, True)
    assert not (tmp_path / "out").exists()


def test_what_a_spreadsheet_leaves_behind_is_no_edit(tmp_path: Path) -> None:
    """Saved without BOM, with an empty column, an empty row in the middle and two at the end; U3 goes to A.

    U11, below the empty row 5, is given to nobody known: its row is 13 in the file.
    """
    instance = row(tmp_path / "row")
    folder = edit(solve(instance, tmp_path / "draft"), U3="A", U11="S99")
    file = folder / "catchments.csv"
    lines = [f"{line}," for line in file.read_text(encoding="utf-8-sig").split()]
    file.write_text("\r\n".join([*lines[:4], ",,,", *lines[4:], ",,,", ",,,", ""]), encoding="utf-8", newline="")
    with pytest.raises(FaultyEdits) as raised:
        solve(instance, tmp_path / "again", folder)
    assert [(key, said["row"], said["school"]) for key, said in raised.value.findings] == [("no_school", 13, "S99")]
    file.write_text(file.read_text(encoding="utf-8").replace("S99", "D"), encoding="utf-8")
    notes = Notes()
    solve(instance, tmp_path / "again", folder, notes)
    assert notes.said["cli.run.edits_held"]["edits"] == "U3: B > A"


def test_a_run_without_what_was_drawn_tells_no_edit(tmp_path: Path) -> None:
    instance = row(tmp_path / "row")
    draft = solve(instance, tmp_path / "draft")
    (draft.folder / "drawn.csv").unlink()
    result = CliRunner().invoke(xuewei, ["solve", str(instance), "--from", str(draft.folder), "--out", str(tmp_path)])
    assert (result.exit_code, "drawn.csv" in result.stderr) == (2, True)
