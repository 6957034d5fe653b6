"""How commands are built: click whose help, errors and endings are sentences, in the language of a call.

The names of commands and options are the keys of their help.
"""

import math
import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from functools import wraps
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias, get_args

import click

from models.sentences import Language, find, say
from optimizer.console.endings import judge
from optimizer.console.exits import Exit
from optimizer.console.voice import Voice, spoken_language

Body: TypeAlias = Callable[..., Any]
Decorator: TypeAlias = Callable[[Body], Body]


LANGUAGES: tuple[Language, ...] = get_args(Language)
PASSING = (click.ClickException, click.exceptions.Exit, SystemExit, BrokenPipeError)
"""What click ends a command with, and a reader who has seen enough."""


def voice_of(context: click.Context) -> Voice:
    """Return the voice that the options of this call ask for."""
    stated = context.meta
    return Voice(
        context.obj or spoken_language(os.environ),
        quiet=stated.get("quiet", False),
        verbose=stated.get("verbose", False),
        as_json=stated.get("json", False),
    )


def remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Keep an option that says how to speak where `voice_of` finds it; what was said before the command stands."""
    if value:
        context.meta[str(parameter.name)] = value


class Ending:
    """Turns whatever stops a piece of work into an exit code and a sentence; a traceback only for a fault of ours."""

    def __init__(self, voice: Voice, subject: str = "") -> None:
        self.code = Exit.DONE
        self.voice = voice
        self.heading = [f"{subject}:"] if subject else []

    def __enter__(self) -> "Ending":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, stop: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if stop is None or isinstance(stop, PASSING):
            return False
        self.code, document, lines = judge(stop, self.voice)
        if self.code == Exit.OURS:
            traceback.print_exception(stop)
        self.voice.complain(*self.heading, *lines)
        if self.voice.as_json:
            self.voice.answer(document | {"exit_code": self.code}, [])
        return True


class Formatter(click.HelpFormatter):
    """Help whose headings are in the language of a voice."""

    def __init__(self, voice: Voice, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.voice = voice

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how the command is called."""
        super().write_usage(prog, args, f"{self.voice.say('help.usage')} ")

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        self.write(f"{'':>{self.current_indent}}{heading}{self.voice.say('help.colon')}\n")

    @contextmanager
    def section(self, name: str) -> Iterator[None]:
        """Write a section; click's own headings are sentences `cli.help.NAME`."""
        with super().section(find(f"cli.help.{name.lower()}", self.voice.language) or name):
            yield


class Context(click.Context):
    """A call whose help is in its language."""

    def make_formatter(self) -> Formatter:
        """Return a formatter that speaks with the voice of this call."""
        return Formatter(voice_of(self), width=self.terminal_width, max_width=self.max_content_width)


def tell_misuse(misuse: click.UsageError, voice: Voice) -> list[str]:
    """Return what was wrong with a call: how it is called, where help is, and what was found."""
    if misuse.ctx is None or isinstance(misuse, click.exceptions.NoArgsIsHelpError):
        return [misuse.format_message()]
    match misuse:
        case click.MissingParameter(param=click.Parameter() as missing):
            sentence = voice.say("usage.missing", what=missing.get_error_hint(misuse.ctx))
        case click.BadParameter(param=click.Parameter() as wrong, message=message):
            sentence = voice.say("usage.bad_value", what=wrong.get_error_hint(misuse.ctx), message=message)
        case click.NoSuchOption(option_name=name):
            sentence = voice.say("usage.no_option", name=name)
        case click.NoSuchCommand(command_name=name):
            sentence = voice.say("usage.no_command", name=name)
        case _:
            sentence = misuse.format_message()
    return [
        misuse.ctx.get_usage(),
        voice.say("usage.help", command=misuse.ctx.command_path),
        "",
        f"{voice.say('error.word')}{sentence}",
    ]


@contextmanager
def telling_misuse(language: Language) -> Iterator[None]:
    """Say what is wrong with a call in its language, where click would say it in English."""
    try:
        yield
    except click.UsageError as misuse:
        voice = Voice(language)
        voice.complain(*tell_misuse(misuse, voice))
        raise click.exceptions.Exit(misuse.exit_code) from None


class Option(click.Option):
    """An option whose help is the sentence `cli.options.NAME`."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its help in the language of this call."""
        self.help = find(f"cli.options.{self.name}", voice_of(ctx).language) or self.help
        return super().get_help_record(ctx)


class FiniteRange(click.FloatRange):
    """A number in a range; neither nan, which every comparison lets pass, nor infinity."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number; fails on one that is not finite."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            voice = voice_of(ctx or click.get_current_context())
            self.fail(voice.say("error.not_finite", value=value), param, ctx)
        return number


class Command(click.Command):
    """A command whose help is `cli.commands.NAME`, and whose every ending has an exit code."""

    context_class = Context

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return `--help`, with its own help in the language of this call."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = voice_of(ctx).say("options.help")
        return option

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help and its example in the language of this call."""
        voice = voice_of(ctx)
        self.help = voice.say(f"commands.{self.name}.help")
        super().format_help_text(ctx, formatter)
        with formatter.section(voice.say("help.example")):
            formatter.write_text(voice.say(f"commands.{self.name}.example"))

    def get_short_help_str(self, limit: int = 90) -> str:
        """Return the help for the list of commands, in the language of this call."""
        self.help = voice_of(click.get_current_context()).say(f"commands.{self.name}.help")
        return super().get_short_help_str(max(limit, 200))

    def invoke(self, ctx: click.Context) -> None:
        """Run the command; leave with its exit code, or with that of whatever stopped it.

        The local words that it learns of (`[terms]`) are its own.
        """
        copy_context().run(self._invoke, ctx)

    def _invoke(self, ctx: click.Context) -> None:
        ending = Ending(voice_of(ctx))
        with ending:
            ending.code = super().invoke(ctx) or Exit.DONE
        ctx.exit(ending.code)


class Group(Command, click.Group):
    """The program itself: the same help, and commands that end by themselves."""

    command_class = Command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Return the context of a call, with the language that it asks for anywhere."""
        language = stated_language(args)
        with telling_misuse(language):
            return super().make_context(info_name, args, parent, obj=language, **extra)

    def invoke(self, ctx: click.Context) -> None:
        """Run the command that was named."""
        with telling_misuse(ctx.obj):
            click.Group.invoke(self, ctx)


def spoken(*names: str, **attributes: Any) -> Decorator:
    """Return an option that says how to speak, not what to do."""
    return click.option(*names, cls=Option, callback=remember, expose_value=False, **attributes)


def option(*names: str, **attributes: Any) -> Decorator:
    """Return an option with its help from the catalogue."""
    return click.option(*names, cls=Option, **attributes)


def stated_language(arguments: Sequence[str]) -> Language:
    """Return the language of a call, also of one that cannot be read any further."""
    words = [word for argument in arguments for word in argument.split("=", 1)]
    stated = [word for option, word in pairwise(words) if option == "--lang"]
    known = [language for word in stated for language in LANGUAGES if word == language]
    return known[-1] if known else spoken_language(os.environ)


def with_ways_of_speaking(command: Body) -> Body:
    """Let a command take the options that say how the program speaks."""
    for add in (
        spoken("--verbose", "-v", is_flag=True),
        spoken("--quiet", "-q", is_flag=True),
        spoken("--lang", type=click.Choice(LANGUAGES), is_eager=True),
    ):
        command = add(command)
    return command


def with_voice(command: Callable[..., Exit]) -> Body:
    """Hand the voice of this call to a command as its first argument; how to speak may stand behind its name too."""

    @wraps(command)
    def speaking(*args: Any, **kwargs: Any) -> Exit:
        return command(voice_of(click.get_current_context()), *args, **kwargs)

    return with_ways_of_speaking(speaking)


def with_pool(command: Body) -> Body:
    """Let a command take the options that say who solves: processes of this machine, or a Dask cluster."""

    @wraps(command)
    def choosing(*args: Any, **kwargs: Any) -> Exit:
        if kwargs["jobs"] and kwargs["scheduler"]:
            language = voice_of(click.get_current_context()).language
            raise click.UsageError(say("tasks.pool.not_both", language=language))
        code: Exit = command(*args, **kwargs)
        return code

    scheduler = option("--scheduler", metavar="ADDRESS")
    return scheduler(option("--jobs", type=click.IntRange(min=1, max=1024), metavar="N")(choosing))


def with_limits(time_limit: str = "time_limit") -> Decorator:
    """Let a command take the options that say how far a search goes; it gets them as `limits`, fields of `Options`.

    `time_limit` is the key of the help of `--time-limit`.
    """

    def add(command: Body) -> Body:
        @wraps(command)
        def limiting(*args: Any, **kwargs: Any) -> Exit:
            limits = {name: kwargs.pop(name) for name in ("work_limit", "gap", "seed")}
            code: Exit = command(*args, limits={"time_limit_s": kwargs.pop(time_limit), **limits}, **kwargs)
            return code

        limited: Body = limiting
        for limit in (
            seed_option,
            option("--gap", type=FiniteRange(min=0), metavar="G", default=1e-4, show_default=True),
            option("--work-limit", type=COUNT, metavar="N"),
            option("--time-limit", time_limit, type=SECONDS, metavar="S"),
        ):
            limited = limit(limited)
        return limited

    return add


PATH = click.Path(path_type=Path)
"""Whether it exists is said by the command itself, so that --json can say it."""
SECONDS = FiniteRange(min=0, min_open=True)
COUNT = click.IntRange(min=1)
json_option = spoken("--json", is_flag=True)
seed_option = option("--seed", type=click.IntRange(min=0, max=2**31 - 1), metavar="N", default=1, show_default=True)
workers_option = option("--workers", type=click.IntRange(min=1, max=1024), metavar="N")
