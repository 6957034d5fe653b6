"""Numbers in instance.toml: what cannot be meant is a fault that names its key, and what is let through is solved."""

from pathlib import Path
from typing import Any

import districts as d
import pytest

from models.faults import Fault
from models.watch import Silence
from optimizer.checks import check_source
from optimizer.export import Drawn
from optimizer.io import read_source
from optimizer.pipeline import Options, solve_instance

HUGE = "1" + "0" * 22

ABSURD = [
    ("instance", "year", HUGE),
    ("instance", "year", "-1"),
    ("instance", "enrolment_year", "0"),
    ("policy", "class_size.cap.primary", HUGE),
    ("policy", "class_size.cap.primary", "1e22"),
    ("policy", "class_size.cap.primary", "nan"),
    ("policy", "class_size.cap.primary", "-45"),
    ("policy", "class_size.cap.primary", "0"),
    ("policy", "class_size.ceiling", HUGE),
    ("policy", "school_size.cap.primary", HUGE),
    ("policy", "places_scale", "1e22"),
    ("policy", "places_scale", "nan"),
    ("policy", "reserve_share", "nan"),
    ("policy", "tracks.horizon", HUGE),
    ("policy", "travel.max_m.primary", "1e22"),
    ("policy", "travel.max_m.primary", "inf"),
    ("policy", "travel.target_m.primary", "-1.0"),
    ("policy", "stability.max_share", "nan"),
    ("policy", "rotation.tenure_years", HUGE),
    ("policy", "balance.cv_max.primary", "1e22"),
    ("objective", "tolerance.travel", "nan"),
]


def faults(folder: Path) -> tuple[Fault, ...]:
    return check_source(read_source(folder)).faults


def write(folder: Path, section: str, line: str) -> Path:
    """The grid with one line more in a section, in place of one that states the same key."""
    path = d.write_instance(folder) / "instance.toml"
    key = line.partition(" =")[0]
    kept = [held for held in path.read_text(encoding="utf-8").splitlines() if not held.startswith(f"{key} =")]
    kept.insert(kept.index(f"[{section}]") + 1, line)
    path.write_text("\n".join(kept), encoding="utf-8")
    return folder


@pytest.mark.parametrize(("section", "key", "value"), ABSURD)
def test_an_absurd_number_is_a_fault_at_its_key(tmp_path: Path, section: str, key: str, value: str) -> None:
    found = faults(write(tmp_path, section, f"{key} = {value}"))
    assert [(fault.code, fault.column) for fault in found] == [("S103", f"{section}.{key}")]


@pytest.mark.parametrize("size", [HUGE, "9223372036854775807", "-1"])
def test_an_absurd_target_is_a_fault(tmp_path: Path, size: str) -> None:
    found = faults(write(tmp_path, "policy", f"class_size.targets = [{{ max_size = {size}, share = 0.5 }}]"))
    assert [(fault.code, fault.column) for fault in found] == [("S103", "policy.class_size.targets.0.max_size")]


def test_a_number_of_too_many_digits_is_a_fault(tmp_path: Path) -> None:
    assert [fault.code for fault in faults(write(tmp_path, "instance", "year = " + "9" * 5000))] == ["F102"]


@pytest.mark.parametrize("metres", ["1e300", "1e22"])
def test_absurd_metres_are_a_fault(tmp_path: Path, metres: str) -> None:
    travel = [{"unit_id": f"U{u}", "school_id": "S1", "metres": metres if u == 4 else 100} for u in range(1, 10)]
    found = faults(d.write_instance(tmp_path, settings={"travel": {"method": "matrix"}}, travel=travel))
    assert [(fault.code, fault.row, fault.column) for fault in found] == [("T118", 5, "metres")]


@pytest.mark.parametrize(
    "line",
    [
        "class_size.cap.primary = 1_000_000",
        "class_size.targets = [{ max_size = 1_000_000, share = 1.0 }]",
        "school_size.cap.primary = 1_000_000",
        "travel.max_m.primary = 1e8",
        "places_scale = 1000.0",
        "reserve_share = 1.0",
    ],
)
def test_the_largest_numbers_are_solved(tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.export.draw_map", lambda folder, path: Drawn(path, ""))
    folder = write(tmp_path / "in", "policy", line)
    options = Options(work_limit=200)
    solved = solve_instance(folder, "base", options, out=tmp_path, force=False, start=None, watch=Silence())
    assert solved.run.outcome.status == "optimal"


@pytest.mark.parametrize(
    ("stated", "chinese", "english"),
    [
        ({"district": {"zh": "滨河区", "en": "Binhe"}, "title": "A title"}, "滨河区", "Binhe"),
        ({"district": {"zh": "滨河区"}, "title": "A title"}, "滨河区", "滨河区"),
        ({"district": "滨河区"}, "滨河区", "滨河区"),
        ({"district": {}, "title": "A title"}, "A title", "A title"),
        ({}, "grid", "grid"),
    ],
)
def test_a_district_is_called_as_the_language_has_it(tmp_path: Path, stated: Any, chinese: str, english: str) -> None:
    settings = read_source(d.write_instance(tmp_path, settings={"instance": stated})).settings
    assert settings is not None
    assert (settings.instance.called("zh"), settings.instance.called("en")) == (chinese, english)
