"""What the picture of a trade-off shows: the curve, what was proved below it, its knee, and the plans of today."""

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path

import numpy as np

from models.outcome import Status
from models.sentences import Language, say
from models.settings import LevelName
from optimizer.console.summary import IN_DECIMALS
from optimizer.export.curves import CurveScene, Dot, Sign, draw_curve, floor_of
from optimizer.export.maps import Drawn
from optimizer.tradeoff.curve import Curve, Spot
from optimizer.tradeoff.question import Question
from optimizer.tradeoff.table import Today
from optimizer.tradeoff.words import head_level, name_level, tell_figures, tell_knee, write_level

FILES = ("tradeoff.png", "tradeoff.svg")


def draw_tradeoff(
    curve: Curve,
    out: Path,
    headings: Mapping[Language, tuple[str, str]],
    *,
    today: Today | None,
    standard: LevelName | None,
    language: Language,
    font: Path | None,
) -> Drawn:
    """Draw `tradeoff.png` and `tradeoff.svg`; `headings` are the heading and the caution, by language."""

    def build(tongue: Language) -> CurveScene:
        return compose(curve, *headings[tongue], today=today, standard=standard, language=tongue)

    *_, drawn = (draw_curve(build, out / file, language=language, font=font) for file in FILES)
    return drawn


def compose(
    curve: Curve, heading: str, caution: str, *, today: Today | None, standard: LevelName | None, language: Language
) -> CurveScene:
    """Return what the picture says in a language. Several levels with a ceiling are drawn as a curve each."""
    question = curve.question
    first, *others = question.capped
    shown = _shown(curve)
    groups = _groups(shown, others)
    names = [spot.name for spot, _ in shown]
    knee = curve.knee
    facts = {"on": len(curve.frontier), "count": len(curve.spots)}
    signs = [] if today is None else [_sign(today, question, language)]
    beside = [sign for sign in signs if _is_beside(sign, shown, curve)]
    subtitle = say("tradeoff.picture.subtitle", facts, language)
    if today is not None and not beside:
        figures = tell_figures(today.spot, question, language)
        subtitle += say("tradeoff.picture.far", {"figures": figures}, language)
    return CurveScene(
        heading=heading,
        subtitle=subtitle,
        caution=caution,
        x_title=_begin(name_level(first, language)),
        y_title=_begin(name_level(question.minimised, language)),
        dots=tuple(
            Dot(
                x=spot.value(first),
                y=spot.value(question.minimised),
                name=spot.name,
                note=_note(spot, standard, language),
                on=on,
                group=groups.index(_group(spot, others)),
            )
            for spot, on in shown
        ),
        floor=() if others else _floor(curve, first),
        edge=0.0 if others else curve.edge(first),
        proved=_tell_proved(curve, language),
        knee=None if knee is None else names.index(knee.spot.name),
        bend=() if knee is None else tell_knee(curve, knee, language),
        signs=tuple(beside),
        second=_metres(curve, language),
        groups=tuple(_tell_group(group, others, language) for group in groups) if others else (),
        decimals=(_decimals(first), 0 if question.minimised == "travel" else _decimals(question.minimised)),
    )


def _shown(curve: Curve) -> list[tuple[Spot, bool]]:
    """Plans in the picture and whether they are on the curve: those short before, and those equal to others, are not
    drawn."""
    drawn = zip(curve.spots, curve.standings, strict=True)
    return [(spot, standing == "on") for spot, standing in drawn if standing in ("on", "dominated")]


def _groups(shown: Sequence[tuple[Spot, bool]], others: Sequence[LevelName]) -> list[tuple[float, ...]]:
    """The ceilings of the other levels that there are, the tightest first."""
    return sorted({_group(spot, others) for spot, _ in shown})


def _group(spot: Spot, others: Sequence[LevelName]) -> tuple[float, ...]:
    return tuple(spot.ceiling(level) for level in others)


def _tell_group(group: tuple[float, ...], others: Sequence[LevelName], language: Language) -> str:
    told = [
        say(
            "tradeoff.picture.below" if isfinite(most) else "tradeoff.picture.free",
            {"level": head_level(level, language), "most": write_level(level, most)},
            language,
        )
        for level, most in zip(others, group, strict=True)
    ]
    return say("tradeoff.comma", language=language).join(told)


def _note(spot: Spot, standard: LevelName | None, language: Language) -> str:
    if spot.leads is None:
        return ""
    key = "end_solve" if spot.leads == standard and spot.status == Status.OPTIMAL else "end"
    return say(f"tradeoff.picture.{key}", {"level": head_level(spot.leads, language)}, language)


def _sign(today: Today, question: Question, language: Language) -> Sign:
    """Today's plan, with the level in which it is beside the curve, or that the picture has no axis for."""
    first, *others = question.capped
    level, value = (others[0], today.spot.value(others[0])) if others else (today.level, today.beyond)
    facts = {"level": head_level(level, language), "beyond": write_level(level, value)}
    key = "today_broken" if today.broken else "today_short" if level else "today"
    note = say(f"tradeoff.picture.{key}", facts, language)
    return Sign(today.spot.value(first), today.spot.value(question.minimised), note)


def _is_beside(sign: Sign, shown: Sequence[tuple[Spot, bool]], curve: Curve) -> bool:
    """Whether a plan lies so near to the others that these are not crowded together in the picture."""
    for level, value in ((curve.question.capped[0], sign.x), (curve.question.minimised, sign.y)):
        values = [spot.value(level) for spot, _ in shown]
        span = max(values) - min(values)
        if not min(values) - span <= value <= max(values) + span:
            return False
    return True


def _floor(curve: Curve, level: LevelName) -> tuple[tuple[float, float], ...]:
    steps = np.array([spot.ceiling(level) for spot in curve.spots if spot.values])
    return floor_of(steps, lambda most: curve.least({level: most}))


def _metres(curve: Curve, language: Language) -> tuple[float, str] | None:
    """Metres on average for a student-km, where all plans are of the same children."""
    if curve.question.minimised != "travel":
        return None
    known = [spot.mean_m / spot.value("travel") for spot in curve.frontier if spot.value("travel") > 0]
    if not known or not np.isfinite(known).all() or np.ptp(known) > 1e-6 * max(known):
        return None
    return float(np.mean(known)), _begin(say("tradeoff.picture.mean_m", language=language))


def _tell_proved(curve: Curve, language: Language) -> str:
    """What the shaded area says: that of plans which are as good in the levels before."""
    counted = [level for level in curve.question.before if any(level in spot.values for spot in curve.spots)]
    if not counted:
        return say("tradeoff.picture.proved", language=language)
    comma = say("tradeoff.comma", language=language)
    before = comma.join(name_level(level, language) for level in counted)
    return say("tradeoff.picture.proved_before", {"before": before}, language)


def _decimals(level: str) -> int:
    return 3 if level == "balance" else int(level in IN_DECIMALS and level != "travel")


def _begin(text: str) -> str:
    return text[:1].upper() + text[1:]
