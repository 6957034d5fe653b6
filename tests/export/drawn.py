"""Small runs to draw, and fonts that have just the characters a test wants."""

from importlib.resources import files

from builders import make_plan, make_travel
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from models.outcome import Level, Outcome, Status
from models.run import Run
from optimizer.runs import store_run


def stored(tmp_path, district, schools="AABB"):
    travel = make_travel(district)
    run = Run(
        "base", 0, Outcome(Status.FEASIBLE, (Level("travel", 60, 59, 0.001),)), make_plan(district, travel, schools)
    )
    return store_run(run, district, travel, tmp_path)


def every_character():
    texts = (
        "古塔小学南门滨河区",
        files("models").joinpath("sentences", "zh", "export.toml").read_text(encoding="utf-8"),
    )
    return {character for text in texts for character in text if ord(character) > 0x2000}


def font_with(characters, path):
    """A font whose every glyph is the same square, made here so that no font need be installed."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 500), (500, 500), (500, 0)):
        pen.lineTo(corner)
    pen.closePath()
    square = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "square"])
    builder.setupCharacterMap({ord(character): "square" for character in characters})
    builder.setupGlyf({".notdef": square, "square": square})
    builder.setupHorizontalMetrics({".notdef": (600, 0), "square": (600, 0)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Squares", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200)
    builder.setupPost()
    builder.save(path)
    return path
