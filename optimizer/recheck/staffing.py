"""Posts and postings as tables: everyone has one, every post is one that the classes need, and no pool has too many."""

from collections.abc import Iterator

import numpy as np

from models.district import Floats
from models.placement import rows_of
from models.staffed import Staffed
from models.stages import SERVES, STAGES
from optimizer.recheck.inherited import weigh_excess
from optimizer.recheck.pools import holds_post, pool_of_school, pools_of, posts_approved, staff_planned, staff_today
from optimizer.recheck.registry import Breach, count_by_school, staff_rule
from optimizer.recheck.standing import goes_home, leaves_staff
from optimizer.recheck.weeks import fill_posts

MOVES = ("rotation", "support", "cross_school", "coordinated", "return")
"""Forms of a posting at another legal school."""
_EXACT = 1e-3
"""Posts that are told may differ from those counted by so much."""
_FILLED = 6e-3
"""A post may be told as filled that lacks so little."""


@staff_rule("postings")
def judge_everyone(staffed: Staffed) -> Iterator[Breach]:
    """Everyone has one posting, which starts where he works today."""
    ids = np.array([*staffed.district.schools.ids, ""], dtype=object)
    rows = staffed.staff.postings["teacher_id"].value_counts()
    counts = rows.reindex(list(staffed.teachers.ids), fill_value=0).to_numpy()
    elsewhere = (counts > 0) & (staffed.listed("from_school_id") != ids[staffed.before])
    for kind, wrong in (
        ("unknown", ~rows.index.isin(staffed.teachers.ids)),
        ("missing", counts == 0),
        ("twice", counts > 1),
        ("from", elsewhere),
    ):
        if wrong.any():
            yield Breach("", "", int(wrong.sum()), 0, "teachers", int(wrong.sum()), kind)


@staff_rule("postings")
def judge_destinations(staffed: Staffed) -> Iterator[Breach]:
    """Whoever takes a new post takes it at an open public school of the same pool that teaches the stage.

    Those who go home go to whichever pool they come from.
    """
    to = staffed.listed("to_school_id")
    for school in dict.fromkeys(to[(to != "") & (staffed.after < 0)]):
        count = int((to == school).sum())
        yield Breach("", str(school), count, 0, "teachers", count, "school")
    schools, after, stage = staffed.district.schools, staffed.after, staffed.stage_after
    serves = np.array([[held in SERVES[kind] for held in STAGES] for kind in schools.types], dtype=bool)
    taught = np.array([status == "open" for status in schools.status])[:, None] & (serves | (staffed.class_count > 0))
    receives = taught & ~schools.private[:, None]
    new = (after >= 0) & ((after != staffed.before) | (stage != staffed.stage_before)) & ~goes_home(staffed)
    yield from count_by_school(staffed, new & ((stage < 0) | ~receives[after, stage]), "receiving", at=after)
    pool = np.array(pool_of_school(staffed.district), dtype=object)
    abroad = staffed.moved & ~goes_home(staffed) & (pool[staffed.before] != pool[after])
    yield from count_by_school(staffed, abroad, "pool")


@staff_rule("postings")
def judge_forms(staffed: Staffed) -> Iterator[Breach]:
    """`moved` and `form` say what the schools say: another legal school, or not; a move takes effect on 1 September."""
    working, posted, form = staffed.before >= 0, staffed.after >= 0, staffed.form
    said = staffed.listed("moved").astype(bool)
    yield from count_by_school(staffed, said != staffed.moved, "moved")
    stays = working & posted & ~staffed.moved
    wrong = (
        (stays & (form != "stay")) | (staffed.moved & ~np.isin(form, MOVES)) | (~working & posted & (form != "recruit"))
    )
    yield from count_by_school(staffed, wrong, "form")
    start = f"{staffed.district.settings.instance.year}-09-01"
    on_time = np.array([str(day).startswith(start) for day in staffed.listed("effective")], dtype=bool)
    yield from count_by_school(staffed, (staffed.moved | (~working & posted)) & ~on_time, "effective")


@staff_rule("postings")
def judge_leavers(staffed: Staffed) -> Iterator[Breach]:
    """Those who retire leave the staff, and nobody else who works today."""
    retires, posted = leaves_staff(staffed), staffed.after >= 0
    yield from count_by_school(staffed, retires & posted, "retired")
    yield from count_by_school(staffed, (staffed.before >= 0) & ~retires & ~posted, "dropped")


@staff_rule("postings")
def judge_principals(staffed: Staffed) -> Iterator[Breach]:
    """No legal school loses its only principal, nor has two in the end, unless so many work there or come home."""
    principal = staffed.teachers.is_one_of("role", "principal")
    today, planned = (staffed.legal[school[principal]] for school in (staffed.before, staffed.after))
    home, retires = goes_home(staffed)[principal], leaves_staff(staffed)[principal]
    unmoved = np.where(home, staffed.legal[staffed.teachers.home_school[principal]], np.where(retires, "", today))
    for school in dict.fromkeys(school for school in (*today, *planned) if school):
        held, stood = int((planned == school).sum()), int((today == school).sum())
        most = max(1, stood, int((unmoved == school).sum()))
        if held > most:
            yield Breach("", school, held, most, "teachers", held - most, "principals")
        if not held and ((today == school) & ~home & ~retires).any():
            yield Breach("", school, 0, 1, "teachers", 1, "principal")


@staff_rule("staff_quota")
def judge_quota(staffed: Staffed) -> Iterator[Breach]:
    """Staff with an approved post in p ≤ quota[p]   for every pool p; what today is above it is inherited."""
    counted = holds_post(staffed)
    held, before = staff_planned(staffed, counted), staff_today(staffed, counted)
    each = zip(pools_of(staffed.district), held.tolist(), posts_approved(staffed), before.tolist(), strict=True)
    for pool, staff, quota, today in each:
        if staff > quota:
            yield weigh_excess(Breach("", pool, staff, quota, "teachers", staff - quota), today)


@staff_rule("staff_need")
def judge_posts(staffed: Staffed) -> Iterator[Breach]:
    """required[j,s,q] is what the classes need, and vacant = required - filled, none of them below 0."""
    table = staffed.staff.posts
    told, counted = _told(staffed, "required"), staffed.required
    for j, s, q in np.argwhere(np.abs(told - counted) > _EXACT):
        yield Breach(STAGES[s], staffed.district.schools.ids[j], told[j, s, q], counted[j, s, q], "posts",
                     abs(told[j, s, q] - counted[j, s, q]), "required", staffed.subjects[q])  # fmt: skip
    sums = (table["required"] - table["filled"] - table["vacant"]).abs() > _EXACT
    for row in rows_of(table[sums | (table[["required", "filled", "vacant"]] < -_EXACT).any(axis=1)]):
        yield Breach(row.stage, row.school_id, row.vacant, row.required - row.filled, "posts",
                     abs(row.vacant - row.required + row.filled), "vacant", row.subject)  # fmt: skip
    unknown = table[["school_id", "stage", "subject"]].apply(tuple, axis=1)
    for key in unknown[~unknown.isin(_cells(staffed))]:
        yield Breach(key[1], key[0], 1, 0, "posts", 0, "unknown", key[2])


@staff_rule("staff_need")
def judge_weeks(staffed: Staffed) -> Iterator[Breach]:
    """Σ_q filled[j,s,q] can be taught by those who are posted there, or lent by schools that share posts (走教)."""
    schools = staffed.district.schools
    for cluster in fill_posts(staffed, staffed.after, staffed.stage_after, np.maximum(0.0, _told(staffed, "filled"))):
        if cluster.asked > cluster.most + _FILLED * cluster.parts:
            where = ", ".join(schools.ids[school] for school in cluster.schools)
            yield Breach(STAGES[cluster.stage], where, cluster.asked, cluster.most, "posts",
                         cluster.asked - cluster.most, "filled")  # fmt: skip


def _told(staffed: Staffed, column: str) -> Floats:
    """Return a column of `posts` by school, stage and subject; rows of what the district does not know are left out."""
    cells, table = _cells(staffed), staffed.staff.posts
    posts = np.zeros(len(cells))
    keys = zip(table["school_id"], table["stage"], table["subject"], strict=True)
    for key, number in zip(keys, table[column], strict=True):
        if key in cells:
            posts[cells[key]] += number
    return posts.reshape(staffed.required.shape)


def _cells(staffed: Staffed) -> dict[tuple[str, str, str], int]:
    """Position of every school, stage and subject in a flattened array of posts."""
    each = [(school, stage, q) for school in staffed.district.schools.ids for stage in STAGES for q in staffed.subjects]
    return {key: position for position, key in enumerate(each)}
