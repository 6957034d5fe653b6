"""The picture of the outlook: drawn without a warning whatever is unknown, in words that the font has."""

from pathlib import Path

import numpy as np
import pytest
from builders import make_schools
from export.test_maps import font_with
from outlook.years import make_outlook

from models.sentences import say
from optimizer.outlook import Ahead, look_from, picture
from optimizer.outlook.picture import draw_outlook


@pytest.fixture(autouse=True)
def no_chinese_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.export.fonts._candidates", lambda font: [str(font)] if font else [])


def outlook(places: float = 60.0, names: tuple[str, str] = ("School A", "School B"), title: str = "") -> Ahead:
    district = make_outlook(
        counts={2027: {("primary", "1"): [30, 30], ("junior", "7"): [30, 30]}},
        lives={"primary": {"U1": "A", "U2": "B"}, "junior": {"U1": "A", "U2": "A"}},
        schools=make_schools(
            {"A": 0, "B": 1}, types=("nine_year", "primary"), places=np.array([places, 40.0]), names=names
        ),
        returned={("A", "primary"): [20] * 6, ("A", "junior"): [20] * 3},
        instance={"title": title},
    )
    return look_from(district, 3)


def words_of(figure: picture.Figure) -> list[str]:
    texts = [text.get_text() for text in figure.texts]
    return texts + [axes.get_title(loc="left") for axes in figure.axes]


@pytest.mark.parametrize("places", [60.0, 0.0, float("nan")])
def test_it_is_drawn_with_places_without_and_where_they_are_unknown(places: float, tmp_path: Path) -> None:
    drawn = draw_outlook(outlook(places), tmp_path / "outlook.png", language="en")
    assert drawn.note == ""
    assert drawn.path.read_bytes().startswith(b"\x89PNG")


def test_without_a_font_for_the_names_ids_stand_and_it_says_so(tmp_path: Path) -> None:
    ahead = outlook(names=("古塔学校", "南门小学"), title="滨河区")
    drawn = draw_outlook(ahead, tmp_path / "outlook.png", language="zh")
    assert drawn.note == say("export.map.no_font", language="zh")
    named = draw_outlook(outlook(names=("A", "B")), tmp_path / "ids.png", language="zh")
    assert named.note == ""
    assert named.path.read_bytes() == drawn.path.read_bytes()


def test_with_a_chinese_font_words_and_names_are_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[picture.Figure] = []
    compose = picture._compose
    monkeypatch.setattr(picture, "_compose", lambda scene: seen.append(compose(scene)) or seen[0])
    topics = (Path(picture.__file__).parents[2] / "models" / "sentences" / "zh").glob("*.toml")
    characters = "".join(file.read_text(encoding="utf-8") for file in topics) + "古塔学校南门小学滨河区"
    font = font_with("".join(sorted({*characters})), tmp_path / "zh.ttf")
    ahead = outlook(names=("古塔学校", "南门小学"), title="滨河区")
    assert draw_outlook(ahead, tmp_path / "outlook.png", language="zh", font=font).note == ""
    words = words_of(seen[0])
    assert words[0] == "滨河区"
    # A's 210 children and B's 30 against 60 and 40 places, and each year's entrants more
    assert any(word.startswith("初中：2027 年起学位不足") for word in words)
    assert "南门小学" in [label.get_text() for axes in seen[0].axes for label in axes.get_yticklabels()]
