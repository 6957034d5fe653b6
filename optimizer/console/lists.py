"""The lists of a run on a terminal: where they lie, and what still keeps them from being published."""

from pathlib import Path

from optimizer.console.exits import Exit, Refusal
from optimizer.console.voice import Voice
from optimizer.lists import Manner, store_lists
from optimizer.runs import StoredRun


def tell_lists(
    stored: StoredRun, folder: Path | None, voice: Voice, *, final: bool, publish: bool, force: bool
) -> list[str]:
    """Write the lists of a run, into its folder `lists` unless another is named; return where they lie.

    Refuses to call a study of all grades final.
    """
    manner = Manner(voice.language, stored.record["mode"], final=final, publish=publish)
    if final and manner.mode == "whole":
        raise Refusal(Exit.USAGE, manner.word("written.no_final", folder=stored.folder))
    target = folder or stored.folder / "lists"
    written = store_lists(stored, target, manner, force=force)
    if written.small and not publish:
        voice.note(manner.word("written.small", count=written.small))
    told = manner.word(
        f"written.{'final' if final else 'draft'}", folder=target, files=manner.join(list(written.files))
    )
    return [told, *([manner.word("written.published")] if written.small and publish else [])]
