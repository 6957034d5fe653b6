"""Pages in a real browser: Chromium without a window, from `file://`, told apart from a page that asks or complains."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
NO_3D = "--disable-3d-apis"
"""As on a virtual desktop or with an old driver: no WebGL."""
SCREEN, PHONE = (1280, 800), (390, 844)


@dataclass(frozen=True)
class Opened:
    """A page that was opened, with what it has asked for besides its own file, and what went wrong in it, so far."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def find_browser() -> str | None:
    """Return the path of a Chromium of this machine, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def start_browsers(*flags: tuple[str, ...]) -> Iterator[list[Browser]]:
    """Within it, Chromiums run, one for each set of flags."""
    with sync_playwright() as playwright:
        start, path = playwright.chromium.launch, find_browser()
        browsers = [start(executable_path=path, args=["--no-sandbox", *own]) for own in flags]
        yield browsers
        for browser in browsers:
            browser.close()


@contextmanager
def open_page(browser: Browser, path: Path, size: tuple[int, int] = SCREEN) -> Iterator[Opened]:
    """Within it, a file is open in a window of its own; `data:` and `blob:`, which ask nobody, are no requests."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    opened, own = Opened(page), path.resolve().as_uri()
    page.on("request", lambda request: _note(opened.requests, request.url, own))
    page.on("pageerror", lambda error: opened.errors.append(str(error)))
    page.on("console", lambda said: opened.errors.append(said.text) if said.type in {"error", "warning"} else None)
    page.goto(own)
    try:
        yield opened
    finally:
        page.close()


def count_pages(pdf: bytes) -> int:
    """Return how many pages a printed page has."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def _note(requests: list[str], url: str, own: str) -> None:
    if url.split("#", maxsplit=1)[0] != own and not url.startswith(("data:", "blob:")):
        requests.append(url)
