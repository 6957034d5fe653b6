"""Geospatial files and Parquet: attributes as text, geometry as it stands, the coordinate system the file states."""

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.raw
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS
from pyproj.exceptions import CRSError

from models.faults import Fault
from optimizer.io.findings import (
    CannotRead,
    broken_content,
    guessed_encoding,
    library_warning,
    parquet_missing,
    unclear_layer,
    unknown_encoding,
)
from optimizer.io.sheets import Sheet
from optimizer.io.source import Texts

_ONE_LINE = 200


def read_geofile(path: Path, file: str, table: str, layer: str) -> Sheet:
    """Read one layer: the one named, else the one called like the table, else the only one. Raises CannotRead.

    A shapefile without .cpg does not say how its text is encoded and is read as GB18030. Rows are feature numbers,
    the first is 1.
    """
    encoding = "GB18030" if path.suffix.lower() == ".shp" and not _has_code_page(path) else None
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            chosen = _choose_layer(path, file, table, layer)
            meta, _, geometry, fields = pyogrio.raw.read(path, layer=chosen, encoding=encoding)
            shapes = _shapes(geometry) if geometry is not None else None
        except (DataSourceError, DataLayerError) as error:
            raise CannotRead(broken_content(file, _plain(error, path))) from error
        except UnicodeDecodeError as error:
            raise CannotRead(unknown_encoding(file)) from error
        except UnboundLocalError as error:  # pyogrio 0.13 loses its own message where a .prj cannot be parsed
            raise CannotRead(broken_content(file, "its coordinate system cannot be parsed")) from error
    columns = [
        _texts(values, whole=kind.startswith("OFTInteger"))
        for values, kind in zip(fields, meta["ogr_types"], strict=True)
    ]
    faults = [library_warning(file, _plain(entry.message, path)) for entry in said]
    if encoding and not all(cell.isascii() for column in columns for cell in column):
        faults.append(guessed_encoding(file))
    count = len(shapes) if shapes is not None else max(map(len, columns), default=0)
    return Sheet(list(meta["fields"]), columns, range(1, count + 1), shapes, meta["crs"], _once(faults))


def read_parquet(path: Path, file: str) -> Sheet:
    """Read a Parquet or GeoParquet file; rows are counted from 1. Raises CannotRead."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise CannotRead(parquet_missing(file)) from error
    try:
        table = pq.read_table(path)
        cells = {name: table.column(name).to_pylist() for name in table.column_names}
        located, crs = _geometry_column(table.schema.metadata or {})
        shapes = _shapes(cells.pop(located)) if located else None
    except (pa.ArrowException, CRSError, ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise CannotRead(broken_content(file, _plain(error, path))) from error
    columns = [[_text(value) for value in values] for values in cells.values()]
    return Sheet(list(cells), columns, range(1, table.num_rows + 1), shapes, crs)


def _geometry_column(metadata: Mapping[bytes, bytes]) -> tuple[str, str | None]:
    """Return the geometry column that GeoParquet metadata name ("" for a plain table) and its coordinate system.

    Where they leave the system out it is longitude and latitude in WGS84; null is none (GeoParquet 1.1).
    """
    if b"geo" not in metadata:
        return "", None
    stated = json.loads(metadata[b"geo"])
    name = stated["primary_column"]
    crs = stated["columns"][name].get("crs", "EPSG:4326")
    return name, CRS.from_user_input(crs).to_wkt() if crs is not None else None


def _shapes(geometry: Any) -> Texts:
    """Read shapes from WKB; None where one cannot be read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NaN coordinates, which are checked later
        return np.asarray(shapely.from_wkb(np.array(geometry, dtype=object), on_invalid="ignore"), dtype=object)


def _choose_layer(path: Path, file: str, table: str, layer: str) -> str:
    names = [str(name) for name, _ in pyogrio.list_layers(path)]
    wanted = [layer] if layer else [name for name in names if name == table] or names
    if len(wanted) != 1 or wanted[0] not in names:
        raise CannotRead(unclear_layer(file, layer, names))
    return wanted[0]


def _has_code_page(path: Path) -> bool:
    return any(path.with_suffix(suffix).is_file() for suffix in (".cpg", ".CPG"))


def _texts(values: NDArray[Any], *, whole: bool) -> list[str]:
    """Cells as text. Whole numbers that GDAL holds as floats, because a neighbour is empty, keep their form."""
    if whole and values.dtype.kind == "f":
        return ["" if np.isnan(value) else str(int(value)) for value in values]
    return [_text(value) for value in values.tolist()]


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if np.isnan(value):
            return ""
        case _:
            return str(value)


def _plain(reason: object, path: Path) -> str:
    """What a library said, on one line, the folder left away."""
    text = " ".join(str(reason).replace(str(path), path.name).split())
    return text if len(text) <= _ONE_LINE else text[: _ONE_LINE - 1] + "…"


def _once(faults: list[Fault]) -> tuple[Fault, ...]:
    return tuple(fault for position, fault in enumerate(faults) if fault not in faults[:position])
