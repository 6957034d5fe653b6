"""A small set of rules that cannot hold together, by deletion: take one out, and see whether the rest still cannot."""

from collections.abc import Callable, Sequence

from models.diagnosis import Conflict

Holds = Callable[[frozenset[str]], bool | None]
"""Whether a plan keeps these rules, all others being off: True with a plan, False with a proof, None without either."""


def find_conflict(rules: Sequence[str], holds: Holds, suspects: Sequence[str] = ()) -> Conflict | None:
    """Return rules that cannot hold together; None where all of them can, or nothing could be shown.

    `rules` are tried for deletion in their order: those that a planner would name come last. `suspects` are rules that
    a sum has shown to contradict each other; where they do, no other is looked at. The set is minimal where for each
    of its rules a plan was found that keeps the others: what is taken out later only makes it easier to find.
    """
    among = [rule for rule in rules if rule in suspects]
    if not among or holds(frozenset(among)) is not False:
        among = list(rules)
        if holds(frozenset(among)) is not False:
            return None
    minimal = True
    for rule in tuple(among):
        others = [other for other in among if other != rule]
        answer = holds(frozenset(others))
        if answer is False:
            among = others
        minimal = minimal and answer is not None
    return Conflict(tuple(among), minimal)
