"""Pages from templates: what is filled in is text, nothing is loaded from anywhere, equal runs give equal bytes."""

import math
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from models.sentences import Language, find, say
from optimizer.console.text import write_metres, write_number, write_share

FOLDER = Path(__file__).parent
TONGUES = {"zh": "zh-CN", "en": "en"}


def render(template: str, language: Language, **content: Any) -> str:
    """Return a page from the template at `template`, a path below this folder.

    In it `say(key, **facts)` is a sentence of the catalogue and `find(key)` one that may be missing; the filters
    `number`, `metres` and `share` write figures, "–" where there is none. A name that is not given is a fault of ours.
    """

    def speak(key: str, **facts: object) -> str:
        return say(key, facts, language)

    def seek(key: str) -> str | None:
        return find(key, language)

    page = _environment().get_template(template)
    return page.render(**content, say=speak, find=seek, language=language, tongue=TONGUES[language]) + "\n"


def include(file: str) -> Markup:
    """Return a style sheet or script of ours that lies below this folder, as it is."""
    return Markup((FOLDER / file).read_text(encoding="utf-8"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "metres": _metres, "share": _share}
    environment.globals["include_file"] = include
    return environment


def _number(value: float | None, decimals: int = 0) -> str:
    return write_number(value, decimals) or "–"


def _metres(value: float | None) -> str:
    return "–" if value is None or math.isnan(value) else write_metres(value)


def _share(value: float | None) -> str:
    return "–" if value is None or math.isnan(value) else write_share(value)
