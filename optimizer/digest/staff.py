"""Posts and teachers of a plan: needed, there, missing and spare, and how far they are spread evenly."""

from dataclasses import dataclass

import pandas as pd

from optimizer.digest.exhibit import Exhibit

MOST_SUBJECTS = 3
ENOUGH = 0.05
"""Posts below which a subject is not called short."""


@dataclass(frozen=True)
class Evenness:
    """Coefficient of variation between the schools of a stage, before the postings and after."""

    stage: str
    before: float
    after: float
    target: float


@dataclass(frozen=True)
class Staff:
    """Figures of the whole district; NaN where the run does not tell."""

    required: float
    """Posts that the classes need (应配)."""
    filled: float
    vacant: float
    staff: float
    """Teachers with an approved post after the postings (实有)."""
    quota: float
    over: float
    """Staff beyond the quota (超编)."""
    under: float
    """Approved posts that nobody holds (缺编)."""
    short: pd.DataFrame
    """Subjects with vacant posts, the most first: stage, subject, posts; at most MOST_SUBJECTS rows."""
    spare: pd.DataFrame
    """Subjects with teachers to spare, likewise."""
    moved: float
    """Teachers posted to another school."""
    moved_share: float
    """Of the teachers who may be asked to move, those who do."""
    moved_target: float
    backbone_share: float
    evenness: tuple[Evenness, ...]
    """Of backbone teachers (骨干教师), by stage."""


def count_staff(exhibit: Exhibit) -> Staff | None:
    """Return the figures of a plan with posts, None for one without."""
    posts = exhibit.stored.tables.get("posts")
    if posts is None:
        return None
    spare = exhibit.stored.tables.get("surplus")
    return Staff(
        required=float(posts["required"].sum()),
        filled=float(posts["filled"].sum()),
        vacant=float(posts["vacant"].sum()),
        staff=exhibit.index("staff"),
        quota=exhibit.index("staff_quota"),
        over=exhibit.index("staff_over"),
        under=exhibit.index("staff_short"),
        short=_most(posts.rename(columns={"vacant": "posts", "required": "of"}), ENOUGH),
        spare=_most(posts.iloc[:0].assign(posts=[]) if spare is None else spare, ENOUGH),
        moved=exhibit.index("teachers_moved"),
        moved_share=exhibit.index("moved_share"),
        moved_target=exhibit.target("moved_share"),
        backbone_share=exhibit.index("backbone_moved_share"),
        evenness=tuple(
            Evenness(
                stage,
                exhibit.index("backbone_cv_before", stage),
                exhibit.index("backbone_cv", stage),
                exhibit.target("backbone_cv", stage),
            )
            for stage in exhibit.stages
        ),
    )


def _most(table: pd.DataFrame, least: float) -> pd.DataFrame:
    totals = table.groupby(["stage", "subject"], as_index=False)["posts"].sum()
    totals = totals[totals["posts"] >= least]
    most: pd.DataFrame = totals.sort_values("posts", ascending=False, kind="stable").head(MOST_SUBJECTS)
    return most.reset_index(drop=True)
