"""Write the tables of columns in docs/formats.md from the column dictionary: `python docs/write_columns.py`."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "formats.md"
BEGIN, END = "<!-- columns: begin -->\n", "<!-- columns: end -->\n"


def build_tables(dictionary: dict[str, Any]) -> str:
    """Return one section a table of the dictionary, then the words that cells may hold."""
    tables = [line for name, table in dictionary.items() if name != "choices" for line in _table(name, table)]
    return "\n".join([*tables, *_choices(dictionary["choices"])]) + "\n"


def replace_tables(document: str, tables: str) -> str:
    """Return the document with what stands between the two marks replaced."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables}\n{END}{after}"


def read_dictionary() -> dict[str, Any]:
    """Return the column dictionary as data."""
    return tomllib.loads((ROOT / "optimizer" / "io" / "columns.toml").read_text(encoding="utf-8"))


def _table(name: str, table: dict[str, Any]) -> Iterator[str]:
    yield f"### {name}\n"
    geometry = f" Geometry: {', '.join(table['geometry'])}." if "geometry" in table else ""
    needed = "Needed. " if table.get("needed") else ""
    yield f"{table['meaning']}. {needed}{geometry.strip()}".strip() + "\n"
    yield "| column | holds | also called | meaning |\n|---|---|---|---|"
    for column, facts in table["columns"].items():
        shown = f"**`{column}`**" if facts.get("needed") else f"`{column}`"
        also = ", ".join(heading.replace("{stage}", "小学") for heading in facts.get("headings", []))
        yield f"| {shown} | {facts['kind']}{_bounds(facts)} | {also} | {facts['meaning']} |"
    yield ""


def _bounds(facts: dict[str, Any]) -> str:
    if "most" in facts:
        return f", {facts['least']} to {facts['most']}"
    return f", at least {facts['least']}" if "least" in facts else ""


def _choices(choices: dict[str, dict[str, list[str]]]) -> Iterator[str]:
    yield "### Words that cells may hold\n"
    yield "| column | word (also written) |\n|---|---|"
    for name, words in choices.items():
        told = [f"`{word}` ({', '.join(also)})" if also else f"`{word}`" for word, also in words.items()]
        yield f"| {name} | {', '.join(told)} |"


if __name__ == "__main__":
    written = replace_tables(DOCUMENT.read_text(encoding="utf-8"), build_tables(read_dictionary()))
    DOCUMENT.write_text(written, encoding="utf-8", newline="\n")
