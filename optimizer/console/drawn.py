"""Plans that somebody drew, as a command is given them: `FILE`, `FILE#NAME` or `current`."""

from typing import TYPE_CHECKING

from models.sentences import say
from optimizer.console.arguments import existing_file
from optimizer.console.exits import Exit, Refusal
from optimizer.console.voice import Voice

if TYPE_CHECKING:
    from models.district import District
    from optimizer.drawn import Drawing


def asked_drawings(reference: str, district: "District", voice: Voice) -> "tuple[Drawing, ...]":
    """Return the drawn plans that a reference names; refuses a file or a plan that is not there.

    Raises FaultyDrawing where a table leaves open who goes where.
    """
    from optimizer.drawn import CURRENT, NoSuchPlan, NothingDrawn, current_drawing, read_drawings, split_name

    try:
        if reference == CURRENT:
            return (current_drawing(district),)
        file, name = split_name(reference)
        return read_drawings(existing_file(file, voice), name, district)
    except NothingDrawn:
        raise Refusal(Exit.USAGE, say("drawn.nothing_drawn", language=voice.language)) from None
    except NoSuchPlan as stop:
        facts = {"file": stop.file, "name": stop.name, "known": ", ".join(stop.known)}
        raise Refusal(Exit.USAGE, say("drawn.no_such_plan", facts, voice.language)) from None
