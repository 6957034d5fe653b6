"""A page as PDF, by WeasyPrint where the extra `pdf` is installed; nothing is fetched from anywhere."""

from pathlib import Path
from typing import Any

from optimizer.runs.folder import whole_file


class NoPdf(Exception):
    """WeasyPrint, or a library of the system that it needs, is not there."""


def can_print() -> bool:
    """Return whether pages can be written as PDF here."""
    try:
        _weasyprint()
    except NoPdf:
        return False
    return True


def write_pdf(html: str, path: Path) -> None:
    """Write a page as it is printed; a link or picture that is not in the page itself is left out.

    Equal pages give equal bytes. Raises NoPdf where it cannot be made, OSError where `path` cannot be written.
    """
    weasyprint = _weasyprint()
    fetcher = weasyprint.urls.URLFetcher(allowed_protocols={"data"})
    printed = weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf(pdf_identifier=b"xuewei")
    with whole_file(path) as partial:
        partial.write_bytes(printed)


def _weasyprint() -> Any:
    """The library; imported here alone, since it is an extra and opens libraries of the system."""
    try:
        import weasyprint
        import weasyprint.urls
    except (ImportError, OSError) as missing:
        raise NoPdf(str(missing)) from missing
    return weasyprint
