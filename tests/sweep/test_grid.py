"""The grid: every combination in the order given, short titles, and which plan each point begins from."""

import pytest

from optimizer.sweep.axes import UnclearAxis, read_axis
from optimizer.sweep.grid import Grid, make_grid


def grid(*stated: str, scenario: str = "base") -> Grid:
    return make_grid([read_axis(each) for each in stated], scenario)


def test_the_last_key_varies_fastest_and_folders_are_numbers() -> None:
    points = grid("policy.class_size.cap.primary=35,40", "schools.S07.classrooms=24,30,36").points
    assert [point.name for point in points] == ["001", "002", "003", "004", "005", "006"]
    assert points[3].variation.title == {
        "en": "cap.primary = 40, S07.classrooms = 24",
        "zh": "班额上限 小学 = 40, S07 教室数 = 24",
    }
    assert points[3].variation.patch == {
        "policy": {"class_size": {"cap": {"primary": 40}}},
        "schools": {"S07": {"classrooms": 24}},
    }


def test_each_point_begins_from_its_neighbour_one_step_lower() -> None:
    # 001 002 003      each row goes on from its left neighbour,
    # 004 005 006      the first of a row from the one above
    assert [point.after for point in grid("a.b=1,2", "c.d=1,2,3").points] == ["", "001", "002", "001", "004", "005"]


def test_short_keys_are_as_long_as_it_takes_to_tell_them_apart() -> None:
    assert grid("policy.class_size.cap.primary=1", "policy.school_size.cap.primary=2").short_keys == (
        "class_size.cap.primary",
        "school_size.cap.primary",
    )
    assert grid("schools.S1.places=1", "scenario=base").short_keys == ("S1.places", "scenario")
    assert grid("demand[stage=primary].scale=1").short_keys == ("demand[stage=primary].scale",)


def test_the_scenario_may_vary_too() -> None:
    points = grid("scenario=base,kept", "schools.S1.places=1,2", scenario="other").points
    assert [point.scenario for point in points] == ["base", "base", "kept", "kept"]
    assert points[2].variation.patch == {"schools": {"S1": {"places": 1}}}
    assert grid("schools.S1.places=1", scenario="other").points[0].scenario == "other"


def test_changes_of_children_follow_each_other() -> None:
    points = grid("demand[stage=primary].scale=0.9,1.1", "demand[stage=junior].scale=0.8").points
    assert points[1].variation.patch == {
        "demand": [{"scale": 1.1, "stage": "primary"}, {"scale": 0.8, "stage": "junior"}]
    }


def test_the_star_holds_every_value() -> None:
    star = [point.position for point in grid("a.b=1,2,3", "c.d=1,2").star()]
    assert star == [(0, 0), (1, 0), (2, 0), (0, 1)]


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        (("a.b=1", "a.b=2"), "same_key"),
        (("policy.class_size.cap={primary=40}", "policy.class_size.cap.primary=1"), "same_key"),
        (("demand.scale=1", "demand.capture.primary=1"), "two_demands"),
    ],
)
def test_two_keys_that_speak_of_the_same_are_refused(stated: tuple[str, str], why: str) -> None:
    with pytest.raises(UnclearAxis) as stop:
        grid(*stated)
    assert stop.value.why == why
