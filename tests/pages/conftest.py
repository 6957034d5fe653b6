"""Browsers for the tests of pages; where there is none, these tests are skipped and say so."""

from collections.abc import Iterator

import pytest
from pages.browser import NO_3D, find_browser, start_browsers
from playwright.sync_api import Browser


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
