"""Browsers for the tests of pages; where there is none, these tests are skipped and say so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from pages.browser import NO_3D, find_browser, start_browsers
from playwright.sync_api import Browser

from cli import xuewei


@pytest.fixture(scope="session")
def browsers() -> Iterator[list[Browser]]:
    """Chromium as it is, and with 3D switched off."""
    if find_browser() is None:
        pytest.skip("needs Chromium, which this machine does not have (Debian: apt-get install chromium)")
    with start_browsers((), (NO_3D,)) as started:
        yield started


@pytest.fixture(params=[0, 1], ids=["plain", "no_3d"])
def browser(request: pytest.FixtureRequest, browsers: list[Browser]) -> Browser:
    """Chromium, as it is and with 3D switched off."""
    return browsers[request.param]


@pytest.fixture
def plain_browser(browsers: list[Browser]) -> Browser:
    """Chromium as it is, for what has nothing to do with drawing."""
    return browsers[0]


@pytest.fixture(scope="session")
def binhe(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Runs of the whole of binhe, children and classes: catchments kept, and redrawn in a few seconds."""
    return solve(repository / "instances" / "binhe", tmp_path_factory.mktemp("binhe"), ("kept", "base"))


@pytest.fixture(scope="session")
def bcps(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Runs of a district of the United States: all grades, no classes, catchments redrawn."""
    district = shared / "data" / "districts" / "bcps-southwest"
    return solve(district, tmp_path_factory.mktemp("bcps"), ("y2016", "y2017"))


def solve(instance: Path, folder: Path, scenarios: tuple[str, ...]) -> list[Path]:
    """Run folders of some scenarios, solved in seconds and so perhaps not to the end."""
    chosen = [word for name in scenarios for word in ("--scenario", name)]
    limits = ["--students-only", "--time-limit", "10"]
    call = ["--lang", "en", "solve", str(instance), *chosen, *limits, "--out", str(folder)]
    result = CliRunner().invoke(xuewei, call)
    assert result.exit_code == 0, result.output
    return [folder / name for name in scenarios]
