"""Posts (岗位) against what classes need, and staff against the quota (编制): how many, and what is short."""

import numpy as np
import pandas as pd

from models.district import Floats
from models.placement import Placement
from models.staffed import Staffed
from models.stages import STAGES
from optimizer.indices.registry import Index, View, divide, index, zero
from optimizer.recheck.pools import holds_post, posts_approved, posts_by_ratio, staff_planned, staff_today
from optimizer.recheck.weeks import fill_posts

_SIZES = (40, 35)
"""Class sizes at which the staff that the ratio leaves is always shown, besides the cap of each stage."""
_MOST_SUBJECTS = 5
"""Subjects whose lessons are told, those with the most first."""


@index("posts_required", "posts", "neither", scope="overall")
def compute_posts_required(view: View) -> float:
    """Posts that the classes need, in decimals: Σ classes · weekly lessons / lessons of a full post."""
    return float(_posts(view)["required"].sum())


@index("posts_filled", "posts", "neither", scope="overall")
def compute_posts_filled(view: View) -> float:
    """Posts filled by the staff where the plan posts it."""
    return float(_posts(view)["filled"].sum())


@index("posts_vacant", "posts", "lower", scope="overall", target=zero)
def compute_posts_vacant(view: View) -> float:
    """Posts required - posts filled."""
    return float(_posts(view)["vacant"].sum())


@index("posts_vacant_before", "posts", "neither", scope="overall")
def compute_posts_vacant_before(view: View) -> float:
    """Posts required - the most that today's staff could fill where it works today, those who retire included."""
    staffed, columns = view.staffed, [STAGES.index(stage) for stage in view.stages]
    asked = np.zeros_like(staffed.required)
    asked[:, columns] = staffed.required[:, columns]
    held = fill_posts(staffed, staffed.before, staffed.stage_before, asked)
    return float(sum(cluster.asked - cluster.most for cluster in held))


@index("posts_per_class", "posts a class", "neither")
def compute_posts_per_class(view: View) -> float:
    """Posts required / classes of public schools."""
    public = ~view.placement.district.schools.private
    column = STAGES.index(view.stages[0])
    staffed = view.staffed
    return divide(float(staffed.required[:, column].sum()), float(staffed.class_count[public, column].sum()))


@index("staff", "teachers", "neither", scope="pool")
def compute_staff(view: View) -> Floats:
    """Staff of the pool with an approved post, as the plan posts it; the re-engaged (银龄) hold none."""
    return staff_planned(view.staffed, holds_post(view.staffed)).astype(np.float64)


@index("staff_before", "teachers", "neither", scope="pool")
def compute_staff_before(view: View) -> Floats:
    """Staff of the pool with an approved post if nobody were moved or hired; without who retires."""
    return staff_today(view.staffed, holds_post(view.staffed)).astype(np.float64)


@index(
    "staff_quota",
    "teachers",
    "neither",
    scope="pool",
    source="教职工编制: 中央编办发〔2014〕72号; policy.staffing.quota",
)
def compute_quota(view: View) -> Floats:
    """Approved posts of the pool: as stated, else Σ children / ratio of the stage."""
    return _known(posts_approved(view.staffed))


@index("staff_over", "teachers", "lower", scope="pool", target=zero, source="超编: 中央编办发〔2014〕72号")
def compute_staff_over(view: View) -> Floats:
    """Staff with an approved post beyond the quota."""
    return np.maximum(0.0, compute_staff(view) - compute_quota(view))


@index("staff_short", "teachers", "neither", scope="pool", source="缺编: 中央编办发〔2014〕72号")
def compute_staff_short(view: View) -> Floats:
    """Approved posts that nobody holds."""
    return np.maximum(0.0, compute_quota(view) - compute_staff(view))


def most_nonteaching(view: View) -> Floats | None:
    """The share of a pool's staff that may give no lessons: that of its stages, weighed by children / ratio."""
    share = view.placement.district.settings.policy.staffing.nonteaching_share
    most = np.array([share.get(stage, 1.0) for stage in STAGES])
    posts = np.array([[np.nan if n is None else float(n) for n in row] for row in posts_by_ratio(view.staffed)])
    with np.errstate(invalid="ignore"):
        return np.asarray(posts @ most / posts.sum(axis=1), dtype=np.float64) if share else None


@index(
    "nonteaching_share", "share", "lower", scope="pool", target=most_nonteaching,
    source="职员、教辅、工勤: 国办发〔2001〕74号; policy.staffing.nonteaching_share",
)  # fmt: skip
def compute_nonteaching(view: View) -> Floats:
    """Support staff / staff, of those with an approved post."""
    support = holds_post(view.staffed) & view.staffed.teachers.is_one_of("role", "support")
    staff = compute_staff(view)
    held: Floats = staff_planned(view.staffed, support).astype(np.float64)
    return np.asarray(np.divide(held, staff, out=np.full(len(staff), np.nan), where=staff > 0), dtype=np.float64)


def staffing_indices(placement: Placement) -> list[Index]:
    """Return the indices `lessons_short_SUBJECT` of the subjects most short, and `staff_per_class_SIZE`.

    SIZE is 40, 35 and the cap of each stage.
    """
    staffed, caps = placement.staffed, placement.district.settings.policy.class_size.cap
    if staffed is None:
        return []
    short = _lessons_short(staffed).groupby("subject")["lessons"].sum().sort_values(ascending=False, kind="stable")
    named = list(short[short > 0].index[:_MOST_SUBJECTS])
    sizes = sorted({*_SIZES, *(caps[stage] for stage in placement.district.settings.instance.stages if stage in caps)})
    return [_subject_index(subject) for subject in named] + [_size_index(size) for size in reversed(sizes)]


def _subject_index(subject: str) -> Index:
    def compute(view: View) -> float:
        rows = _lessons_short(view.staffed)
        return float(rows.loc[(rows["subject"] == subject) & rows["stage"].isin(view.stages), "lessons"].sum())

    compute.__doc__ = (
        f"Weekly lessons of {subject} for which there is no post filled: vacant posts · lessons of a post."
    )
    return Index(f"lessons_short_{subject}", "district", "lessons", "lower", compute, zero, "")


def _size_index(size: int) -> Index:
    """Where classes need more staff than the ratio leaves them at this size, the index fails: that is the conflict."""

    def compute(view: View) -> float:
        policy, stage = view.placement.district.settings.policy, view.stages[0]
        asked = size in _SIZES or size == policy.class_size.cap.get(stage)
        return divide(size, policy.staffing.ratio.get(stage, 0.0)) if asked else float(np.nan)

    compute.__doc__ = (
        f"Staff that the ratio leaves a class of {size} children; needed are posts a class and who gives none."
    )
    source = "policy.staffing.ratio, policy.staffing.nonteaching_share"
    return Index(f"staff_per_class_{size}", "district", "staff a class", "higher", compute, needed_per_class, source)


def needed_per_class(view: View) -> float | None:
    """The staff that a class needs: its posts, and as many who give no lessons as the stage may have."""
    if view.stage == "":
        return None
    most = view.placement.district.settings.policy.staffing.nonteaching_share.get(view.stage, 0.0)
    needed = compute_posts_per_class(view)
    return None if np.isnan(needed) or most >= 1.0 else needed / (1.0 - most)


def _posts(view: View) -> pd.DataFrame:
    table = view.staffed.staff.posts
    return pd.DataFrame(table[table["stage"].isin(view.stages)])


def _lessons_short(staffed: Staffed) -> pd.DataFrame:
    """Rows of `posts` of subjects that a teacher is needed for, with the column `lessons`: those nobody gives."""
    table, subjects = staffed.staff.posts, staffed.subjects
    table = table[table["subject"].isin(subjects) & table["stage"].isin(STAGES)]
    stage = np.array([STAGES.index(name) for name in table["stage"]], dtype=np.int64)
    column = np.array([subjects.index(name) for name in table["subject"]], dtype=np.int64)
    return table.assign(lessons=table["vacant"].to_numpy(np.float64) * staffed.loads[stage, column])


def _known(posts: Floats) -> Floats:
    return np.where(np.isfinite(posts), posts, np.nan)
