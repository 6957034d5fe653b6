"""The folder of an outlook: table, layer and picture, written whole or not at all."""

from pathlib import Path

from models.sentences import Language
from optimizer.outlook.layer import write_layer
from optimizer.outlook.look import Ahead
from optimizer.outlook.picture import draw_outlook
from optimizer.outlook.table import write_whole
from optimizer.runs.cells import write_csv
from optimizer.runs.folder import whole_folder

TABLE = "outlook.csv"
"""Also what tells an earlier outlook from a folder that must not be replaced."""


def store_outlook(ahead: Ahead, folder: Path, *, force: bool, language: Language, font: Path | None = None) -> str:
    """Write outlook.csv, outlook.gpkg and outlook.png into `folder`; return what the picture lacks ("": nothing).

    Raises RunExists where the folder exists (and with `force`, where it is not an outlook), CannotWrite where the disk
    says no.
    """
    with whole_folder(folder.parent, folder.name, force=force, mark=TABLE) as partial:
        write_csv(write_whole(ahead.schools), partial / TABLE)
        write_layer(ahead, partial / "outlook.gpkg")
        return draw_outlook(ahead, partial / "outlook.png", language=language, font=font).note
