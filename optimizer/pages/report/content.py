"""The report as sections, before it is a page."""

from collections.abc import Sequence
from pathlib import Path

from models.sentences import Language
from optimizer.digest import Exhibit
from optimizer.digest.changes import find_changes
from optimizer.digest.places import count_intakes
from optimizer.digest.staff import count_staff
from optimizer.export import draw_sheet
from optimizer.export.charts import prepare_charts
from optimizer.pages.report.ahead import tell_ahead
from optimizer.pages.report.asked import tell_asked
from optimizer.pages.report.blocks import Figure, Report, Section
from optimizer.pages.report.changes import tell_changes
from optimizer.pages.report.classes import tell_classes
from optimizer.pages.report.indices import tell_indices
from optimizer.pages.report.inputs import tell_inputs, tell_method
from optimizer.pages.report.journeys import tell_journeys
from optimizer.pages.report.options import tell_options
from optimizer.pages.report.outcome import tell_no_plan, tell_outcome
from optimizer.pages.report.places import tell_places, tell_schools
from optimizer.pages.report.short import tell_short
from optimizer.pages.report.staff import tell_staff
from optimizer.pages.report.teller import Teller


def build_report(exhibits: Sequence[Exhibit], language: Language, font: Path | None = None) -> Report:
    """Return the report of the first run, the others standing beside it."""
    teller = Teller(exhibits[0], language)
    planned = teller.exhibit.stored.plan is not None
    result = _tell_plan(teller, exhibits, font) if planned else [tell_no_plan(teller)]
    sections = [tell_asked(teller), *result, tell_inputs(teller, exhibits), tell_method(teller)]
    return Report(
        district=teller.exhibit.district(language),
        title=_title(teller),
        subtitle=_subtitle(teller),
        draft=teller.say("draft"),
        figures=tuple(_sum_up(teller)) if planned else (),
        sections=tuple(section for section in sections if section is not None),
    )


def _tell_plan(teller: Teller, exhibits: Sequence[Exhibit], font: Path | None) -> list[Section | None]:
    charts = prepare_charts(teller.language, font)
    return [
        tell_outcome(teller),
        tell_places(teller, charts),
        tell_changes(teller, _draw_maps(teller, font)),
        tell_schools(teller),
        tell_journeys(teller, charts),
        tell_classes(teller, charts),
        tell_staff(teller),
        tell_indices(teller),
        tell_short(teller),
        tell_ahead(teller, charts),
        tell_options(teller, exhibits),
    ]


def _draw_maps(teller: Teller, font: Path | None) -> list[str]:
    """The map of each stage as an `svg` element; none where no catchment is drawn."""
    picture, language = teller.exhibit.picture, teller.language
    if picture is None:
        return []
    stages = teller.exhibit.stages
    return [draw_sheet(picture, stage, language=language, font=font) for stage in stages]


def _title(teller: Teller) -> str:
    key = "posts" if teller.exhibit.stored.scope == "posts" else "plan"
    return teller.say(f"title.{key}", year=teller.exhibit.record["year"])


def _subtitle(teller: Teller) -> str:
    record = teller.exhibit.record
    parts = [teller.say("subtitle.scenario", scenario=teller.exhibit.title(teller.language))]
    if record.get("data_date"):
        parts.append(teller.say("subtitle.data_date", date=record["data_date"]))
    elif record.get("enrolment_year"):
        parts.append(teller.say("subtitle.enrolment", year=record["enrolment_year"]))
    else:
        parts.append(teller.say("subtitle.no_date"))
    return teller.join(parts, "dot")


def _sum_up(teller: Teller) -> list[Figure]:
    """The few figures that a reader wants first."""
    exhibit, told = teller.exhibit, list[tuple[str, str]]()
    intakes = count_intakes(exhibit)
    if intakes:
        balance, short = (sum(getattr(intake, name) for intake in intakes) for name in ("balance", "short"))
        told += [("placed", teller.number(sum(intake.needed for intake in intakes)))]
        told += [("left" if balance >= 0 else "missing", teller.number(abs(balance)))]
        told += [("beyond", teller.number(short))] if short else []
        told += [("outside", teller.number(sum(intake.outside for intake in intakes)))]
    if exhibit.picture is not None:
        changes = find_changes(exhibit)
        told += [] if changes.drawn_anew else [("adjusted", teller.number(len(changes.adjusted)))]
        told += [("mean_way", teller.metres(exhibit.index("mean_m")))]
    staff = count_staff(exhibit)
    if staff is not None:
        told += [("required", teller.number(staff.required, 1)), ("vacant", teller.number(staff.vacant, 1))]
    new = sum(not each.inherited for each in exhibit.stored.shortfalls)
    told += [("short", teller.number(new))]
    return [Figure(value, teller.say(f"figures.{name}")) for name, value in told]
