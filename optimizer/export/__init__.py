"""Pictures and layers of a finished plan."""

from optimizer.export.changes import Sketch, draw_changes
from optimizer.export.geojson import list_geojson
from optimizer.export.geopackage import write_geopackage
from optimizer.export.maps import FORMATS, Drawn, draw_map, draw_sheet, tell_font

__all__ = [
    "FORMATS",
    "Drawn",
    "Sketch",
    "draw_changes",
    "draw_map",
    "draw_sheet",
    "list_geojson",
    "tell_font",
    "write_geopackage",
]
