"""The seven resource indicators in one table, from stored indices: means and schools counted by hand."""

import numpy as np
import pandas as pd
import pytest

from models.run import INDEX_COLUMNS
from optimizer.indices import compare_resources

CLASSES = pd.DataFrame({"school_id": ["A", "B", "B"], "stage": "primary", "students": [100, 200, 100]})


def make_indices(*rows):
    """`rows` are index, scope, value, target; all of stage primary."""
    told = [(code, scope, "primary", value, "per 100 students", target, "") for code, scope, value, target in rows]
    return pd.DataFrame(told, columns=list(INDEX_COLUMNS))


def test_an_indicator_that_postings_change():
    """A has 100 children and B 300: (2 + 3 · 0) / 4 = 0.5 before, (1 + 3 · 1) / 4 = 1 after."""
    table = compare_resources(
        make_indices(
            ("school_backbone", "A", 1.0, 1.0),
            ("school_backbone", "B", 1.0, 1.0),
            ("school_backbone_before", "A", 2.0, 1.0),
            ("school_backbone_before", "B", 0.0, 1.0),
            ("backbone_cv", "district", 0.0, 0.5),
            ("backbone_cv_before", "district", 1.7, 0.5),
            ("schools_meeting_standard", "district", 2.0, 2.0),
            ("schools_meeting_standard_before", "district", 1.0, 2.0),
        ),
        CLASSES,
    )
    assert table["indicator"].tolist() == ["backbone", "standard"]
    backbone, standard = table.to_dict("records")
    assert (backbone["mean_before"], backbone["mean_after"]) == pytest.approx((0.5, 1.0))
    assert (backbone["reached_before"], backbone["reached_after"], backbone["compared"]) == (1, 2, 2)
    assert (backbone["cv_before"], backbone["cv_after"], backbone["cv_max"]) == (1.7, 0.0, 0.5)
    assert (standard["reached_before"], standard["reached_after"], standard["compared"]) == (1, 2, 2)


def test_what_postings_do_not_change_is_the_same_before():
    """Without a threshold nothing is reached or missed, and without a coefficient none is told."""
    (row,) = compare_resources(make_indices(("school_equipment", "A", 7.0, np.nan)), CLASSES).to_dict("records")
    assert (row["mean_before"], row["mean_after"], row["compared"]) == (7.0, 7.0, 1)
    assert all(np.isnan(row[column]) for column in ("reached_before", "reached_after", "cv_before", "cv_after"))


def test_an_indicator_that_no_school_has_is_left_out():
    assert compare_resources(make_indices(), CLASSES).empty
