"""`report.html`: what was asked and what came out, in full, with tables that sort; it reads without script too."""

from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from models.sentences import Language
from optimizer.digest import Exhibit
from optimizer.pages.render import render, write_page
from optimizer.pages.report.content import build_report

__all__ = ["write_report"]


def write_report(exhibits: Sequence[Exhibit], path: Path, language: Language, font: Path | None = None) -> None:
    """Write the report of the first run, the others standing beside it; equal runs give equal bytes.

    `font` draws the words of the pictures. Raises OSError where `path` cannot be written.
    """
    report = build_report(exhibits, language, font)
    page = render("report/report.html.j2", language, report=report, picture=_as_address, css_string=_css_string)
    write_page(page, path)


def _as_address(svg: str) -> str:
    """Return a drawing as an address that holds it whole, so that nothing in it touches the page."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def _css_string(text: str) -> Markup:
    """Return text as a string of a style sheet, every character that could end it written as its number."""
    escaped = (each if each.isalnum() or each == " " else f"\\{ord(each):x} " for each in text)
    return Markup('"{}"').format(Markup("".join(escaped)))
