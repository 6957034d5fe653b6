"""What the picture of a sweep shows: metres, and the first other level in which the plans differ."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from models.sentences import Language, find, say
from optimizer.export.grids import GridScene, Surface, draw_grid, fits
from optimizer.export.maps import Drawn
from optimizer.sweep.grid import Grid
from optimizer.sweep.outcome import NEAR, Sweep

FILES = ("sweep.png", "sweep.svg")
_AS_WAYS = ("travel",)
"""Levels that the metres tell better."""
IN_DECIMALS = ("vacancies", "rotation", "balance")


def draw_sweep(
    sweep: Sweep, headings: Mapping[Language, tuple[str, str]], language: Language, font: Path | None
) -> Drawn:
    """Draw `sweep.png` and `sweep.svg`; `headings` are the title and the caution, by language."""

    def build(tongue: Language) -> GridScene:
        return compose(sweep, *headings[tongue], tongue)

    *_, drawn = (draw_grid(build, sweep.out / file, language=language, font=font) for file in FILES)
    return drawn


def can_draw(sweep: Sweep) -> bool:
    """Whether the grid fits a picture, and there is something to draw."""
    return fits(list(sweep.grid.shape)) and bool(list_figures(sweep))


def list_figures(sweep: Sweep) -> tuple[str, ...]:
    """Return the columns of the table that are drawn, at most two: `mean_m`, and the level that tells most."""
    levels = [level for level in sweep.levels if level not in _AS_WAYS]
    values = {level: sweep.table.loc[sweep.planned, level].to_numpy(np.float64) for level in levels}
    varied = [level for level in levels if np.ptp(values[level]) > NEAR]
    counted = [level for level in levels if (values[level] > NEAR).any()]
    ways = ["mean_m"] if "mean_m" in sweep.table and sweep.table["mean_m"].notna().any() else []
    most = 2 if not ways else 1
    return (*ways, *dict.fromkeys((*varied, *counted, *levels)))[: len(ways) + most]


def compose(sweep: Sweep, title: str, caution: str, language: Language) -> GridScene:
    """Return what the picture says in a language."""
    grid = sweep.grid
    facts = {"title": title, "count": len(grid), "vary": tell_shape(grid, language)}
    heading, _, subtitle = say("sweep.headline", facts, language).partition("\n")
    best = sweep.best if len(sweep.best) < int(sweep.planned.sum()) else ()
    absent = [find(f"sweep.short.{status}", language) or "" for status in sweep.table["status"]]
    return GridScene(
        heading=heading,
        subtitle=subtitle,
        notes=(*tell_unproved(sweep, language), *tell_children(sweep, language), caution),
        keys=grid.keys(language),
        labels=tuple(grid.values(axis, language) for axis in range(len(grid.axes))),
        surfaces=tuple(_surface(sweep, column, language) for column in list_figures(sweep)),
        absent=tuple("" if planned else why for planned, why in zip(sweep.planned, absent, strict=True)),
        unproved=tuple(sweep.unproved.tolist()),
        best=tuple(grid.points[row].position for row in best),
        ringed=_tell_ringed(sweep, best, language),
    )


def tell_shape(grid: Grid, language: Language) -> str:
    """Return the keys and how many values each takes."""
    return " × ".join(f"{key} ({count})" for key, count in zip(grid.keys(language), grid.shape, strict=True))


def tell_unproved(sweep: Sweep, language: Language) -> tuple[str, ...]:
    """Return what the mark `*` says, where some plan has it."""
    count = int(sweep.unproved.sum())
    return (say("sweep.unproved", {"count": count}, language),) if count else ()


def tell_children(sweep: Sweep, language: Language) -> tuple[str, ...]:
    """Return what the children came to under every value that counts them anew, since each row is rounded."""
    told = []
    for k, axis in enumerate(sweep.grid.axes):
        counted = sweep.children(k) if axis.changes_demand else None
        if counted is not None:
            pairs = zip(axis.labels, counted, strict=True)
            each = [
                say("sweep.children.each", {"value": value, "count": f"{count:,}"}, language) for value, count in pairs
            ]
            facts = {"key": sweep.grid.keys(language)[k], "each": say("sweep.list", language=language).join(each)}
            told.append(say("sweep.children.rounded", facts, language))
    return tuple(told)


def _tell_ringed(sweep: Sweep, best: tuple[int, ...], language: Language) -> str:
    if not best:
        return ""
    if len(best) == 1:
        title = sweep.grid.title(sweep.grid.points[best[0]].position, language)
        return say("sweep.ringed.one", {"title": title}, language)
    return say("sweep.ringed.alike", {"count": len(best)}, language)


def _surface(sweep: Sweep, column: str, language: Language) -> Surface:
    title = find(f"sweep.surfaces.{column}", language) or say(f"cli.levels.{column}", language=language)
    values = sweep.table[column].to_numpy(np.float64).reshape(sweep.grid.shape)
    return Surface(title[:1].upper() + title[1:], values, decimals=2 if column in IN_DECIMALS else 0)
