"""Pictures and layers of a finished plan."""

from optimizer.export.geopackage import write_geopackage

__all__ = ["write_geopackage"]
