"""Everything that is exported of a run: what is asked for is looked at first, then written file by file, each whole."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from models.products import PRODUCTS, Datum, Product
from models.sentences import say
from models.stages import Stage
from models.watch import Watch
from optimizer.console.arguments import existing_file, existing_folder, stored_run, with_plan, writing
from optimizer.console.exits import Exit, Refusal
from optimizer.console.voice import Voice
from optimizer.digest import Exhibit, OtherDistrict, read_exhibits
from optimizer.export import FORMATS, draw_map, list_geojson, tell_font
from optimizer.pages.brief import write_brief, write_brief_document
from optimizer.pages.map import write_map_page
from optimizer.pages.pdf import can_print, write_pdf
from optimizer.pages.report import write_report
from optimizer.runs import StoredRun
from optimizer.runs.folder import RUN_MARK
from optimizer.workbook import write_workbook

_NEED_A_PLAN: tuple[Product, ...] = ("map", "workbook", "pictures", "geojson")
_NEED_CATCHMENTS: tuple[Product, ...] = ("map", "pictures", "geojson")
STORED_MAP = "map.png"
"""What `solve` drew already."""
_OF_FILES = (
    *FORMATS,
    ".jpg",
    ".jpeg",
    ".gif",
    ".tif",
    ".tiff",
    ".html",
    ".docx",
    ".xlsx",
    ".csv",
    ".json",
    ".geojson",
    ".gpkg",
    ".txt",
)
"""Endings of what is meant as one file; only FORMATS can be drawn."""


@dataclass(frozen=True)
class Order:
    """What is to be written, and how; `out` is a folder, or one picture."""

    folder: Path
    """Of the first run."""
    only: tuple[Product, ...] = ()
    out: Path | None = None
    instance: Path | None = None
    datum: Datum = "wgs84"
    pdf: bool = False
    font: Path | None = None
    force: bool = False

    @property
    def picture(self) -> Path | None:
        """The picture that `out` names, if it names one."""
        names_one = self.out is not None and not self.out.is_dir() and self.out.suffix.lower() in _OF_FILES
        return self.out if names_one else None

    @property
    def place(self) -> Path:
        """Where the files go."""
        return self.folder if self.out is None else self.out if self.picture is None else self.out.parent

    @property
    def asked(self) -> tuple[Product, ...]:
        """What is asked for by name; nothing where all is wanted that can be had."""
        return ("pictures",) if self.picture is not None else self.only

    @property
    def is_at_home(self) -> bool:
        """Whether the files go into the folder of the run."""
        return self.picture is None and self.place.resolve() == self.folder.resolve()


class Item(NamedTuple):
    """A file that can be written of a run."""

    product: Product
    name: str
    write: Callable[[Path], object]


def export_runs(folders: Sequence[Path], order: Order, watch: Watch, voice: Voice) -> tuple[dict[str, Any], list[str]]:
    """Write what is ordered of the first run, the others standing beside it; return it as a document and as lines.

    Refuses before anything is written: what is not there, what a run cannot show, what would be replaced unasked.
    """
    stored, *others = (stored_run(folder, voice) for folder in folders)
    for run in (stored, *others) if others else ():
        with_plan(run, voice)
    products = _choose(stored, order, voice)
    _check(order, voice)
    watch.step("show")
    exhibits = _read(folders, order, voice)
    items = {order.place / item.name: item for item in _list(exhibits, order, voice) if item.product in products}
    _refuse_replacing(items, order, voice)
    _note_font(exhibits[0], order, voice)
    for path, item in items.items():
        watch.step(item.product)
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            item.write(path)
    told = [voice.say(f"export.{item.product}", path=path) for path, item in items.items()]
    return {"files": [str(path) for path in items]}, told


def _choose(stored: StoredRun, order: Order, voice: Voice) -> tuple[Product, ...]:
    """What the run can show of what is asked for; refuses what is asked for by name and cannot be shown."""
    asked = order.asked
    if set(asked) & set(_NEED_A_PLAN):
        with_plan(stored, voice)
    if stored.scope == "posts" and set(asked) & set(_NEED_CATCHMENTS):
        raise Refusal(Exit.USAGE, voice.say("posts.no_catchments", folder=stored.folder))
    lacking = _NEED_A_PLAN if stored.plan is None else _NEED_CATCHMENTS if stored.scope == "posts" else ()
    return tuple(product for product in asked or PRODUCTS if product not in lacking)


def _check(order: Order, voice: Voice) -> None:
    """Refuse a font or an instance that is not there, a picture of no known kind, a PDF that cannot be made."""
    if order.font is not None:
        existing_file(order.font, voice)
    if order.instance is not None:
        existing_folder(order.instance, voice)
    if order.picture is not None and order.picture.suffix.lower() not in FORMATS:
        raise Refusal(Exit.USAGE, voice.say("error.unknown_ending", path=order.picture, known=", ".join(FORMATS)))
    if order.picture is not None and set(order.only) - {"pictures"}:
        raise Refusal(Exit.USAGE, voice.say("export.one_picture", path=order.picture, only=", ".join(order.only)))
    if not order.is_at_home and order.picture is None and (order.place / RUN_MARK).exists():
        raise Refusal(Exit.CANNOT_WRITE, voice.say("export.foreign", path=order.place))
    if order.pdf and not can_print():
        raise Refusal(Exit.USAGE, voice.say("export.no_pdf"))


def _read(folders: Sequence[Path], order: Order, voice: Voice) -> tuple[Exhibit, ...]:
    """The runs with what their instance adds; refuses an instance that was named and is another."""
    try:
        exhibits = read_exhibits(folders, order.instance)
    except OtherDistrict as stop:
        raise Refusal(Exit.USAGE, voice.say("export.other", folder=stop.folder, first=stop.first)) from None
    for exhibit in exhibits:
        if exhibit.lacking:
            facts = {"folder": exhibit.stored.folder, "inputs": order.instance or exhibit.record.get("inputs", "")}
            if order.instance is not None:
                raise Refusal(Exit.USAGE, voice.say("export.not_its_instance", **facts))
            voice.note(voice.say(f"export.{exhibit.lacking}", **facts))
    return exhibits


def _note_font(exhibit: Exhibit, order: Order, voice: Voice) -> None:
    """Say where the font that was named cannot write the names and words of the maps."""
    if order.font is None or exhibit.picture is None:
        return
    if told := tell_font(exhibit.picture, voice.language, order.font):
        voice.note(told)


def _list(exhibits: Sequence[Exhibit], order: Order, voice: Voice) -> Iterator[Item]:
    """Every file that can be written; of an order for one picture that alone."""
    first, language, font = exhibits[0], voice.language, order.font

    def draw(stage: Stage | None) -> Callable[[Path], None]:
        return lambda path: _draw(first.stored.folder, path, stage, order, voice)

    if order.picture is not None:
        yield Item("pictures", order.picture.name, draw(None))
        return
    yield Item("brief", "brief.html", lambda path: write_brief(exhibits, path, language, font))
    yield Item("brief", "brief.docx", lambda path: write_brief_document(exhibits, path, language, font))
    yield Item("report", "report.html", lambda path: write_report(exhibits, path, language, font))
    if order.pdf:
        yield Item("brief", "brief.pdf", _print)
        yield Item("report", "report.pdf", _print)
    yield Item("map", "map.html", lambda path: write_map_page(exhibits, path, language))
    yield Item("workbook", "plan.xlsx", lambda path: write_workbook(first.stored, path, language))
    yield Item("pictures", STORED_MAP, draw(None))
    for stage in first.stages:
        yield Item("pictures", f"map_{stage}.svg", draw(stage))
    if first.picture is not None:
        for name, write in list_geojson(first.stored.folder, order.datum).items():
            yield Item("geojson", name, write)


def _refuse_replacing(paths: Iterable[Path], order: Order, voice: Voice) -> None:
    """Refuse to replace what somebody may have worked on; the map that `solve` drew is drawn again."""
    there = [path for path in paths if path.exists() or path.is_symlink()]
    taken = [path for path in there if not (order.is_at_home and path.name == STORED_MAP)]
    if taken and not order.force:
        key = "error.run_exists" if len(taken) == 1 else "export.exist"
        facts = {"path": taken[0], "folder": taken[0].parent, "files": ", ".join(path.name for path in taken)}
        raise Refusal(Exit.CANNOT_WRITE, voice.say(key, **facts))


def _draw(folder: Path, path: Path, stage: Stage | None, order: Order, voice: Voice) -> None:
    drawn = draw_map(folder, path, language=voice.language, font=order.font, stage=stage)
    if drawn.note and drawn.note not in voice.said:
        voice.said.add(drawn.note)
        voice.note(say(drawn.note, language=voice.language))


def _print(path: Path) -> None:
    """Print the page of the same name, which lies beside it."""
    write_pdf(path.with_suffix(".html").read_text(encoding="utf-8"), path)
