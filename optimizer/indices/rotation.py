"""Rotation (交流轮岗): of whom a share must move, who moves and how, and who comes to a school and goes from it."""

import numpy as np

from models.district import Bools, Floats, Ints
from models.staffed import Staffed
from models.stages import STAGES
from optimizer.indices.registry import INDICES, Index, View, divide, index, no_target
from optimizer.recheck.rotation import count_among

_FORMS = ("rotation", "support", "cross_school", "coordinated", "return", "recruit")


def min_share(view: View) -> float | None:
    """The share of the eligible that is to move, in the district as a whole."""
    rotation = view.placement.district.settings.policy.rotation
    return rotation.min_share if view.stage == "" and rotation.scope == "district" else None


def backbone_share(view: View) -> float | None:
    """The share of backbone teachers among those who move, or of the eligible."""
    return view.placement.district.settings.policy.rotation.backbone_share if view.stage == "" else None


@index("eligible_teachers", "teachers", "neither", scope="overall", source="符合交流条件: 教师〔2014〕4号")
def compute_eligible(view: View) -> float:
    """Teachers of whom a share must move: tenure, age, no exemption; principals apart."""
    return float((_of_stages(view) & count_among(view.staffed)).sum())


@index("eligible_moved", "teachers", "neither", scope="overall")
def compute_eligible_moved(view: View) -> float:
    """Eligible teachers posted to another legal school."""
    return float(_moved(view).sum())


@index(
    "moved_share",
    "share",
    "higher",
    scope="overall",
    target=min_share,
    source="教师〔2014〕4号; policy.rotation.min_share",
)
def compute_moved_share(view: View) -> float:
    """Eligible teachers moved / eligible teachers."""
    return divide(compute_eligible_moved(view), compute_eligible(view))


@index(
    "backbone_moved_share", "share", "higher", scope="overall", target=backbone_share,
    source="教师〔2014〕4号; policy.rotation.backbone_share",
)  # fmt: skip
def compute_backbone_share(view: View) -> float:
    """Backbone teachers among the eligible moved / those moved, or / the eligible where `backbone_of` says so."""
    backbone = float((_moved(view) & view.staffed.teachers.backbone).sum())
    of_eligible = view.placement.district.settings.policy.rotation.backbone_of == "eligible"
    return divide(backbone, compute_eligible(view) if of_eligible else compute_eligible_moved(view))


@index("teachers_moved", "teachers", "neither", scope="overall")
def compute_moved(view: View) -> float:
    """Teachers posted to another legal school, in whatever form."""
    return float((_of_stages(view) & view.staffed.moved).sum())


@index("teachers_in", "teachers", "neither", scope="school")
def compute_in(view: View) -> Floats:
    """Teachers posted to the school who work elsewhere today, or nowhere yet."""
    staffed = view.staffed
    return _by_school(
        staffed, staffed.after, (staffed.stage_after == _column(view)) & (staffed.after != staffed.before)
    )


@index("teachers_out", "teachers", "neither", scope="school")
def compute_out(view: View) -> Floats:
    """Teachers of the school who are posted elsewhere, or leave the staff."""
    staffed = view.staffed
    gone = (staffed.stage_before == _column(view)) & (staffed.after != staffed.before)
    return _by_school(staffed, staffed.before, gone)


def _enter_form(form: str) -> None:
    def compute(view: View) -> float:
        return float((_of_stages(view) & (view.staffed.after >= 0) & (view.staffed.form == form)).sum())

    compute.__doc__ = f"Teachers who come to their post by the form `{form}`."
    INDICES[f"posted_{form}"] = Index(f"posted_{form}", "overall", "teachers", "neither", compute, no_target, "")


for _form in _FORMS:
    _enter_form(_form)


def _moved(view: View) -> Bools:
    return np.asarray(_of_stages(view) & count_among(view.staffed) & view.staffed.moved, dtype=bool)


def _of_stages(view: View) -> Bools:
    """Teachers who teach one of the stages that are meant today."""
    return np.isin(view.staffed.stage_before, [STAGES.index(stage) for stage in view.stages])


def _column(view: View) -> int:
    return STAGES.index(view.stages[0])


def _by_school(staffed: Staffed, school: Ints, counted: Bools) -> Floats:
    """Those counted at each school that teaches the stage or holds somebody; NaN elsewhere."""
    schools = len(staffed.district.schools)
    held = np.bincount(school[counted & (school >= 0)], minlength=schools).astype(np.float64)
    return np.where(held > 0, held, np.nan)
