"""Names as a Chinese district gives them: all made up, none is meant to be a real place or school."""

from collections.abc import Iterator
from itertools import chain, count

import numpy as np

from instances.design import BANKS, Bank
from instances.land import Generator, Land
from instances.sites import Sites
from models.stages import SchoolType

_STEMS: dict[Bank, str] = {
    "old": "青石桂花文澜鼓楼城隍书院状元石桥义井南门西门北门水亭盐仓米市竹巷柳浪枣园望江清河学前槐荫梅岭古塔丁桥沈塘"
    "吴家菱湖荷池更楼",
    "new": "星澜云锦江澜滨盛晴川潮语锦绣霞湾观澜明月听涛春晓秋涛海棠紫荆丹枫玉兰银杏长河浦沿江晖东信启智创景飞虹时代"
    "奥体钱湾杨帆翠湖云帆嘉禾和瑞金澜沁园朗月",
}
"""Two characters each."""
_ENDINGS: dict[Bank, tuple[str, ...]] = {
    "old": ("里", "巷", "新村", "社区", "坊", "弄", "公寓", "花园", "东苑", "西苑"),
    "new": ("府", "苑", "城", "湾", "庭", "名邸", "公馆", "花苑", "雅苑", "家园", "未来社区"),
}
_SCHOOL_ENDINGS: dict[SchoolType, str] = {"primary": "小学", "junior": "初级中学", "nine_year": "学校"}


def name_units(land: Land, rng: Generator) -> list[str]:
    """Return a name a unit, no two alike on one bank."""
    names = [""] * len(land.units)
    for bank in BANKS:
        here = np.flatnonzero(land.bank == bank)
        supply = _shuffled([stem + ending for stem in _stems(bank) for ending in _ENDINGS[bank]], rng)
        for row, name in zip(here, _in_phases(supply), strict=False):
            names[row] = name
    return names


def name_schools(sites: Sites, unit_names: list[str], land: Land) -> list[str]:
    """Return a name a school, after the place it stands in or, where one of its type has that name, a free one."""
    taken: set[str] = set()
    names = []
    for kind, unit in zip(sites.kind, sites.unit, strict=True):
        stems = _stems("old" if land.bank[unit] == "old" else "new")
        ending = _SCHOOL_ENDINGS[kind]
        options = chain(
            (stem + ending for stem in (unit_names[unit][:2], *stems)),
            (f"{stem}第{number}{ending}" for number in count(2) for stem in stems),
        )
        names.append(next(name for name in options if name not in taken))
        taken.add(names[-1])
    return names


def _stems(bank: Bank) -> list[str]:
    text = _STEMS[bank]
    return [text[k : k + 2] for k in range(0, len(text), 2)]


def _shuffled(names: list[str], rng: Generator) -> list[str]:
    return [names[k] for k in rng.permutation(len(names))]


def _in_phases(names: list[str]) -> Iterator[str]:
    """Yield the names, then those of their second phase (2期), of their third, and so on."""
    yield from names
    yield from (f"{name}{number}期" for number in count(2) for name in names)
