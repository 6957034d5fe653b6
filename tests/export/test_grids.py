"""The picture of a grid: lines, heat maps and small ones side by side, whatever has no plan, in words the font has."""

from pathlib import Path

import numpy as np
import pytest
from export.drawn import font_with

from models.sentences import Language
from optimizer.export import grids
from optimizer.export.grids import GridScene, Surface, draw_grid, fits
from optimizer.export.lettering import NO_WORDS


@pytest.fixture(autouse=True)
def no_chinese_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.export.fonts._candidates", lambda font: [str(font)] if font else [])


def scene(shape: tuple[int, ...], language: Language = "en", title: str = "") -> GridScene:
    count = int(np.prod(shape))
    values = np.arange(count, dtype=np.float64).reshape(shape)
    values.flat[0] = np.nan
    word = {"en": "no plan", "zh": "排不出"}[language]
    return GridScene(
        heading=title or {"en": "Grid", "zh": "批量测算"}[language],
        subtitle="$x$ _y_",
        notes=("* not proved best", "a calculation"),
        keys=tuple(f"key.{k}" for k in range(len(shape))),
        labels=tuple(tuple(str(10 * at) for at in range(size)) for size in shape),
        surfaces=(Surface("metres", values), Surface("children", values * 2, decimals=1)),
        absent=(word, *[""] * (count - 1)),
        unproved=(False, *[True] * (count - 1)),
        best=(tuple(size - 1 for size in shape), (0,) * len(shape)),
        ringed="best",
    )


@pytest.mark.parametrize("shape", [(4,), (1,), (3, 4), (1, 1), (2, 3, 4), (2, 2, 2, 2)])
@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_equal_grids_of_any_shape_give_equal_files(shape: tuple[int, ...], suffix: str, tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}{suffix}" for name in ("a", "b")]
    for path in paths:
        assert draw_grid(lambda _: scene(shape), path, language="en").note == ""
    first, second = (path.read_bytes() for path in paths)
    assert first == second
    assert len(first) > 1000


def test_a_grid_without_any_plan_on_a_line_is_drawn(tmp_path: Path) -> None:
    none = scene((2,))
    empty = Surface("metres", np.full(2, np.nan))
    drawn = GridScene(**{**vars(none), "surfaces": (empty,), "absent": ("no plan", "no plan"), "best": ()})
    draw_grid(lambda _: drawn, tmp_path / "a.png", language="en")
    assert (tmp_path / "a.png").is_file()


def test_without_a_font_the_words_are_english_and_names_are_marked(tmp_path: Path) -> None:
    drawn = draw_grid(lambda tongue: scene((2, 2), tongue, title="滨河区"), tmp_path / "a.png", language="zh")
    assert drawn.note == NO_WORDS
    marked = draw_grid(lambda _: scene((2, 2), "en", title="???"), tmp_path / "b.png", language="en")
    assert drawn.path.read_bytes() == marked.path.read_bytes()


def test_with_a_font_the_words_are_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[grids.Figure] = []
    compose = grids._Drawing.compose
    monkeypatch.setattr(grids._Drawing, "compose", lambda self: seen.append(compose(self)) or seen[0])
    font = font_with("批量测算排不出", tmp_path / "zh.ttf")
    drawn = draw_grid(lambda tongue: scene((2, 2), tongue), tmp_path / "a.png", language="zh", font=font)
    assert drawn.note == ""
    words = [text.get_text() for text in seen[0].findobj() if hasattr(text, "get_text")]
    assert {"批量测算", "排不出", "$x$ _y_"} <= set(words)


def test_more_small_maps_than_anybody_looks_at_do_not_fit() -> None:
    assert fits([24, 100, 100])
    assert not fits([25, 2, 2])
    assert not fits([5, 5, 2, 2])
    assert fits([10_000])
