"""What all tests share: where the repository is, and the shared data beside it where it is present."""

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    """The repository's root."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder `shared` beside the repository: real districts and the outside checker."""
    folder = REPOSITORY.parent / "shared"
    if not (folder / "check_plan.py").is_file():
        pytest.skip("needs the folder `shared` beside the repository (real districts, check_plan.py)")
    return folder
