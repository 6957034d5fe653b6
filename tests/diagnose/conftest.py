"""The corner of binhe, cut once."""

from pathlib import Path

import pytest
from diagnose.cut import corner_of, cut_district


@pytest.fixture(scope="session")
def corner(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corner of binhe as it is; to be copied before anything is written into it."""
    binhe = repository / "instances" / "binhe"
    return cut_district(binhe, tmp_path_factory.mktemp("corner"), corner_of(binhe))
