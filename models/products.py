"""What is written of a stored run for others to open, and in which coordinates."""

from typing import Literal, get_args

Product = Literal["brief", "report", "map", "workbook", "pictures", "geojson"]
PRODUCTS: tuple[Product, ...] = get_args(Product)
Datum = Literal["wgs84", "gcj02", "bd09"]
"""Of longitude and latitude; the latter two are what maps in China show."""
DATUMS: tuple[Datum, ...] = get_args(Datum)
