"""The brief: one A4 page for the people who decide, as a page and as a document, with an appendix behind it."""

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from models.sentences import Language
from optimizer.digest import Exhibit
from optimizer.pages.brief.compose import compose_brief
from optimizer.pages.brief.content import Brief
from optimizer.pages.brief.document import build_document
from optimizer.pages.render import render, write_page
from optimizer.runs.folder import whole_file


def write_brief(exhibits: Sequence[Exhibit], path: Path, language: Language, font: Path | None = None) -> None:
    """Write the brief as a page to `path`, equal bytes for equal runs and fonts.

    The first run is the proposal, the next ones options beside it. `font` letters the map. Raises OSError where `path`
    cannot be written.
    """
    page = render_brief(compose_brief(exhibits, language, font), language)
    write_page(page, path)


def render_brief(brief: Brief, language: Language) -> str:
    """Return the brief as a page."""
    drawn = "" if brief.picture is None else Markup(brief.picture.svg())
    return render("brief/brief.html.j2", language, brief=brief, drawn=drawn)


def write_brief_document(exhibits: Sequence[Exhibit], path: Path, language: Language, font: Path | None = None) -> None:
    """Write the brief as a document for Word (.docx) to `path`; all else as `write_brief`."""
    document = build_document(compose_brief(exhibits, language, font), language)
    with whole_file(path) as partial:
        partial.write_bytes(document)
