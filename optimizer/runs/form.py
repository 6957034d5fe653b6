"""The form of a run folder: what its JSON files must say, and which columns its tables must have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from models.diagnosis import Conflict, Count, Diagnosis, Repair
from models.outcome import Status
from models.revision import Scope
from models.run import INDEX_COLUMNS, RunScope
from models.sentences import Language, find, say
from models.settings import CatchmentsSection, Category, Costs, Hardness, Objective, Policy, Rules, TravelSection
from models.staffing import POSTING_COLUMNS
from models.stages import GRADES, STAGES, Stage

PLANNED = (Status.OPTIMAL, Status.FEASIBLE, Status.DRAWN)
"""With these a run has a plan."""


@dataclass(frozen=True)
class TableForm:
    """Columns that a table must have: of text, of numbers, in which an empty cell is NaN, and of counts.

    A count is a whole number from 0 on, and never left out.
    """

    text: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    stages: tuple[str, ...] = STAGES
    """What the column `stage` may hold."""

    @property
    def choices(self) -> Mapping[str, tuple[str, ...]]:
        """What columns of codes may hold."""
        known = {"stage": self.stages, "grade": GRADES, "from_stage": (*STAGES, "")}
        return {column: codes for column, codes in known.items() if column in self.text}


_CHANGES = TableForm(
    ("unit_id", "stage", "from_school_id", "to_school_id", "reason", "reason_code", "unit_name"),
    ("households", "students", "metres_before", "metres_after"),
)
TABLES: Mapping[str, TableForm] = {
    "catchments": TableForm(("unit_id", "stage", "school_id")),
    "drawn": TableForm(("unit_id", "stage", "school_id")),
    "assignments": TableForm(("unit_id", "stage", "category", "school_id"), ("metres",), ("students",)),
    "coordination": TableForm(
        ("catchment_school_id", "unit_id", "stage", "category", "to_school_id"), ("metres",), ("students",)
    ),
    "classes": TableForm(("school_id", "stage", "grade", "origin"), ("largest_class",), ("students", "classes")),
    "schools": TableForm(("school_id", "stage", "name"), ("students", "classes", "places", "utilisation")),
    "admission_plan": TableForm(
        ("school_id", "stage"), ("classes", "class_size", "planned", "zoned", "coordinated", "reserve", "balance")
    ),
    "changes": _CHANGES,
    "revisions": _CHANGES,
    "postings": TableForm((*POSTING_COLUMNS, "reason_code", "reason_facts")),
    "posts": TableForm(("school_id", "stage", "subject"), ("required", "filled", "vacant")),
    "hiring": TableForm(("pool", "stage", "subject"), ("posts", "within_quota")),
    "surplus": TableForm(("school_id", "stage", "subject"), counts=("posts", "other_stage")),
    "indices": TableForm(
        tuple(column for column in INDEX_COLUMNS if column not in ("value", "target")),
        ("value", "target"),
        stages=(*STAGES, ""),
    ),
}
_OF_CHILDREN = ("catchments", "assignments", "schools")
_OF_POSTS = ("classes", "postings", "posts", "hiring", "surplus", "indices")
NEEDED: Mapping[RunScope, tuple[str, ...]] = {
    "children": _OF_CHILDREN,
    "posts": _OF_POSTS,
    "all": (*_OF_CHILDREN, *_OF_POSTS),
}
"""Without these tables a plan is not whole."""


class Form(BaseModel):
    """A JSON object whose known keys are of the right type; keys of other versions are let be."""

    model_config = ConfigDict(extra="allow", strict=True)


class LevelForm(Form):
    """One level of the objective; what is not finite is null."""

    name: str
    value: float | None
    bound: float | None
    gap: float | None


class RevisionForm(Form):
    """What was open where a plan goes on from a draft, and how many edits were held."""

    scope: Scope
    edited: int


class DrawingForm(Form):
    """What a plan that somebody drew is called and where it was read, and the units it leaves out, by stage."""

    name: str = ""
    file: str = ""
    filled: dict[Stage, list[str]] = {}


class LaterForm(Form):
    """A later year that catchments are held for."""

    year: int
    sources: dict[Stage, str]


_SETTINGS: Mapping[str, TypeAdapter[Any]] = {
    "policy": TypeAdapter(Policy),
    "rules": TypeAdapter(Rules),
    "catchments": TypeAdapter(CatchmentsSection),
    "objective": TypeAdapter(Objective),
    "travel": TypeAdapter(TravelSection),
    "costs": TypeAdapter(Costs),
    "categories": TypeAdapter(dict[str, Category]),
}
"""What `run.json` holds of the settings, as resolved."""


class RecordForm(Form):
    """`run.json`."""

    status: Literal["optimal", "feasible", "infeasible", "no_plan", "drawn"]
    instance: str
    title: str
    district: str | dict[Language, str] = ""
    year: int
    scenario: str
    variation: dict[str, Any] = {}
    scenario_title: str | dict[Language, str] = ""
    mode: Literal["entry", "whole"]
    scope: RunScope = "children"
    interrupted: bool
    gap: float | None
    levels: list[LevelForm]
    decided: dict[Stage, int] | None
    student_km: float | None
    mean_m: float | None
    inputs: str = ""
    hold: Annotated[int, Field(ge=1)] = 1
    later: list[LaterForm] = []
    seconds: dict[str, float]
    seed: int
    fingerprint: dict[str, str] = {}
    versions: dict[str, str] = {}
    data_date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    enrolment_year: int | None = None
    revision: RevisionForm | None = None
    drawing: DrawingForm = DrawingForm()
    terms: dict[str, str] = {}

    @model_validator(mode="after")
    def tells_of_its_plan(self) -> "RecordForm":
        """A plan has figures."""
        if self.status in PLANNED and (not self.decided or self.student_km is None):
            raise ValueError("a plan without figures")
        return self

    @model_validator(mode="after")
    def knows_its_settings(self) -> "RecordForm":
        """What this version knows of the settings is of the right kind."""
        for section, form in _SETTINGS.items():
            if section in (self.model_extra or {}):
                _refuse_settings(section, form, (self.model_extra or {})[section])
        return self


class IssueForm(Form):
    """An entry of `issues.json`; the fields are those of `models.run.Shortfall`."""

    rule: str
    kind: str
    hardness: Hardness
    stage: Stage | Literal[""]
    where: str
    detail: str
    value: float | None
    limit: float | None
    unit: str
    breach: float | None
    before: float | None
    origin: Literal["inherited", "new"]


class ReasonForm(Form):
    """Key and facts of the sentence that says why there is no plan."""

    key: str
    facts: dict[str, Any]

    @model_validator(mode="after")
    def fills_its_sentence(self) -> "ReasonForm":
        """A sentence that this version knows has every fact it needs."""
        _fill(self.key, self.facts)
        return self


class DiagnosisForm(BaseModel):
    """`diagnosis.json`: how it was proved, and the fields of `models.diagnosis.Diagnosis`."""

    model_config = ConfigDict(extra="ignore")

    reason: ReasonForm | None
    possible: bool | None
    counts: tuple[Count, ...]
    conflict: Conflict | None
    repairs: tuple[Repair, ...]
    complete: bool

    @model_validator(mode="after")
    def fills_its_sentences(self) -> "DiagnosisForm":
        """Sums and repairs that this version knows have every fact that their sentences need."""
        for count in self.counts:
            _fill(f"diagnose.counts.{count.key}", count.facts)
        for repair in self.repairs:
            _fill(f"diagnose.repairs.{repair.lever}", repair.facts)
        return self

    @property
    def content(self) -> Diagnosis:
        """What was found out."""
        return Diagnosis(self.possible, self.counts, self.conflict, self.repairs, complete=self.complete)


def _refuse_settings(section: str, form: TypeAdapter[Any], stated: Any) -> None:
    """Raise ValueError for the first entry of a section that is of another kind; keys of other versions are let be."""
    try:
        form.validate_python(stated)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            if each["type"] != "extra_forbidden":
                raise ValueError(f"{'.'.join(map(str, (section, *each['loc'])))}: {each['msg']}") from None


def _fill(key: str, facts: Mapping[str, Any]) -> None:
    """Raise ValueError where facts do not fill a sentence of this version."""
    try:
        if find(key):
            say(key, facts)
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise ValueError("facts that do not fill the sentence") from error


JSON_FORMS: Mapping[str, TypeAdapter[Any]] = {
    "run.json": TypeAdapter(RecordForm),
    "issues.json": TypeAdapter(list[IssueForm]),
    "diagnosis.json": TypeAdapter(DiagnosisForm),
}
