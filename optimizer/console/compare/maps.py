"""Maps of what differs: a picture for each plan beside the baseline."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.sentences import say
from models.stages import Stage
from optimizer.compare import Comparison, Difference
from optimizer.compare.people import chief_schools
from optimizer.console.arguments import existing_file, writing
from optimizer.console.compare.script import Script
from optimizer.console.exits import Exit, Refusal
from optimizer.export.changes import draw_difference, tell_difference_font
from optimizer.export.picture import Picture
from optimizer.runs.folder import whole_file

ENDINGS = (".png", ".svg")
_DPI = 200
_STRANGE = re.compile(r"[^\w.-]+")


def refuse_maps(comparison: Comparison, path: Path, font: Path | None, *, force: bool, script: Script) -> None:
    """Refuse, before anything is drawn, what cannot be drawn or would replace a file unasked."""
    if path.suffix.lower() not in ENDINGS:
        raise Refusal(Exit.USAGE, script.voice.say("error.unknown_ending", path=path, known=", ".join(ENDINGS)))
    if comparison.baseline.exhibit.stored.scope == "posts":
        raise Refusal(Exit.USAGE, script.say("refused.no_map"))
    if font is not None:
        existing_file(font, script.voice)
    taken = [each for each in paths_of(comparison, path, script) if each.exists() or each.is_symlink()]
    if taken and not force:
        raise Refusal(Exit.CANNOT_WRITE, script.voice.say("error.run_exists", path=taken[0]))


def paths_of(comparison: Comparison, path: Path, script: Script) -> list[Path]:
    """Return the path of each map: `path` for one plan, with several the name of each plan behind its own."""
    pairs = comparison.pairs
    if len(comparison.others) == 1:
        return [path] * len(pairs)
    names: list[str] = []
    for pair in pairs:
        name = _STRANGE.sub("_", script.label(pair.other)).strip("_") or "plan"
        same = sum(re.fullmatch(rf"{re.escape(name)}(_\d+)?", each) is not None for each in names)
        names.append(f"{name}_{same + 1}" if same else name)
    return [path.with_name(f"{path.stem}-{name}{path.suffix}") for name in names]


def draw_maps(comparison: Comparison, path: Path, font: Path | None, script: Script) -> list[Path]:
    """Draw what changes hands from the baseline to every other plan; return the files."""
    ground = _find_ground(comparison, script)
    paths = paths_of(comparison, path, script)
    stages = comparison.baseline.exhibit.stages
    for target, pair in zip(paths, comparison.pairs, strict=True):
        _draw(_lay_out(ground, pair, stages), pair, target, font, script)
    return paths


def _find_ground(comparison: Comparison, script: Script) -> Picture:
    """The map of a run, which all of these plans are drawn on."""
    exhibits = [summary.exhibit for summary in (comparison.baseline, *comparison.others)]
    pictures = [exhibit.picture for exhibit in exhibits if exhibit.picture is not None]
    if not pictures:
        raise Refusal(Exit.USAGE, script.say("refused.no_map_baseline"))
    return pictures[0]


def _lay_out(ground: Picture, pair: Difference, stages: Sequence[Stage]) -> Picture:
    """The map with the baseline's schools as those of today, and the other plan's as those planned."""
    units = ground.units.copy()
    ids = units["unit_id"].tolist()
    before, after = (chief_schools(each.exhibit) for each in (pair.baseline, pair.other))
    moved = pair.people.moved
    students = dict(zip(zip(moved["unit_id"], moved["stage"], strict=True), moved["students"], strict=True))
    for stage in stages:
        places = [(unit, stage) for unit in ids]
        units[f"current_{stage}"] = [before.get(place, "") for place in places]
        units[f"school_{stage}"] = [after.get(place, "") for place in places]
        units[f"changed_{stage}"] = np.array([place in students for place in places], dtype=bool)
        units[f"students_{stage}"] = np.array([students.get(place, 0) for place in places], dtype=np.int64)
    return replace(ground, units=units)


def _draw(picture: Picture, pair: Difference, path: Path, font: Path | None, script: Script) -> None:
    language, titles = script.voice.language, (script.label(pair.baseline), script.label(pair.other))
    stages = pair.baseline.exhibit.stages
    sketch = draw_difference(picture, stages, titles, language=language, font=font)
    told = "" if font is None else tell_difference_font(picture, titles, language, font)
    for note in (told, say(sketch.note, language=language) if sketch.note else ""):
        if note and note not in script.voice.said:
            script.voice.said.add(note)
            script.voice.note(note)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as part:
            if path.suffix.lower() == ".svg":
                part.write_text(sketch.document(), encoding="utf-8", newline="\n")
            else:
                part.write_bytes(sketch.png(_DPI))
