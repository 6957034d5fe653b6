"""How cells look: number formats, colours and signs, borders; each format is made once a workbook."""

from dataclasses import dataclass, field
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from models.sentences import Language
from optimizer.workbook.sheet import SIGNS, Kind, Look, Mark

NUMBERS: dict[Kind, str] = {
    "text": "@",
    "long": "General",
    "count": "#,##0",
    "change": "+#,##0;-#,##0;0",
    "tenths": "#,##0.0",
    "hundredths": "#,##0.00",
    "ratio": "0.000",
    "share": "0.0 %",
    "year": "0",
    "date": "yyyy-mm-dd",
}
COLOURS: dict[Look, tuple[str, str]] = {
    "above": ("#9C0006", "#FFC7CE"),
    "below": ("#7F3F00", "#FCE4D6"),
    "vacant": ("#7F6000", "#FFF2CC"),
    "failed": ("#9C0006", "#FFE3E6"),
}
"""Of the letters and of the ground; each ground is light enough to be read on in a copy."""
FONTS: dict[Language, str] = {"zh": "宋体", "en": "Calibri"}
TOTAL, HEAD, RULE = "#EDEDED", "#D9E2EC", "#A6A6A6"


@dataclass(frozen=True)
class Looks:
    """The formats of a workbook."""

    workbook: Workbook
    language: Language
    made: dict[tuple[tuple[str, Any], ...], Format] = field(default_factory=dict)

    def make(self, **properties: Any) -> Format:
        """Return a format with these properties of xlsxwriter beside the font of every cell."""
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            common = {"font_name": FONTS[self.language], "font_size": 11, "valign": "vcenter"}
            self.made[key] = self.workbook.add_format(common | properties)
        return self.made[key]

    def cell(
        self,
        kind: Kind,
        mark: Mark | None = None,
        limit: float | None = None,
        *,
        total: bool = False,
        missed: bool = False,
    ) -> Format:
        """Return the format of a cell of a table: with its sign beyond a limit, text never taken for a formula."""
        properties: dict[str, Any] = {"border": 1, "border_color": RULE, "num_format": _number(kind, mark, limit)}
        if kind in ("text", "long"):
            properties |= {"text_wrap": True, "indent": 1, "quote_prefix": kind == "long"}
        if kind == "date":
            properties |= {"align": "center"}
        if missed:
            letters, ground = COLOURS["failed"]
            sign = f'"{SIGNS["failed"]} "{NUMBERS[kind]}'
            properties |= {"num_format": sign, "font_color": letters, "bg_color": ground, "bold": True}
        return self.make(**properties, **({"bold": True, "bg_color": TOTAL} if total else {}))

    def title(self) -> Format:
        """Return the format of a title."""
        return self.make(bold=True, font_size=16, align="center", text_wrap=True, quote_prefix=True)

    def heading(self) -> Format:
        """Return the format of the headings of a table."""
        return self.make(bold=True, text_wrap=True, align="center", bg_color=HEAD, border=1, border_color=RULE)

    def link(self) -> Format:
        """Return the format of a link to another sheet."""
        return self.make(border=1, border_color=RULE, underline=1, font_color="#0563C1", text_wrap=True)

    def sample(self, look: Look) -> Format:
        """Return the format of a cell that shows how one stands out."""
        letters, ground = COLOURS[look]
        return self.make(bold=True, align="center", border=1, border_color=RULE, font_color=letters, bg_color=ground)

    def marked(self, look: Look) -> Format:
        """Return the format laid over a cell that stands out."""
        letters, ground = COLOURS[look]
        return self.workbook.add_format({"font_color": letters, "bg_color": ground, "bold": True})


def _number(kind: Kind, mark: Mark | None, limit: float | None) -> str:
    """Return the number format of a kind; where there is a limit, the sign stands before what is beyond it."""
    plain = NUMBERS[kind]
    if mark is None or limit is None:
        return plain
    sign = f'"{SIGNS[mark.look]} "'
    beyond = {"above": f"[>{limit:.12g}]{sign}{plain};{plain}", "vacant": f"[>={limit:.12g}]{sign}{plain};{plain}"}
    return beyond.get(mark.look, f"{plain};{sign}-{plain}")
