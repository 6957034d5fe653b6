"""The brief as a whole, of a plan of children, of posts alone, or of a scenario without a plan."""

from collections.abc import Sequence
from pathlib import Path

from models.sentences import Language
from optimizer.digest import Exhibit
from optimizer.digest.staff import count_staff
from optimizer.digest.watch import Watch, find_watched
from optimizer.export.changes import Sketch, draw_changes
from optimizer.pages.brief.appendix import write_appendix
from optimizer.pages.brief.content import Brief, Section
from optimizer.pages.brief.head import tell_no_plan, tell_places, tell_posts, write_facts, write_heading
from optimizer.pages.brief.options import write_measures, write_options, write_reasons
from optimizer.pages.brief.plan import write_changes, write_journeys, write_watch, write_years
from optimizer.pages.brief.speech import Speech
from optimizer.pages.brief.staff import write_staff


def compose_brief(exhibits: Sequence[Exhibit], language: Language, font: Path | None = None) -> Brief:
    """Return what the brief says of the first run, the next ones standing beside it as options, each run once."""
    exhibits = _each_once(exhibits)
    speech, first = Speech(language), exhibits[0]
    watch = find_watched(first) if first.stored.plan is not None else Watch((), 0)
    sentences, sections = _parts(exhibits, watch, speech)
    district, heading = write_heading(first, speech)
    picture = _draw(first, watch, language, font)
    return Brief(
        district,
        heading,
        write_facts(exhibits, speech),
        speech.say("note"),
        sentences,
        picture,
        speech.say("map.caption") if picture is not None else "",
        sections,
        speech.say("appendix"),
        write_appendix(exhibits, speech),
    )


def _each_once(exhibits: Sequence[Exhibit]) -> tuple[Exhibit, ...]:
    """Runs in their order, none twice."""
    found: dict[Path, Exhibit] = {}
    for exhibit in exhibits:
        found.setdefault(exhibit.stored.folder.resolve(), exhibit)
    return tuple(found.values())


def _parts(exhibits: Sequence[Exhibit], watch: Watch, speech: Speech) -> tuple[tuple[str, ...], tuple[Section, ...]]:
    """The sentences that come first, and the parts."""
    first = exhibits[0]
    if first.stored.plan is None:
        return tell_no_plan(first, speech), (write_reasons(first, speech), write_measures(first, speech))
    staff, options = count_staff(first), write_options(exhibits, speech)
    teachers = () if staff is None else (write_staff(staff, speech),)
    if first.stored.scope == "posts":
        watched = write_watch(first, watch, speech)
        shown = (watched,) if watched.items or watched.close else ()
        return (() if staff is None else tell_posts(staff, speech)), (*teachers, *shown, options)
    figures = (write_journeys(first, speech), *teachers, write_years(first, speech), options)
    others = (write_watch(first, watch, speech), *figures)
    return tell_places(first, speech), (write_changes(first, others, speech), *others)


def _draw(exhibit: Exhibit, watch: Watch, language: Language, font: Path | None) -> Sketch | None:
    if exhibit.picture is None:
        return None
    watched = [each.school_id for each in watch.schools]
    return draw_changes(exhibit.picture, exhibit.stages, language=language, font=font, watched=watched)
