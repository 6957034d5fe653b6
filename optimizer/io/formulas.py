"""Text that a spreadsheet takes for a formula: names are guarded where they are written, ids may not be it."""

from optimizer.io.source import NUMBER

SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What formulas begin with (OWASP, CSV injection); East Asian spreadsheets read the full-width signs alike."""


def is_formula(text: str) -> bool:
    """Return True where a spreadsheet would run the text; a number with a sign, as -12, is none."""
    return text.startswith(SIGNS) and NUMBER.fullmatch(text) is None
