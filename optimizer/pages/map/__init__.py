"""`map.html`: one map (一张图) of the plan and its options in one file, which asks nothing of any network."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bokeh.resources import Resources
from markupsafe import Markup

from models.sentences import Language
from models.stages import Stage
from optimizer.digest import Exhibit
from optimizer.export.colours import BARRIER, INK, OVERFULL, PAPER, fill_of
from optimizer.pages.map.ground import build_ground, colour_schools, find_neighbours, place_schools
from optimizer.pages.map.layers import NO_DATA, build_layers
from optimizer.pages.map.plot import build_plot
from optimizer.pages.map.rows import Rows, build_rows, picture_of
from optimizer.pages.map.scene import build_scene
from optimizer.pages.map.words import Words
from optimizer.pages.render import render, write_page

__all__ = ["write_map_page"]


def write_map_page(exhibits: Sequence[Exhibit], path: Path, language: Language) -> None:
    """Write the map of the runs, the first one in front, equal bytes for equal runs.

    Every run has shapes: one of posts alone has no map. Raises OSError where `path` cannot be written.
    """
    words = Words(language)
    data = json.dumps(_gather(exhibits, words), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    page = render(
        "map/page.html.j2",
        language,
        exhibit=exhibits[0],
        district=exhibits[0].district(language),
        plot=_embed(build_plot(words)),
        data=_embed(data),
        library=Markup(_library()),
    )
    write_page(page, path)


def _gather(exhibits: Sequence[Exhibit], words: Words) -> dict[str, Any]:
    """Everything that the script draws and says."""
    pictures = [picture_of(exhibit) for exhibit in exhibits]
    schools = place_schools(pictures)
    schools["type"] = [words(f"types.{kind}") for kind in schools["type"]]
    rows, layers = build_rows(exhibits, schools["id"]), build_layers(exhibits, words)
    names = _name_scenarios(exhibits, words.language)
    scenes = [build_scene(exhibit, name, rows, layers, words) for exhibit, name in zip(exhibits, names, strict=True)]
    return {
        "locale": words.language,
        "ground": build_ground(pictures[0]),
        "schools": schools,
        "stages": [[stage, words.stage(stage)] for stage in exhibits[0].stages],
        "colours": {stage: _colour(exhibits, stage, rows) for stage in exhibits[0].stages},
        "layers": [layer.describe() for layer in layers if _is_known(layer.key, scenes)],
        "scenes": scenes,
        "inks": {"ink": INK, "paper": PAPER, "overfull": OVERFULL, "barrier": BARRIER, "none": NO_DATA},
        "words": words.tables(),
    }


def _name_scenarios(exhibits: Sequence[Exhibit], language: Language) -> list[str]:
    """Titles of the scenarios, with their folders where two are called alike."""
    titles = [exhibit.title(language) for exhibit in exhibits]
    often = Counter(titles)
    return [
        title if often[title] == 1 else f"{title} ({exhibit.stored.folder.name})"
        for title, exhibit in zip(titles, exhibits, strict=True)
    ]


def _colour(exhibits: Sequence[Exhibit], stage: Stage, rows: Rows) -> list[str]:
    """A fill for every school: what touches in any scenario, or today, differs; a school keeps its fill."""
    held = [rows.planned(exhibit, stage) for exhibit in exhibits]
    held += [today for exhibit in exhibits if (today := rows.today(exhibit, stage)) is not None]
    numbers = colour_schools(find_neighbours(picture_of(exhibits[0])), held, len(rows.schools))
    return [fill_of(number) for number in numbers]


def _is_known(key: str, scenes: Sequence[dict[str, Any]]) -> bool:
    """Whether any scenario has what a layer shows."""
    stages = [stage for scene in scenes for stage in scene["stages"].values()]
    return key == "catchments" or any(stage.get(key) or key in stage["layers"] for stage in stages)


def _embed(text: str) -> Markup:
    """JSON as it may stand within a script element: no name in it can end the element."""
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))


def _library() -> str:
    """BokehJS, without what draws by WebGL, widgets or tables."""
    (script,) = Resources(mode="inline", components=["bokeh"]).js_raw[:1]
    return script
