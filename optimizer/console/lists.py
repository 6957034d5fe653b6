"""The lists of a run on a terminal: where they lie, and what still keeps them from being published."""

from pathlib import Path

from optimizer.console.exits import Exit, Refusal
from optimizer.console.voice import Voice
from optimizer.lists import Manner, Mode, store_lists
from optimizer.runs import StoredRun


def tell_lists(
    stored: StoredRun, folder: Path | None, voice: Voice, *, final: bool, publish: bool, force: bool
) -> list[str]:
    """Write the lists of a run, into its folder `lists` unless another is named; return where they lie.

    Refuses to call a study of all grades final.
    """
    mode: Mode = "posts" if stored.scope == "posts" else stored.record["mode"]
    manner = Manner(voice.language, mode, final=final, publish=publish)
    if final and manner.mode == "whole":
        raise Refusal(Exit.USAGE, manner.word("written.no_final", folder=stored.folder))
    target = folder or stored.folder / "lists"
    written = store_lists(stored, target, manner, force=force)
    found = {"small": written.small, "personal": int(written.posts)}
    if not publish:
        voice.note(*(manner.word(f"written.{what}", count=count) for what, count in found.items() if count))
    told = manner.word(
        f"written.{'final' if final else 'draft'}", folder=target, files=manner.join(list(written.files))
    )
    hidden = {"published": written.small, "counted": written.posts}
    return [told, *(manner.word(f"written.{what}") for what, is_so in hidden.items() if is_so and publish)]
