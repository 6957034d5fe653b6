"""Why posts cannot be decided: sums first, then rules that cannot hold together, then what would make a plan."""

from models.diagnosis import Diagnosis
from optimizer.diagnose.conflict import find_conflict
from optimizer.diagnose.posts.case import PostsCase
from optimizer.diagnose.posts.counts import count_posts
from optimizer.diagnose.posts.decide import decide_posts
from optimizer.diagnose.posts.repair import repair_posts, slice_of
from optimizer.solve.effort import Effort

CONFLICT_SHARE = 0.4
"""Of the effort, at most, for the conflict; the rest is for repairs."""


def diagnose_posts(case: PostsCase, effort: Effort) -> Diagnosis:
    """Return what is short of teachers and, where posts cannot be decided, the rules at fault and their repairs."""
    f = case.formulate()
    counts = count_posts(f)
    proving = [count for count in counts if count.proves]
    possible = False if proving else decide_posts(f, slice_of(effort), case.workers).possible
    if possible:
        return Diagnosis(True, counts)
    suspects = proving[0].rules if proving else ()
    part = effort.rest(CONFLICT_SHARE)

    def holds(rules: frozenset[str]) -> bool | None:
        if part.over:
            return None
        return decide_posts(case.keeping(rules).formulate(), slice_of(part), case.workers).possible

    conflict = find_conflict(case.hard, holds, suspects)
    repairs = repair_posts(case, effort, conflict.rules if conflict is not None else ())
    return Diagnosis(possible, counts, conflict, repairs, complete=not (part.over or effort.over))
