"""SVG files that stay small, hold nothing but what is drawn, and are equal for equal pictures."""

import re
from io import StringIO

from matplotlib.figure import Figure

_NOTHING = dict.fromkeys(("Date", "Creator", "Format", "Type"))


def to_svg(figure: Figure) -> str:
    """Return the figure as an SVG document: text as outlines, to a tenth of a point, without comments or metadata."""
    written = StringIO()
    figure.savefig(written, format="svg", metadata=_NOTHING)
    plain = re.sub(r"<!--.*?-->\n?", "", written.getvalue(), flags=re.DOTALL)
    return re.sub(r'(?<= d=")[^"]*', lambda drawn: re.sub(r"(\.\d)\d+| (?=\n)", r"\1", drawn[0]), plain)


def to_element(figure: Figure) -> str:
    """Return the figure as `to_svg` has it, as an `svg` element that may stand in a page."""
    return "<svg" + to_svg(figure).partition("<svg")[2]
