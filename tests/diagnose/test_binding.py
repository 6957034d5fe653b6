"""What binds in a plan of the row of four units: A in U1, B in U4, one kilometre between neighbouring units."""

import numpy as np
from admission import at_home, make_entry_district, make_entry_plan
from builders import make_district, make_plan, make_schools, make_travel, make_units

from optimizer.diagnose.binding import find_bindings, stand


def bound(district, schools, **tables):
    travel = make_travel(district)
    return found(find_bindings(stand(district, travel, make_plan(district, travel, schools, **tables))))


def found(bindings):
    return [(b.rule, b.kind, b.where, b.stage, b.value, b.limit, b.inherited) for b in bindings]


def places(a, b):
    return make_schools(places=np.array([a, b], dtype=float))


def test_places_bind_where_the_next_unit_that_has_the_school_nearer_no_longer_fits():
    """U2 has A nearer and goes to B: 30 children on 59 places leave 29, one too few; on 60 it could simply come."""
    full = ("places", "", "A", "", 30, 59, False)
    assert bound(make_district(schools=places(59, 120)), "ABBB") == [full]
    assert bound(make_district(schools=places(60, 120)), "ABBB") == []


def test_a_full_school_that_nobody_has_nearer_binds_nothing():
    assert bound(make_district(schools=places(60, 60)), "AABB") == []


def test_an_estate_comes_as_a_whole():
    """U2 and U3 are one estate of 60, half of which has A nearer: 70 places leave 40."""
    units = make_units(estate=("", "E", "E", ""))
    district = make_district(units=units, schools=places(70, 120))
    assert bound(district, "ABBB") == [("places", "", "A", "", 30, 70, False)]


def test_what_is_forbidden_is_no_wish():
    """U2 must go to B."""
    district = make_district(schools=places(30, 120), fixed=[("U2", "B", "must")])
    assert bound(district, "ABBB") == []


def test_a_size_that_a_school_may_not_outgrow_binds():
    """30 children of U1 and as many of U2 would be 60."""
    size = {"school_size": {"cap": {"primary": 59}}}
    district = make_district(schools=places(120, 120), policy=size, rules={"school_size": "hard"})
    assert bound(district, "ABBB") == [("school_size", "", "A", "", 30, 59, False)]


def test_a_ceiling_binds_where_the_longest_way_comes_near_it():
    policy, rules = {"travel": {"max_m": {"primary": 2010.0}}}, {"max_travel": "hard"}
    district = make_district(policy=policy, rules=rules, schools=places(60, 90))
    assert bound(district, "ABBB") == [("max_travel", "", "", "primary", 2000.0, 2010.0, False)]


def test_a_share_that_may_change_binds_where_the_next_unit_may_not_go():
    """Today all but U4 belong to B. 30 of 120 may change; U1 did, and U2 would rather do so too."""
    district = make_district(
        schools=places(120, 120),
        current={"U1": "B", "U2": "B", "U3": "B", "U4": "B"},
        catchments={"change": "limited"},
        policy={"stability": {"max_share": 0.25}},
        rules={"stability": "hard"},
        objective={"order": ["travel"]},
    )
    assert bound(district, "ABBB") == [("stability", "", "", "", 30, 30, False)]


def of_entry(district, catchments):
    travel = make_travel(district)
    classes = [("A", 1), ("B", 3)]
    plan = make_entry_plan(district, travel, at_home(district, catchments), catchments=catchments, classes=classes)
    return found(find_bindings(stand(district, travel, plan)))


CATCHMENTS = {"U1": "A", "U2": "B", "U3": "B", "U4": "B"}


def entry(rooms, policy=None, **more):
    """40 children enter from each unit; a class holds 40, and 5 classes continue at each school."""
    return make_entry_district(
        students={"local": (40,) * 4},
        schools=make_schools(places=np.full(2, np.nan), classrooms=np.array([rooms, 30.0])),
        policy=policy or {"class_size": {"cap": {"primary": 40}}},
        rules={"class_size": "hard", "classrooms": "hard", "tracks": "off"} | more,
        catchments={"change": "free"},
        objective={"order": ["overflow", "travel"]},
    )


def test_rooms_bind_with_the_classes_in_them():
    """A class more of 40 would open at A for U2: in 6 rooms there are 6 classes, in 7 there is one room left."""
    assert of_entry(entry(6.0), CATCHMENTS) == [
        ("classrooms", "", "A", "", 6, 6, False),
        ("class_size", "", "A", "primary", 40, 40, False),
    ]
    assert of_entry(entry(7.0), CATCHMENTS) == []


def test_what_stood_before_is_marked_as_inherited():
    """Last year A ran six classes in its five rooms, and may run as many again."""
    assert of_entry(entry(5.0), CATCHMENTS)[0] == ("classrooms", "inherited", "A", "", 6, 6, True)


def test_tracks_bind():
    """Six grades share the rooms of A: 12 are two tracks, of which one is free; 6 are one, and it is taken."""
    tracks = entry(12.0, tracks="hard")
    assert of_entry(tracks, CATCHMENTS) == []
    assert ("tracks", "", "A", "primary", 1, 1, False) in of_entry(entry(6.0, tracks="hard"), CATCHMENTS)


def test_a_share_of_small_classes_binds_where_not_one_may_be_larger():
    """All four classes hold 40: as many as must, where all must; one more than must of three quarters."""
    for share, told in ((1.0, [("small_classes", "", "", "", 4, 4, False)]), (0.75, [])):
        targets = {"class_size": {"cap": {"primary": 45}, "targets": [{"max_size": 40, "share": share}]}}
        district = entry(30.0, policy=targets, small_classes="hard")
        assert [each for each in of_entry(district, CATCHMENTS) if each[0] == "small_classes"] == told
