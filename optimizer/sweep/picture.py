"""What the picture of a sweep shows: metres, and the first other level in which the plans differ."""

from pathlib import Path

import numpy as np

from models.sentences import Language, find, say
from optimizer.export.grids import GridScene, Surface, draw_grid, fits
from optimizer.export.maps import Drawn
from optimizer.sweep.outcome import NEAR, Sweep

FILES = ("sweep.png", "sweep.svg")
_AS_WAYS = ("travel",)
"""Levels that the metres tell better."""
IN_DECIMALS = ("vacancies", "rotation", "balance")


def draw_sweep(sweep: Sweep, titles: dict[Language, str], year: int, language: Language, font: Path | None) -> Drawn:
    """Draw `sweep.png` and `sweep.svg` into the folder of a sweep. `titles` heads them, by language."""

    def build(tongue: Language) -> GridScene:
        return compose(sweep, titles[tongue], year, tongue)

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


def compose(sweep: Sweep, title: str, year: int, language: Language) -> GridScene:
    """Return what the picture says in a language."""
    grid = sweep.grid
    named = dict(zip(grid.short_keys, map(len, grid.labels_of_axes), strict=True))
    facts = {"title": title, "count": len(grid), "vary": " × ".join(f"{key} ({count})" for key, count in named.items())}
    heading, _, subtitle = say("sweep.headline", facts, language).partition("\n")
    best = sweep.best
    absent = [find(f"sweep.short.{status}", language) or "" for status in sweep.table["status"]]
    return GridScene(
        heading=heading,
        subtitle=subtitle,
        caution=say("sweep.draft", {"year": year}, language),
        keys=grid.short_keys,
        labels=grid.labels_of_axes,
        surfaces=tuple(_surface(sweep, column, language) for column in list_figures(sweep)),
        absent=tuple("" if planned else why for planned, why in zip(sweep.planned, absent, strict=True)),
        best=None if best is None else grid.points[best].position,
        ringed="" if best is None else say("sweep.ringed", {"title": grid.title(grid.points[best].position)}, language),
    )


def _surface(sweep: Sweep, column: str, language: Language) -> Surface:
    title = find(f"sweep.surfaces.{column}", language) or say(f"cli.levels.{column}", language=language)
    values = sweep.table[column].to_numpy(np.float64).reshape(sweep.grid.shape)
    return Surface(title[:1].upper() + title[1:], values, decimals=2 if column in IN_DECIMALS else 0)
