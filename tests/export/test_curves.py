"""The picture of a trade-off: the curve, the floor below it, its knee, and what stands beside it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.sentences import Language
from optimizer.export import curves
from optimizer.export.curves import CurveScene, Dot, Sign, draw_curve, floor_of


@pytest.fixture(autouse=True)
def no_chinese_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.export.fonts._candidates", lambda font: [str(font)] if font else [])


def scene(_: Language = "en") -> CurveScene:
    return CurveScene(
        heading="Grid: $a$ against b",
        subtitle="",
        caution="",
        x_title="children who change school",
        y_title="student-km",
        dots=(
            Dot(0, 100, "001", "first"),
            Dot(25, 40, "003"),
            Dot(100, 20, "002", "last"),
            Dot(30, 50, "004", on=False),
        ),
        floor=((25.0, 38.0), (np.inf, 19.0)),
        edge=-1.0,
        proved="no plan",
        knee=1,
        bend=("Knee: 003.", "Up to 25 children each saves 2.4 student-km, which is a long line to write;"),
        signs=(Sign(0, 120, "today"),),
        second=(2.5, "mean m"),
    )


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"floor": (), "knee": None, "signs": (), "second": None},
        {"dots": (Dot(5, 5, "001"), Dot(5, 5, "002")), "knee": None, "edge": 0.0},
        {"groups": ("tight", "loose"), "dots": (Dot(0, 9, "001"), Dot(1, 8, "002", group=1)), "knee": None},
    ],
)
@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_equal_curves_give_equal_files(more: dict[str, object], suffix: str, tmp_path: Path) -> None:
    drawn = replace(scene(), **more)  # type: ignore[arg-type]
    paths = [tmp_path / f"{name}{suffix}" for name in ("a", "b")]
    for path in paths:
        draw_curve(lambda _: drawn, path, language="en")
    first, second = (path.read_bytes() for path in paths)
    assert first == second
    assert len(first) > 1000


def test_every_word_is_in_the_picture_and_within_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[curves.Figure] = []
    compose = curves._Drawing.compose
    monkeypatch.setattr(curves._Drawing, "compose", lambda self: seen.append(compose(self)) or seen[0])
    draw_curve(scene, tmp_path / "a.png", language="en")
    (figure,) = seen
    texts = [text for text in figure.findobj() if hasattr(text, "get_text") and text.get_text()]
    words = "\n".join(text.get_text() for text in texts)
    for word in ("Grid: $a$ against b", "001", "002", "003", "004", "first", "last", "today", "Knee: 003.", "mean m"):
        assert word in words
    edge = figure.bbox
    for text in texts:
        box = text.get_window_extent()
        assert edge.x0 <= box.x0, text
        assert box.x1 <= edge.x1, text


def test_the_floor_has_a_corner_where_what_is_proved_may_change() -> None:
    floor = floor_of(np.array([25.0, np.inf, 10.0, 25.0]), lambda most: 38.0 if most <= 25 else 19.0)
    assert floor == ((10.0, 38.0), (25.0, 38.0), (np.inf, 19.0))
