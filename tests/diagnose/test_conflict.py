"""Rules that cannot hold together: a set that has a plan without any one of them, and no more rules than that takes."""

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.diagnosis import Conflict
from optimizer.diagnose.conflict import Holds, find_conflict

RULES = ("region", "contiguous", "max_travel", "classrooms", "class_size", "places")


def holds_but(*clashes: Collection[str]) -> Holds:
    """A plan keeps some rules unless they contain one of the clashes."""
    return lambda kept: not any(set(clash) <= kept for clash in clashes)


@given(st.lists(st.sets(st.sampled_from(RULES), min_size=1), min_size=1, max_size=4), st.sets(st.sampled_from(RULES)))
def test_the_set_clashes_and_none_of_its_rules_can_be_spared(clashes: list[set[str]], suspects: set[str]) -> None:
    holds = holds_but(*clashes)
    found = find_conflict(RULES, holds, tuple(suspects))
    assert found is not None and found.minimal
    assert not holds(frozenset(found.rules))
    assert all(holds(frozenset(found.rules) - {rule}) for rule in found.rules)


def test_of_two_clashes_the_one_whose_rules_are_tried_last_is_told() -> None:
    found = find_conflict(RULES, holds_but({"region", "places"}, {"classrooms", "class_size"}))
    assert found == Conflict(("classrooms", "class_size"), minimal=True)


def test_suspects_that_do_not_clash_by_themselves_are_no_clue() -> None:
    found = find_conflict(RULES, holds_but({"region", "places"}), ("classrooms", "class_size"))
    assert found == Conflict(("region", "places"), minimal=True)


@pytest.mark.parametrize("answer", [True, None])
def test_without_a_proof_there_is_no_conflict(answer: bool | None) -> None:
    assert find_conflict(RULES, lambda kept: answer) is None


def test_a_rule_that_was_not_shown_to_be_needed_makes_the_set_no_minimum() -> None:
    """Places alone clash, but nothing was found out of the rules without contiguity."""
    found = find_conflict(RULES, lambda kept: None if "contiguous" not in kept else "places" not in kept)
    assert found == Conflict(("contiguous", "places"), minimal=False)
