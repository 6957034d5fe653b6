"""From what and with what the report was made, so that somebody else can do it again; and how, in plain words."""

from collections.abc import Sequence

from optimizer.digest import Exhibit
from optimizer.pages.report.blocks import Block, Cell, Paragraph, Section
from optimizer.pages.report.teller import Teller

METHOD = ("children", "levels", "bounds", "posts", "again", "draft")
_OF = {"children": ("children", "all"), "posts": ("posts", "all")}
"""Parts of the method that speak of what not every run decides."""


def tell_inputs(teller: Teller, exhibits: Sequence[Exhibit]) -> Section:
    """Return the section with inputs, fingerprints, seed, versions and times."""
    record = teller.exhibit.record
    told = [
        ("instance", str(record["instance"])),
        ("folder", str(record.get("inputs", ""))),
        ("data_date", str(record.get("data_date") or "")),
        ("enrolment_year", str(record.get("enrolment_year") or "")),
        ("seed", str(record.get("seed", ""))),
        ("beside", teller.join([exhibit.title(teller.language) for exhibit in exhibits[1:]])),
    ]
    files = [[Cell(file), Cell(digest)] for file, digest in record.get("fingerprint", {}).items()]
    versions = [[Cell(name), Cell(str(version))] for name, version in record.get("versions", {}).items()]
    seconds = [
        [Cell(teller.word("cli.steps", step)), teller.cell(float(spent), 1)]
        for step, spent in record.get("seconds", {}).items()
    ]
    blocks: list[Block] = [teller.facts("inputs", told)]
    blocks += [teller.table("fingerprints", ("file", "fingerprint"), files)] if files else []
    blocks += [teller.table("versions", ("part", "version"), versions)] if versions else []
    blocks += [teller.table("seconds", ("step", "seconds"), seconds, right=(1,))] if seconds else []
    return Section("inputs", teller.say("sections.inputs"), tuple(blocks))


def tell_method(teller: Teller) -> Section:
    """Return the section on how the plan was made."""
    scope = teller.exhibit.stored.scope
    parts = [part for part in METHOD if scope in _OF.get(part, (scope,))]
    return Section(
        "method", teller.say("sections.method"), tuple(Paragraph(teller.say(f"method.{part}")) for part in parts)
    )
