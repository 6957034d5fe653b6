"""Answers to "why this school and not that one" in words: what differs, nothing else."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from models.run import Shortfall
from models.sentences import find, say
from models.stages import Stage
from optimizer.console.arguments import existing_folder, stored_run
from optimizer.console.exits import Exit, Refusal
from optimizer.console.text import write_metres, write_number, write_share
from optimizer.console.voice import Voice
from optimizer.explain import (
    Basis,
    InputsChanged,
    InputsGone,
    NotKnown,
    SchoolAnswer,
    TeacherAnswer,
    UnitAnswer,
    explain_school,
    explain_teacher,
    explain_unit,
    read_basis,
)
from optimizer.explain.moved import OF_ROOM, Move
from optimizer.explain.school import Change, Limit, SchoolStage
from optimizer.explain.teacher import Vacancy
from optimizer.explain.unit import Passed, Seat, StageAnswer
from optimizer.indices import title_of
from optimizer.recheck import describe_shortfall
from optimizer.runs import StoredRun
from optimizer.runs.record import plain

Answer = UnitAnswer | SchoolAnswer | TeacherAnswer
MOST_NAMED = 6
"""Units that a line names one by one."""
_KEPT = "rotation_eligible"


def explained_run(folder: Path, voice: Voice, *, posts: bool) -> StoredRun:
    """Return the run that `folder` holds; refuses one without a plan, or without posts or catchments."""
    stored = stored_run(folder, voice)
    if stored.plan is None:
        facts = {"instance": stored.record.get("inputs") or "INSTANCE", "scenario": stored.record["scenario"]}
        raise Refusal(Exit.USAGE, _say(voice, "refused.no_plan", folder=folder, status=stored.status, **facts))
    if posts and stored.scope == "children":
        raise Refusal(Exit.USAGE, _say(voice, "refused.no_posts", folder=folder))
    if not posts and stored.scope == "posts":
        raise Refusal(Exit.USAGE, voice.say("posts.no_catchments", folder=folder))
    return stored


def answer_question(
    folder: Path, instance: Path | None, voice: Voice, *, kind: str, asked: str, stage: Stage | None
) -> tuple[dict[str, Any], list[str]]:
    """Return the answer to a question about a `unit`, `school` or `teacher` of a run, as a document and as lines.

    Refuses what is not known, a stage that the run does not plan there, and a run whose instance is gone or is not as
    it was.
    """
    stored = explained_run(folder, voice, posts=kind == "teacher")
    try:
        basis = read_basis(stored, None if instance is None else existing_folder(instance, voice))
        answer = _answer(basis, kind, asked, stage)
    except InputsGone as stop:
        key = "gone" if stop.named else "not_said"
        raise Refusal(Exit.USAGE, _say(voice, f"refused.{key}", folder=folder, inputs=stop.named)) from None
    except InputsChanged as stop:
        facts = {"folder": folder, "instance": stop.instance, "files": ", ".join(stop.files)}
        raise Refusal(Exit.USAGE, _say(voice, "refused.changed", **facts)) from None
    except NotKnown as stop:
        raise Refusal(Exit.USAGE, _tell_unknown(stop, voice)) from None
    if stage is not None and not isinstance(answer, TeacherAnswer) and not answer.stages:
        told = voice.say(f"stages.{stage}")
        raise Refusal(Exit.USAGE, _say(voice, "refused.no_stage", folder=folder, asked=asked, stage=told))
    if basis.changed:
        voice.note(_say(voice, "refused.apart", files=", ".join(basis.changed)))
    lines = list(_tell(basis, answer, voice))
    return {"run": str(folder), "asked": kind, "answer": plain(asdict(answer)), "told": lines}, lines


def _answer(basis: Basis, kind: str, asked: str, stage: Stage | None) -> Answer:
    if kind == "teacher":
        return explain_teacher(basis, asked)
    return (explain_unit if kind == "unit" else explain_school)(basis, asked, stage)


def _tell(basis: Basis, answer: Answer, voice: Voice) -> Iterator[str]:
    match answer:
        case UnitAnswer():
            for each in answer.stages:
                yield from _tell_unit_stage(basis, answer, each, voice)
        case SchoolAnswer():
            yield _tell_limits(basis, answer, voice)
            for taught in answer.stages:
                yield from _tell_school_stage(basis, answer, taught, voice)
        case TeacherAnswer():
            yield from _tell_teacher(basis, answer, voice)


def _tell_unknown(stop: NotKnown, voice: Voice) -> str:
    near = ", ".join(stop.near)
    if stop.several:
        return _say(voice, "refused.several", found=stop.found, near=near)
    meant = _say(voice, "refused.near", near=near) if near else ""
    return _say(voice, f"refused.{stop.kind}", found=stop.found, near=meant)


def _say(voice: Voice, key: str, **facts: object) -> str:
    return say(f"explain.{key}", facts, voice.language)


def _join(voice: Voice, parts: Sequence[str], between: str = "comma") -> str:
    return _say(voice, f"words.{between}").join(parts)


def _stage(voice: Voice, stage: str) -> str:
    return voice.say(f"stages.{stage or 'all'}")


def _unit(basis: Basis, voice: Voice, unit: str) -> str:
    return _named(voice, unit, basis.district.units.names[basis.district.units.row[unit]])


def _school(basis: Basis, voice: Voice, school: str) -> str:
    if not school:
        return _say(voice, "school.nobody")
    return _named(voice, school, basis.district.schools.names[basis.district.schools.row[school]])


def _named(voice: Voice, each: str, name: str) -> str:
    return _say(voice, "words.named", id=each, name=name) if name and name != each else each


def _mean(metres: float | None) -> str:
    return "" if metres is None or math.isnan(metres) else f"{metres:,.1f} m"


# A unit


def _tell_unit_stage(basis: Basis, answer: UnitAnswer, stage: StageAnswer, voice: Voice) -> Iterator[str]:
    named = {"unit": _unit(basis, voice, answer.unit), "stage": _stage(voice, stage.stage)}
    if not stage.schools:
        yield _say(voice, "unit.none", **named)
    else:
        schools = [
            _say(voice, "words.school", school=_school(basis, voice, school), metres=write_metres(metres))
            for school, metres in zip(stage.schools, stage.metres, strict=True)
        ]
        yield _say(voice, "unit.belongs", schools=_join(voice, schools), students=stage.students, **named)
    yield from _tell_today(basis, stage, voice)
    yield from (_tell_seat(basis, stage, seat, voice) for seat in stage.seats if seat.outside)
    yield from _tell_passed(basis, stage, voice)
    yield from _tell_moves(basis, answer, stage, voice)


def _tell_today(basis: Basis, stage: StageAnswer, voice: Voice) -> Iterator[str]:
    if stage.must:
        yield _say(voice, "unit.must")
    if set(stage.schools) & set(stage.today):
        yield _say(voice, "unit.today")
    elif stage.today:
        today = _join(voice, [_school(basis, voice, school) for school in stage.today])
        reason = find(f"runs.reasons.{stage.reason}", voice.language)
        yield _say(voice, "unit.changed" if reason else "unit.moved", today=today, reason=reason)


def _tell_seat(basis: Basis, stage: StageAnswer, seat: Seat, voice: Voice) -> str:
    facts: dict[str, object] = {
        "students": seat.students,
        "category": find(f"kinds.categories.{seat.category}", voice.language) or seat.category,
        "seat": _school(basis, voice, seat.school),
        "metres": write_metres(seat.metres),
    }
    if stage.full is None or not basis.placement.is_zoned(seat.category):
        return _say(voice, "unit.after", **facts)
    facts |= {"school": _school(basis, voice, stage.full.school), "held": write_number(stage.full.students)}
    facts |= {"places": write_number(stage.full.places) or "-", "classes": stage.full.classes}
    return _say(voice, "unit.full", tracks=write_number(stage.full.tracks) or "-", **facts)


def _tell_passed(basis: Basis, stage: StageAnswer, voice: Voice) -> Iterator[str]:
    own = min(stage.metres, default=math.inf)
    if not any(move.metres < own for move in stage.moves):
        yield _say(voice, "unit.nearest")
    elif not stage.passed:
        yield _say(voice, "unit.none_passed")
    yield from (_tell_one_passed(basis, passed, voice) for passed in stage.passed)


def _tell_one_passed(basis: Basis, passed: Passed, voice: Voice) -> str:
    return _say(
        voice,
        "unit.passed",
        school=_school(basis, voice, passed.school),
        metres=write_metres(passed.metres),
        unit=_unit(basis, voice, passed.unit),
        unit_metres=write_metres(passed.unit_metres),
        students=passed.students,
        why=_say(voice, f"why.{passed.why}"),
        count=passed.count,
    )


def _tell_moves(basis: Basis, answer: UnitAnswer, stage: StageAnswer, voice: Voice) -> Iterator[str]:
    if not stage.moves:
        yield _say(voice, "unit.no_other")
        return
    mean, along = _mean(answer.mean_m), stage.moves[0].with_units
    if along:
        yield _say(voice, "unit.estate", mean=mean, units=_list_units(along, voice))
    else:
        yield _say(voice, "unit.alone", mean=mean)
    left = next(iter(stage.schools), "")
    for move in stage.moves:
        facts = {"school": _school(basis, voice, move.school), "metres": write_metres(move.metres)}
        yield _say(voice, "unit.move", verdict=_judge(basis, move, voice), **facts)
        if move.students:
            yield _say(voice, "unit.cost", **_list_costs(move, left, voice))
        if move.failing:
            yield _say(voice, "unit.failing", indices=_join(voice, [_index(each, voice) for each in move.failing]))


def _list_costs(move: Move, left: str, voice: Voice) -> dict[str, object]:
    uses = [(move.school, move.used), (left, move.used_left)]
    used = [
        _say(voice, "unit.use", school=school, before=write_share(before), after=write_share(after))
        for school, (before, after) in uses
        if school and not math.isnan(before + after)
    ]
    return {"students": move.students, "mean": _mean(move.mean_m), "used": _join(voice, used) or "-"}


def _index(failing: tuple[str, str, str], voice: Voice) -> str:
    index, scope, stage = failing
    return _say(
        voice,
        "unit.index",
        title=title_of(index, voice.language),
        scope=_stage(voice, stage) if scope == "district" else scope,
    )


def _judge(basis: Basis, move: Move, voice: Voice) -> str:
    """What a move comes to: what forbids it, else the first level of the objective that it changes."""
    if move.forbids:
        told = _once(move.forbids)
        sentences = (" " if voice.language == "en" else "").join(
            describe_shortfall(each, voice.language) for each in told
        )
        if move.beyond:
            return _say(voice, "verdicts.full", sentences=sentences, beyond=move.beyond)
        return _say(voice, "verdicts.forbidden", sentences=sentences)
    verdict = _tell_turn(basis, move, voice)
    gives_way = _say(voice, "verdicts.guests", guests=move.guests) if move.guests else ""
    return (" " if voice.language == "en" else "").join(filter(None, (verdict, gives_way)))


def _once(shortfalls: Sequence[Shortfall]) -> list[Shortfall]:
    """Shortfalls without a second one that says of the same school that it is full."""
    kept: dict[tuple[str, str, str], Shortfall] = {}
    for each in shortfalls:
        rule = "room" if each.rule in OF_ROOM else f"{each.rule} {each.kind}"
        kept.setdefault((rule, each.where, each.stage if rule != "room" else ""), each)
    return list(kept.values())


def _tell_turn(basis: Basis, move: Move, voice: Voice) -> str:
    turn = move.turn
    if turn is None:
        return _say(voice, "verdicts.same")
    proved = basis.stored.record["status"] == "optimal"
    key = "worse" if turn.is_worse else "within" if proved else "better"
    level = find(f"cli.levels.{turn.level}", voice.language) or turn.level
    decimals = 3 if abs(turn.after - turn.before) < 0.1 else 1
    before, after = (write_number(value, decimals) for value in (turn.before, turn.after))
    return _say(voice, f"verdicts.{key}", level=level, before=before, after=after)


def _list_units(units: Sequence[str], voice: Voice) -> str:
    named = _join(voice, units[:MOST_NAMED])
    beyond = len(units) - MOST_NAMED
    return _say(voice, "school.more", units=named, count=beyond) if beyond > 0 else named


# A school


def _tell_limits(basis: Basis, answer: SchoolAnswer, voice: Voice) -> str:
    school = _school(basis, voice, answer.school)
    if not answer.limits:
        return _say(voice, "limits.none", school=school)
    return _say(
        voice,
        "limits.all",
        school=school,
        limits=_join(voice, [_limit(each, voice) for each in answer.limits], "semicolon"),
    )


def _limit(limit: Limit, voice: Voice) -> str:
    key = f"limits.{limit.rule}_stage" if limit.stage else f"limits.{limit.rule}"
    facts = {"value": write_number(limit.value), "limit": write_number(limit.limit)}
    told = _say(voice, key, stage=_stage(voice, limit.stage), **facts)
    return _say(voice, "limits.full", limit=told) if limit.binds else told


def _tell_school_stage(basis: Basis, answer: SchoolAnswer, stage: SchoolStage, voice: Voice) -> Iterator[str]:
    counts = {name: write_number(getattr(stage, name)) for name in ("units", "students", "seated", "guests", "total")}
    yield _say(voice, "school.stage", stage=_stage(voice, stage.stage), **counts)
    if stage.free is not None:
        yield _say(voice, "school.free", free=stage.free)
    if stage.farthest is not None:
        unit, metres, students = stage.farthest
        facts = {"unit": _unit(basis, voice, unit), "metres": write_metres(metres), "students": students}
        yield _say(voice, "school.farthest", **facts)
    if stage.turned_away:
        sent = [
            _say(voice, "school.sent", school=_school(basis, voice, school), students=students)
            for school, students in stage.turned_away
        ]
        yield _say(voice, "school.turned", schools=_join(voice, sent))
    yield from (_tell_change(basis, change, voice) for change in stage.changes)
    if stage.nearer_units:
        yield _say(voice, "school.nearer", units=stage.nearer_units, students=write_number(stage.nearer_students))
    for each in stage.nearer:
        facts = {
            "unit": _unit(basis, voice, each.unit),
            "students": each.students,
            "metres": write_metres(each.metres),
            "own": write_metres(each.school_metres),
            "school": each.school,
        }
        yield _say(voice, "school.nearer_unit", verdict=_judge(basis, each.move, voice), **facts)


def _tell_change(basis: Basis, change: Change, voice: Voice) -> str:
    facts = {"units": _list_units(change.units, voice), "students": change.students}
    key = "school.gained" if change.gained else "school.lost"
    return _say(voice, key, school=_school(basis, voice, change.school), **facts)


# A teacher


def _tell_teacher(basis: Basis, answer: TeacherAnswer, voice: Voice) -> Iterator[str]:
    yield _tell_posting(basis, answer, voice)
    parts = [say(f"staff.{table}.{code}", language=voice.language) for table, code in answer.registered]
    parts += [say("staff.backbone", language=voice.language)] if answer.backbone else []
    if parts:
        yield _say(voice, "teacher.registered", parts=_join(voice, parts))
    reason = say(f"standing.{answer.reason}", answer.facts, voice.language)
    standing = say(f"standing.{answer.standing}", answer.standing_facts, voice.language)
    yield _say(voice, "teacher.reason", reason=reason)
    if standing != reason:
        yield _say(voice, "teacher.standing", standing=standing)
    if answer.spare:
        yield _say(voice, "teacher.spare", school=_school(basis, voice, answer.from_school))
    if answer.way == "leaves":
        return
    yield _say(voice, "teacher.vacancies" if answer.vacancies else "teacher.no_vacancy")
    grouped: dict[str, list[Vacancy]] = {}
    for vacancy in answer.vacancies:
        grouped.setdefault(_judge_post(answer, vacancy, standing, voice), []).append(vacancy)
    for verdict, vacancies in grouped.items():
        schools = [
            _say(voice, "teacher.vacant", school=_school(basis, voice, each.school), posts=write_number(each.posts, 1))
            for each in vacancies
        ]
        yield _say(voice, "teacher.post", schools=_join(voice, schools), verdict=verdict)
    if answer.more:
        yield _say(voice, "teacher.more", count=answer.more, folder=basis.stored.folder)


def _tell_posting(basis: Basis, answer: TeacherAnswer, voice: Voice) -> str:
    way = answer.way
    key = {"stay": "stays", "leaves": "leaves", "recruit": "takes" if answer.to_school else "waits"}.get(way, "moves")
    form = "" if way == "stay" else voice.say(f"forms.{way}")
    return _say(
        voice,
        f"teacher.{key}",
        teacher=answer.teacher,
        stage=_stage(voice, answer.stage),
        subject=say(f"subjects.{answer.subject}", language=voice.language),
        from_school=_school(basis, voice, answer.from_school),
        to_school=_school(basis, voice, answer.to_school),
        effective=answer.effective,
        way=_say(voice, "teacher.term", way=form, years=answer.term_years) if answer.term_years else form,
    )


def _judge_post(answer: TeacherAnswer, vacancy: Vacancy, standing: str, voice: Voice) -> str:
    if any(each.rule == _KEPT for each in vacancy.forbids):
        return _say(voice, "teacher.kept", standing=standing)
    if vacancy.forbids:
        rules = dict.fromkeys(_tell_rule(each, voice) for each in vacancy.forbids)
        return _say(voice, "teacher.forbidden", rules=_join(voice, list(rules), "semicolon"))
    if not answer.to_school or (answer.spare and answer.to_school == answer.from_school):
        return _say(voice, "teacher.allowed")
    return _say(voice, "teacher.needed", school=answer.to_school)


def _tell_rule(shortfall: Shortfall, voice: Voice) -> str:
    """Why a posting is not allowed, said of the one person; of other rules what falls short."""
    key = "leaving" if shortfall.rule == "continuity" and not shortfall.kind else shortfall.kind or shortfall.rule
    own = find(f"explain.rules.{key}", voice.language)
    return own or describe_shortfall(shortfall, voice.language).rstrip(".。")
