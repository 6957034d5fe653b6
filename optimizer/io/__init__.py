"""From a folder to a district: what lies there, as text and with its place, and what a checked district is made of."""

from optimizer.io.build import build_district
from optimizer.io.reading import read_source, read_terms, scenario_names
from optimizer.io.scenarios import BASE, ScenarioNotFound
from optimizer.io.source import Source, Table

__all__ = [
    "BASE",
    "ScenarioNotFound",
    "Source",
    "Table",
    "build_district",
    "read_source",
    "read_terms",
    "scenario_names",
]
