"""`--vary KEY=a,b,c` read as TOML reads it: keys with quotes, bare words, filters, and what cannot be meant."""

from typing import Any

import pytest

from optimizer.sweep.axes import UnclearAxis, read_axis


@pytest.mark.parametrize(
    ("stated", "path", "values"),
    [
        ("policy.class_size.cap.primary=35,40,45", ("policy", "class_size", "cap", "primary"), (35, 40, 45)),
        ("schools.S07.classrooms=24, 30", ("schools", "S07", "classrooms"), (24, 30)),
        ('schools."S.07".status=open,"closed"', ("schools", "S.07", "status"), ("open", "closed")),
        ("catchments.change=none,limited", ("catchments", "change"), ("none", "limited")),
        ("scenario=base,y2016", ("scenario",), ("base", "y2016")),
        ("schools.0101.places=1_000,0.5e3", ("schools", "0101", "places"), (1000, 500.0)),
        ("rules.strict=true,false", ("rules", "strict"), (True, False)),
        ("schools.S07.zone_id=0101,七区", ("schools", "S07", "zone_id"), ("0101", "七区")),
        (
            "objective.order=['travel'],['stability', 'travel']",
            ("objective", "order"),
            (["travel"], ["stability", "travel"]),
        ),
        (
            "policy.class_size.cap={primary=40, junior=45},{primary=45}",
            ("policy", "class_size", "cap"),
            ({"primary": 40, "junior": 45}, {"primary": 45}),
        ),
    ],
)
def test_keys_and_values_are_those_of_toml(stated: str, path: tuple[str, ...], values: tuple[Any, ...]) -> None:
    axis = read_axis(stated)
    assert axis.path == path
    assert axis.values == values


def test_values_are_shown_as_they_were_stated_text_without_quotes() -> None:
    assert read_axis("a.b=1_000,'x y',bare, [1,  2]").labels == ("1_000", "x y", "bare", "[1, 2]")


def test_equal_values_are_taken_once() -> None:
    assert read_axis("a.b=2,1,2,1.0,true").values == (2, 1, True)
    assert read_axis("a.b=x,'x'").values == ("x",)
    assert read_axis("a.b=1e400,-1e400,nan," + "9" * 400).values[:2] == (float("inf"), float("-inf"))


def test_children_are_scaled_row_by_row() -> None:
    assert read_axis("demand.scale=0.9,1").patch(0) == {"demand": [{"scale": 0.9}]}


def test_rows_of_children_are_named_in_brackets() -> None:
    axis = read_axis("demand[stage=primary, zone_id='Z=1'].set=10,20")
    assert axis.patch(1) == {"demand": [{"set": 20, "stage": "primary", "zone_id": "Z=1"}]}
    assert axis.key == "demand[stage=primary, zone_id='Z=1'].set"


def test_a_setting_of_the_section_demand_is_a_setting() -> None:
    assert read_axis("demand.capture.primary=0.9").patch(0) == {"demand": {"capture": {"primary": 0.9}}}


def test_the_scenario_leaves_no_override() -> None:
    axis = read_axis("scenario=base,2016")
    assert axis.values == ("base", "2016")
    assert axis.patch(1) == {}


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        ("policy.class_size.cap.primary", "no_values"),
        ("=1,2", "no_values"),
        ("a.b=", "no_values"),
        ("files.units=a.csv,b.csv", "no_files"),
        ("a.b=1,,2", "no_value"),
        ("a.b=" + "[" * 5000, "no_value"),
        ("a.b=1,\n c = 2", "no_value"),
        ("a.b=[1", "no_value"),
        ("a..b=1", "no_key"),
        ("a b=1", "no_key"),
        ("a = 0\nb=1", "no_value"),
        ("a.b]=1", "no_values"),
        ("a" + ".a" * 3000 + "=1", "no_key"),
        ("a.b=[0x" + "f" * 5000 + "]", "no_value"),
        ("demand[stage=primary].students=1", "no_rows"),
        ("demand[school=S1].scale=1", "no_filter"),
        ("demand[stage].scale=1", "no_filter"),
        ("demand[].scale=1", "no_filter"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(stated: str, why: str) -> None:
    with pytest.raises(UnclearAxis) as stop:
        read_axis(stated)
    assert stop.value.why == why
