"""Pages from templates: what is filled in is text, nothing is loaded from anywhere, equal runs give equal bytes."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from models.sentences import Language, say
from optimizer.runs.folder import whole_file

_FOLDER = Path(__file__).parent
TONGUES = {"zh": "zh-CN", "en": "en"}


def render(template: str, language: Language, **content: Any) -> str:
    """Return a page from the template at `template`, a path below this folder.

    In it `say(key, **facts)` is a sentence of the catalogue. A name that is not given is a fault of ours.
    """

    def speak(key: str, **facts: object) -> str:
        return say(key, facts, language)

    page = _environment().get_template(template)
    return page.render(**content, say=speak, tongue=TONGUES[language]) + "\n"


def write_page(page: str, path: Path) -> None:
    """Write a page whole or not at all, the same bytes on every machine. Raises OSError where `path` refuses."""
    with whole_file(path) as partial:
        partial.write_text(page, encoding="utf-8", newline="\n")


def _include(file: str) -> Markup:
    """Return a style sheet or script of ours that lies below this folder, as it is."""
    return Markup((_FOLDER / file).read_text(encoding="utf-8"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["include_file"] = _include
    return environment
