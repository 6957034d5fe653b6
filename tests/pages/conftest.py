"""Browsers for the tests of pages; where there is none, these tests are skipped and say so."""

from collections.abc import Iterator

import pytest
from pages.browser import NO_3D, find_browser, start_browser
from playwright.sync_api import Browser


@pytest.fixture(scope="session", params=[(), (NO_3D,)], ids=["plain", "no_3d"])
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """Chromium, as it is and with 3D switched off."""
    if find_browser() is None:
        pytest.skip("needs Chromium, which this machine does not have (Debian: apt-get install chromium)")
    with start_browser(*request.param) as started:
        yield started
