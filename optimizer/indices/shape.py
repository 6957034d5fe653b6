"""How compact catchments are."""

import numpy as np
import shapely

from models.district import Floats
from optimizer.indices.registry import View, index
from optimizer.indices.shapes import dissolve_catchments


@index("compactness", "ratio", "higher", source="Polsby and Popper 1991, Yale Law and Policy Review 9(2)")
def compute_compactness(view: View) -> float:
    """Mean over the catchments of 4 π area / perimeter² (1 is a circle)."""
    values = compute_school_compactness(view)
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float(np.nan)


@index("school_compactness", "ratio", "higher", scope="school", source="Polsby and Popper 1991")
def compute_school_compactness(view: View) -> Floats:
    """4 π area / perimeter² of the school's catchment (1 is a circle)."""
    values = np.full(len(view.placement.district.schools), np.nan)
    if view.placement.district.units.geometry is None:
        return values
    shapes = dissolve_catchments(view.placement, view.stages[0])
    solid = shapes.to_numpy()
    perimeter = shapely.length(solid)
    with np.errstate(divide="ignore", invalid="ignore"):
        values[shapes.index.to_numpy(np.int64)] = 4 * np.pi * shapely.area(solid) / perimeter**2
    return values
