"""Units that may belong to a school and to which no way leads from it: what bars all ways between them."""

from collections.abc import Iterator

import numpy as np

from models.district import Bools, Ints
from optimizer.diagnose.count.ground import OUT_OF_TOUCH, Ground
from optimizer.formulation.contiguity import find_components
from optimizer.formulation.ways import adjoin_blocks


def find_walls(ground: Ground, blocks: Ints) -> Iterator[tuple[Ints, tuple[str, ...]]]:
    """Yield for each block the schools from which contiguity alone parts it, and the rules that bar all ways to them.

    Of one school the same rules are told to all blocks of a stage that it is parted from.
    """
    names, stage = ground.barring.rules, ground.f.blocks.stage[blocks]
    apart = np.isin(ground.barring.first[blocks], [names.index("contiguity"), names.index(OUT_OF_TOUCH)])
    rules = {
        (int(s), int(school)): _bar_ways(ground, int(school), blocks[apart[:, school] & (stage == s)])
        for s in np.unique(stage)
        for school in np.flatnonzero(np.any(apart[stage == s], axis=0))
    }
    for s, row in zip(stage.tolist(), apart, strict=True):
        schools = np.flatnonzero(row)
        yield schools, tuple(dict.fromkeys(rule for school in schools.tolist() for rule in rules[s, school]))


def _bar_ways(ground: Ground, school: int, blocks: Ints) -> tuple[str, ...]:
    """Rules that bar every way from a school's catchment to some blocks of one stage; none of them in vain.

    A rule is left out where all blocks that it bars may be passed and still no way leads there.
    """
    f, c, names = ground.f, ground.f.contiguity, ground.barring.rules
    assert c is not None
    s = int(f.blocks.stage[blocks[0]])
    of_unit, home, first = f.blocks.of_unit[:, s], c.home[[school], s], ground.barring.first[:, school]
    doors = of_unit[home if home[0] >= 0 else np.flatnonzero(c.doors[:, school, s])]
    borders, free = np.stack(adjoin_blocks(c, of_unit), axis=1), first >= names.index("contiguity")
    told = {"change": None} if c.stands[school, s] else {}
    barring = [(ground.meant(names[k]), first == k) for k in np.unique(first[~free & (first >= 0)])]
    for rules, barred in ((("indivisible",), np.diff(f.blocks.start) > 1), *barring):
        if _leads(borders, free | barred, doors, blocks):
            told |= dict.fromkeys(rules)
        else:
            free = free | barred
    return tuple(told)


def _leads(borders: Ints, free: Bools, doors: Ints, blocks: Ints) -> bool:
    """Whether a way of free blocks leads from any of the doors to any of the blocks."""
    piece = find_components(borders[free[borders].all(axis=1)], len(free))
    return bool(np.isin(piece[blocks], piece[doors[free[doors]]]).any())
