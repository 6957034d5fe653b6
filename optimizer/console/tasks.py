"""Many runs at once, as a terminal shows them: how far they are, how long it will take, and which failed."""

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn
from rich.progress import Progress as Bar
from rich.progress import Task as BarTask
from rich.text import Text

from models.faults import FaultyInput
from models.sentences import Language, say
from optimizer.console.endings import judge
from optimizer.console.exits import EXIT_OF_STATUS, Exit, Refusal, gravest
from optimizer.console.progress import EVERY_S, QUIET_S, heeding_interrupts
from optimizer.console.text import printable
from optimizer.console.voice import Voice
from optimizer.runs import RunExists
from optimizer.runs.claim import OtherQuestion, release_folder
from optimizer.runs.read import read_record
from optimizer.tasks import (
    InputsChanged,
    NoDask,
    NoScheduler,
    NotHere,
    OtherProgram,
    Pool,
    Result,
    SchedulerLost,
    Task,
    WorkerLost,
    open_pool,
)

TOLD_VERSIONS = ("xuewei", "python", "ortools")


class TaskProgress:
    """An overseer of `optimizer.tasks` that speaks on `stream` (stderr): a bar on a terminal, else a line at times."""

    def __init__(self, stream: TextIO, language: Language, *, quiet: bool = False) -> None:
        self._language = language
        self._quiet = quiet
        self._began = self._spoke = time.monotonic()
        self._stopped = False
        self._all = self._kept = self._failed = self._done = 0
        self._open = self._spent = 0.0
        self._end: float | None = None
        self._console = Console(file=stream, markup=False, highlight=False, emoji=False, soft_wrap=True)
        lively = self._console.is_terminal and not quiet
        columns = (BarColumn(bar_width=24), _Line(self))
        self._bar = Bar(*columns, console=self._console, transient=True) if lively else None
        self._total = self._bar.add_task("", total=None) if self._bar else None

    def __enter__(self) -> "TaskProgress":
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def planned(self, tasks: Sequence[Task], kept: int) -> None:
        """Count further tasks, and those whose runs are there already."""
        self._all += len(tasks) + kept
        self._kept += kept
        self._done += kept
        self._open += sum(task.weight for task in tasks)
        self._show()

    def arrived(self, result: Result) -> None:
        """Count what came of a task."""
        self._done += 1
        self._failed += result.ending == "failed"
        self._open -= result.task.weight
        self._spent += result.task.weight
        now = time.monotonic()
        self._end = now + (now - self._began) * self._open / self._spent
        self._show()

    def stopped(self) -> bool:
        """Return True once Ctrl-C was pressed."""
        return self._stopped

    def stop(self) -> None:
        """Ask the work to end."""
        self._stopped = True
        self._say(say("tasks.progress.stopping", language=self._language))

    @property
    def line(self) -> str:
        """How far the work is, and how long it will take if it goes on as it has; "" before it is known what to do."""
        if not self._all:
            return ""
        told = [say("tasks.progress.line", {"done": self._done, "all": self._all}, self._language)]
        for key, count in (("kept", self._kept), ("failed", self._failed)):
            if count:
                told.append(say(f"tasks.progress.{key}", {"count": count}, self._language))
        if self._end is not None and self._done < self._all:
            left = write_time(self._end - time.monotonic(), self._language)
            told.append(say("tasks.progress.left", {"left": left}, self._language))
        return ", ".join(told) if self._language == "en" else "，".join(told)

    def _show(self) -> None:
        now = time.monotonic()
        if self._bar and self._total is not None:
            self._bar.update(self._total, total=max(self._all, 1), completed=self._done)
        elif now - self._began > QUIET_S and now - self._spoke > EVERY_S:
            self._spoke = now
            self._say(self.line)

    def _say(self, line: str) -> None:
        if not self._quiet:
            self._console.print(printable(line))


class _Line(ProgressColumn):
    """The line of a progress beside its bar."""

    def __init__(self, progress: TaskProgress) -> None:
        super().__init__()
        self._progress = progress

    def render(self, task: BarTask) -> Text:
        """Return the line as it is now."""
        return Text(printable(self._progress.line))


def write_time(seconds: float, language: Language) -> str:
    """Return a time as people say it: `40 s`, `12 min`, `3 h 20 min`."""
    if seconds < 90:
        return say("tasks.progress.seconds", {"count": max(1, round(seconds))}, language)
    minutes = round(seconds / 60)
    if minutes < 90:
        return say("tasks.progress.minutes", {"count": minutes}, language)
    hours, rest = divmod(minutes, 60)
    return say("tasks.progress.hours", {"hours": hours, "minutes": rest}, language)


@contextmanager
def claiming(out: Path, topic: str, voice: Voice) -> Iterator[None]:
    """Within it, a folder that holds something else is refused in the words of a topic."""
    try:
        yield
    except OtherQuestion as stop:
        key = "other" if stop.replaceable else "foreign"
        raise Refusal(Exit.CANNOT_WRITE, say(f"{topic}.refused.{key}", {"folder": out}, voice.language)) from stop


@contextmanager
def at_work(voice: Voice, *, jobs: int | None, scheduler: str | None) -> Iterator[tuple[Pool, TaskProgress]]:
    """Yield a pool and the progress to carry out tasks with; Ctrl-C ends the work, and a second one the program.

    Without `jobs` there is one a core. Refuses a cluster that cannot be used, and runs in the place of others, with
    what to do.
    """
    progress = TaskProgress(sys.stderr, voice.language, quiet=voice.quiet)
    try:
        with open_pool(jobs or os.cpu_count() or 1, scheduler) as pool, progress, heeding_interrupts(progress):
            yield pool, progress
    except RunExists as stop:
        if not stop.replaceable:
            raise
        raise Refusal(Exit.CANNOT_WRITE, say("tasks.pool.other", {"path": stop.folder}, voice.language)) from stop
    except NoDask as stop:
        raise Refusal(Exit.USAGE, say("tasks.pool.no_dask", language=voice.language)) from stop
    except NoScheduler as stop:
        facts = {"address": stop.address, "detail": stop.reason}
        raise Refusal(Exit.USAGE, say("tasks.pool.no_scheduler", facts, voice.language)) from stop
    except OtherProgram as stop:
        raise Refusal(Exit.USAGE, _tell_other_program(stop, voice)) from stop
    except SchedulerLost as stop:
        raise Refusal(Exit.NO_PLAN, say("tasks.notes.lost", {"address": stop.address}, voice.language)) from stop


def judge_result(result: Result, voice: Voice) -> tuple[Exit, list[str]]:
    """Return the exit code that a result stands for; for one that failed also why, in lines for people."""
    if result.failure is None:
        stored = result.is_stored
        return EXIT_OF_STATUS[read_record(result.folder)["status"]] if stored else Exit.INTERRUPTED, []
    stop = result.failure.exception
    match stop:
        case WorkerLost():
            key, facts = "worker" if stop.ending else "cluster", {"times": stop.times, "ending": stop.ending}
        case InputsChanged():
            key, facts = "changed", {"path": stop.path}
        case NotHere():
            key, facts = "not_here", {"path": stop.path}
        case OtherProgram():
            return Exit.USAGE, [_tell_other_program(stop, voice)]
        case _:
            code, _, lines = judge(stop, voice)
            trace = result.failure.trace.rstrip().split("\n") if code == Exit.OURS else []
            return code, [*trace, *lines]
    code = Exit.FAULTY if key == "changed" else Exit.NO_PLAN
    return code, [say(f"tasks.failed.{key}", facts, voice.language)]


def tell_results(results: Sequence[Result], voice: Voice) -> list[str]:
    """Return how many runs were kept and how many not begun, and what was noted of some; nothing of all others."""
    notes = [say(key, facts, voice.language) for result in results for key, facts in result.notes]
    lines = [note for note in dict.fromkeys(notes) if note not in voice.said]
    voice.said.update(lines)
    for key, ending in (("kept", "kept"), ("left", "left")):
        count = sum(result.ending == ending for result in results)
        if count:
            lines.append(say(f"tasks.notes.{key}", {"count": count, "all": len(results)}, voice.language))
    return lines


def refuse_failed(results: Sequence[Result], out: Path, mark: str, voice: Voice) -> None:
    """Refuse work that came to nothing, each reason said once, and leave no mark in `out` that bars the next call."""
    if results and all(result.failure is not None for result in results):
        release_folder(out, mark)
        why = dict.fromkeys(tell_failure(result, voice) for result in results)
        raise Refusal(gravest(judge_result(result, voice)[0] for result in results), "\n".join(why))


def tell_failure(result: Result, voice: Voice) -> str:
    """Return in one sentence why a task failed; of several faults in its input the first, and how to see all."""
    from optimizer.checks import describe

    stop = result.failure.exception if result.failure else None
    if isinstance(stop, FaultyInput):
        first = describe(stop.faults[0], voice.language)
        task = result.task
        facts = {"faults": len(stop.faults), "instance": task.instance, "scenario": task.scenario}
        told = {"code": first.code, "where": first.where, "sentence": first.sentence}
        return say(f"tasks.failed.fault{'s' if len(stop.faults) > 1 else ''}", facts | told, voice.language)
    return judge_result(result, voice)[1][-1].removeprefix(voice.say("error.word"))


def _tell_other_program(stop: OtherProgram, voice: Voice) -> str:
    theirs, ours = (_tell_versions(found) for found in (stop.theirs, stop.ours))
    facts = {"theirs": theirs or say("tasks.failed.nothing", language=voice.language), "ours": ours}
    return say("tasks.failed.program", facts, voice.language)


def _tell_versions(found: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {found[name]}" for name in TOLD_VERSIONS if name in found)
