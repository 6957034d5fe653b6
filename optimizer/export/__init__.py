"""Pictures and layers of a finished plan."""

from optimizer.export.changes import Sketch, draw_changes
from optimizer.export.geojson import list_geojson
from optimizer.export.geopackage import write_geopackage
from optimizer.export.maps import FORMATS, Drawn, draw_map, draw_sheet

__all__ = ["FORMATS", "Drawn", "Sketch", "draw_changes", "draw_map", "draw_sheet", "list_geojson", "write_geopackage"]
