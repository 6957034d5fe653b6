"""What all tests share: where the repository is, and the shared data beside it where it is present."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.sentences import terms

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def words_of_its_own() -> Iterator[None]:
    """Let a test that calls what a command calls keep its local words to itself, as a command does."""
    with terms.by_itself():
        yield


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
