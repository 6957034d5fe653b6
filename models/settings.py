"""`instance.toml` as typed settings: a key that does not exist is a fault, and every default is written here once.

A policy profile (`models/profiles/NAME.toml`) lies beneath what the instance states; `resolve` merges the two.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from models.sentences import Language
from models.sentences.terms import Word, fits
from models.stages import SchoolType, Stage, System

Hardness = Literal["hard", "soft", "off"]
LevelName = Literal[
    "shortage",
    "overflow",
    "later",
    "small_classes",
    "revisions",
    "stability",
    "travel",
    "vacancies",
    "rotation",
    "moves",
    "balance",
]
STAFF_LEVELS: tuple[LevelName, ...] = ("vacancies", "rotation", "moves", "balance")
"""Levels that speak of posts: decided once the children have their schools, given the catchments."""
Change = Literal["none", "limited", "free"]
Indicator = Literal["degree", "backbone", "pe_arts"]
"""Resources that teachers carry from school to school, per 100 students."""
ResourceIndicator = Literal[
    "degree", "backbone", "pe_arts", "teaching_area", "sports_area", "equipment", "multimedia_rooms"
]
"""The seven resource indicators of 优质均衡, in the order of 教督〔2017〕6号."""
Kind = Literal["zoned", "unzoned", "placed"]
"""How children find their school: by catchment, where places are left, or by the decision of a committee."""

LARGEST_COUNT = 1_000_000
"""A count above it is a slip of the pen: no unit, school or class holds a million of anything."""
LARGEST_AMOUNT = 1e12
"""Of money, and of what a level of the objective comes to."""
LARGEST_M = 100_000_000.0
"""More metres than twice round the Earth are no way to school."""

Year = Annotated[int, Field(ge=1900, le=2200)]
Years = Annotated[int, Field(gt=0, le=100)]
Count = Annotated[int, Field(gt=0, le=LARGEST_COUNT)]
Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Ratio = Annotated[float, Field(gt=0.0, le=1000.0, allow_inf_nan=False)]
Threshold = Annotated[float, Field(gt=0.0, le=1e9, allow_inf_nan=False)]
Lessons = Annotated[float, Field(ge=0.0, le=60.0, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0.0, le=LARGEST_AMOUNT, allow_inf_nan=False)]
Yuan = Annotated[float, Field(ge=0.0, le=1e12, allow_inf_nan=False)]
Span = Annotated[int, Field(ge=0, le=100)]
Metres = Annotated[float, Field(gt=0.0, le=LARGEST_M, allow_inf_nan=False)]


def _check_local(word: str) -> str:
    """Return a local word; raises an error of the kind `local_word` for what could not stand in a sentence."""
    if not fits(word):
        raise PydanticCustomError("local_word", "a short word")
    return word


LocalWord = Annotated[str, AfterValidator(_check_local)]
Name = str | Mapping[Language, str]
"""What something is called: stated once, or once a language."""


class Section(BaseModel):
    """A table of the TOML file: frozen, and closed to keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def in_language(stated: Name, language: Language) -> str:
    """Return a name in `language`, else in another, "" where there is none."""
    return stated if isinstance(stated, str) else stated.get(language) or next(iter(stated.values()), "")


class InstanceSection(Section):
    name: str
    title: str = ""
    district: str | dict[Language, str] = ""
    """As pages head it, such as 滨河区; one name, or one a language."""
    data_date: date | None = None
    """When the data were taken from the registers; pages show it."""
    year: Year
    enrolment_year: Year | None = None
    stages: Annotated[list[Stage], Field(min_length=1)]
    mode: Literal["entry", "whole"] = "entry"
    system: System = "6-3"

    def called(self, language: Language) -> str:
        """Return what the district is called, in another language if need be; else the title, else the id."""
        return in_language(self.district, language) or self.title or self.name


class Costs(Section):
    """Prices that options are compared with; what has no price is counted and not priced."""

    currency: str = "元"
    place: Yuan | None = None
    """Of one more place, once."""
    post: Yuan | None = None
    """Of one more post, a year."""


class Category(Section):
    """A kind of children: `zoned` ones go where their catchment goes; `placed` ones where `fixed` says."""

    zoned: bool = True
    placed: bool = False

    @model_validator(mode="before")
    @classmethod
    def _let_placed_imply_unzoned(cls, stated: Any) -> Any:
        """Children who are placed follow no catchment, unless a category says that they do, which is a fault."""
        if isinstance(stated, Mapping) and stated.get("placed") is True:
            return {"zoned": False, **stated}
        return stated


class DemandSection(Section):
    """Who of the children counted is decided, by stage: those who register (实际报名率) and go to no private school."""

    private_share: dict[Stage, Share] = {}
    """Share of those who register that goes to private schools."""
    capture: dict[Stage, Share] = {}
    """Share of those counted that registers at all; 1 where not given."""
    junior: Literal["units", "feeders"] = "units"
    """Who enters junior school: the rows of `demand`, or those who leave the primary schools."""


class TravelSection(Section):
    method: Literal["straight", "roads", "matrix"] = "straight"


class Target(Section):
    """At least `share` of all classes have at most `max_size` children."""

    max_size: Count
    share: Share


class ClassSize(Section):
    cap: dict[Stage, Count] = {}
    ceiling: Count | None = None
    """Hard even where `class_size` is soft: 56 and more is a large class (大班额)."""
    targets: list[Target] = []
    targets_apply: Literal["decided", "all"] = "decided"


class SchoolSize(Section):
    cap: dict[SchoolType, Count] = {}
    applies_to: Literal["all", "new"] = "all"


class Tracks(Section):
    horizon: Years = 3


class TravelPolicy(Section):
    max_m: dict[Stage, Metres] = {}
    target_m: dict[Stage, Metres] = {}


class Stability(Section):
    max_share: Share | None = None


class Subsidy(Section):
    """Yuan a year for a teacher who moves (住房、交通、生活补贴)."""

    housing_yuan: Yuan = 0.0
    transport_yuan: Yuan = 0.0
    living_yuan: Yuan = 0.0

    @property
    def total_yuan(self) -> float:
        """All three together."""
        return self.housing_yuan + self.transport_yuan + self.living_yuan


class Rotation(Section):
    """交流轮岗: of whom a share must move, and who may."""

    min_share: Share = 0.10
    scope: Literal["district", "each_sending_school"] = "district"
    backbone_share: Share = 0.20
    backbone_of: Literal["moved", "eligible"] = "moved"
    tenure_years: Years = 6
    principal_years: Years = 6
    """Two terms in one school: from then on a principal may move to another."""
    principal_most_years: Years = 9
    """After so many a principal must."""
    term_years: Years = 3
    years_to_retirement: Span = 5
    """Whoever retires sooner is not asked to move."""
    class_heads: Literal["stay", "last", "move"] = "stay"
    """Whether those move whose class goes on under them: never, after everyone else, or as anyone."""
    no_return_years: Span = 3
    """For so long nobody is sent back to where he came from."""
    max_commute_m: Metres | None = None
    """From home to school, straight; None: no ceiling."""
    max_leaving_share: Share = 0.20
    """Of a school's staff, in one year."""
    experienced_years: Years = 5
    """At the school: of those who teach a subject so long, one at least stays."""
    subsidy: Subsidy = Subsidy()
    budget_yuan: Yuan | None = None


class Staffing(Section):
    """区管校聘: posts that the classes need, and the quota (编制) of the pool that fills them."""

    pool_level: Literal["district", "zone", "group"] = "district"
    ratio: dict[Stage, Ratio] = {}
    """Children for one member of staff (教职工)."""
    nonteaching_share: dict[Stage, Share] = {}
    """Of the staff, at most, who give no lessons."""
    quota: dict[str, Count] = {}
    """Posts approved for a pool, by the name of the zone or group, `district` for the one pool; else from `ratio`."""
    load: dict[Stage, dict[str, Ratio]] = {}
    """Weekly lessons of a full post by subject; `other` for every subject that is not named."""
    class_head_lessons: Lessons = 0.0
    """Weekly lessons that heading a class counts for."""
    principal_lessons: Lessons = 4.0
    """Weekly lessons that a principal gives."""
    moving_classes: dict[Stage, Share] = {}
    """Posts added where children move between classes (走班)."""
    shared_posts: Literal["none", "group", "zone"] = "group"
    """Among which schools a teacher may divide the week (走教)."""


class Balance(Section):
    """优质均衡: how unequal schools may be, and what each must reach."""

    cv_max: dict[Stage, Ratio] = {}
    indicators: list[Indicator] = ["degree", "backbone", "pe_arts"]
    """Which of the indicators that postings change the rule `balance_cv` and the level `balance` hold."""
    threshold: dict[ResourceIndicator, dict[Stage, Threshold]] = {}
    """Least of each indicator at every school, per 100 students or per student."""


class Outlook(Section):
    """From which share of its places on a school is marked, and up to which share it has places to spare."""

    red: Ratio = 1.00
    orange: Ratio = 0.95
    yellow: Ratio = 0.85
    surplus: Ratio = 0.60


class Policy(Section):
    profile: str = "national"
    places_scale: Ratio = 1.0
    reserve_share: Share = 0.0
    class_size: ClassSize = ClassSize()
    school_size: SchoolSize = SchoolSize()
    tracks: Tracks = Tracks()
    travel: TravelPolicy = TravelPolicy()
    stability: Stability = Stability()
    rotation: Rotation = Rotation()
    staffing: Staffing = Staffing()
    balance: Balance = Balance()
    outlook: Outlook = Outlook()


class Rules(Section):
    """How each rule binds. `stability` left out: hard where `change = "limited"` names nothing, else off.

    `overflow` left out: soft in mode `entry`, hard in mode `whole` and with profile `none`.
    """

    assigned: Literal["hard"] = "hard"
    indivisible: Hardness = "hard"
    places: Hardness = "hard"
    class_size: Hardness = "hard"
    classrooms: Hardness = "hard"
    school_size: Hardness = "hard"
    small_classes: Hardness = "hard"
    max_travel: Hardness = "hard"
    region: Hardness = "hard"
    contiguous: Hardness = "hard"
    fixed: Hardness = "hard"
    stability: Hardness | None = None
    tracks: Hardness = "hard"
    overflow: Hardness | None = None
    staff_quota: Hardness = "hard"
    rotation_share: Hardness = "hard"
    rotation_backbone: Hardness = "hard"
    direction: Hardness = "hard"
    certificate: Hardness = "hard"
    no_return: Hardness = "hard"
    commute: Hardness = "hard"
    continuity: Hardness = "hard"
    couples: Hardness = "hard"
    principal_terms: Hardness = "soft"
    swaps: Hardness = "off"
    budget: Hardness = "hard"
    balance_cv: Hardness = "off"
    strict: bool = False


class Objective(Section):
    order: Annotated[list[LevelName], Field(min_length=1)] = [
        "shortage",
        "overflow",
        "small_classes",
        "stability",
        "travel",
        "vacancies",
        "rotation",
        "moves",
    ]
    tolerance: dict[LevelName, Share] = {}
    at_most: dict[LevelName, Amount] = {}
    """What a level of `order` may not exceed, in its own unit: a hard limit."""


class OpenToChange(Section):
    units: list[str] = []
    schools: list[str] = []
    zones: list[str] = []


class CatchmentsSection(Section):
    change: Change | None = None
    """Left out: `limited` where `current` is given, else `free`."""
    open_to_change: OpenToChange = OpenToChange()
    indivisible: bool = True
    contiguous: bool = True


class Settings(Section):
    """All of `instance.toml`, profile and scenario applied."""

    instance: InstanceSection
    files: dict[str, str] = {}
    crs: dict[str, str] = {}
    categories: dict[str, Category] = {"local": Category()}
    demand: DemandSection = DemandSection()
    travel: TravelSection = TravelSection()
    costs: Costs = Costs()
    terms: dict[Word, LocalWord] = {}
    """What the district calls things, by the word that the catalogue of sentences has for them."""
    policy: Policy = Policy()
    rules: Rules = Rules()
    objective: Objective = Objective()
    catchments: CatchmentsSection = CatchmentsSection()

    def kind_of(self, category: str) -> Kind:
        """Return how children of a category find their school; one that is not named follows its catchment if local."""
        known = self.categories.get(category, Category(zoned=category == "local"))
        return "placed" if known.placed else "zoned" if known.zoned else "unzoned"


def profile_names() -> tuple[str, ...]:
    """Return the names of the policy profiles that come with the program."""
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in files("models").joinpath("profiles").iterdir()))


def read_profile(name: str) -> dict[str, Any]:
    """Return the sections of a policy profile (`policy`, `rules`, `sources`), laid over the one it `extends`.

    Raises FileNotFoundError for a name that is not a profile.
    """
    if name not in profile_names():
        raise FileNotFoundError(name)
    profile = tomllib.loads(files("models").joinpath("profiles", f"{name}.toml").read_text(encoding="utf-8"))
    below = profile.pop("extends", None)
    return merge(read_profile(below), profile) if below else profile


def merge(base: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `patch` laid over it: sections key by key, a list replaces a list."""
    merged = dict(base)
    for key, value in patch.items():
        below = merged.get(key)
        merged[key] = merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def resolve(stated: Mapping[str, Any], *, has_current: bool) -> Settings:
    """Return the settings an instance states, its profile laid beneath and every open default decided.

    Raises pydantic's `ValidationError`, whose locations are the dotted keys, and `FileNotFoundError` for a profile
    that does not exist.
    """
    policy = stated.get("policy", {})
    name = policy.get("profile", "national") if isinstance(policy, Mapping) else "national"
    profile = read_profile(name)
    below: dict[str, Any] = {section: profile[section] for section in ("policy", "rules") if section in profile}
    settings = Settings.model_validate(merge(below, stated))
    catchments = settings.catchments
    change: Change = catchments.change or ("limited" if has_current else "free")
    opened = catchments.open_to_change
    everything = not (opened.units or opened.schools or opened.zones)
    limited = change == "limited" and everything and settings.policy.stability.max_share is not None
    rules = settings.rules
    stability: Hardness = rules.stability or ("hard" if limited else "off")
    overflow: Hardness = "soft" if settings.instance.mode == "entry" and name != "none" else "hard"
    return settings.model_copy(
        update={
            "catchments": catchments.model_copy(update={"change": change}),
            "rules": rules.model_copy(update={"stability": stability, "overflow": rules.overflow or overflow}),
        }
    )
