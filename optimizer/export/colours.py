"""Colours that stay apart for the colour-blind: the "light" scheme of Paul Tol (Colour Schemes, SRON/EPS/TN/09-002)."""

PALETTE = ("#77AADD", "#EE8866", "#EEDD88", "#FFAABB", "#44BB99", "#BBCC33", "#99DDFF", "#AAAA00")
"""Fills that carry black text; used in this order, so that few catchments use the first, most distinct ones."""

INK = "#222222"
PAPER = "#FFFFFF"
BARRIER = "#2B5C8A"
OVERFULL = "#A50F20"

LEVEL_FILLS = {"red": OVERFULL, "orange": "#EE8866", "yellow": "#EEDD88", "surplus": "#99DDFF", "": "#F2F2F2"}
"""Fills of the levels of the outlook, the gravest first; only the first carries white text."""


def fill_of(number: int) -> str:
    """Return the fill of a colour number; numbers beyond the palette begin again."""
    return PALETTE[number % len(PALETTE)]
