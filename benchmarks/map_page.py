"""How large map.html is, how long it takes to write, and when it is drawn, for folders of finished runs.

    PYTHONPATH=tests python benchmarks/map_page.py runs/binhe/base,runs/binhe/kept,runs/binhe/targets_2022 runs/big/base

Each argument is one page: folders of runs of one district, parted by commas. The page itself says when it was drawn, in
milliseconds from the moment the browser turned to it; the median of three openings is told, with 3D and without. The
browser is Chromium without a window.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from pages.browser import NO_3D, open_page, start_browsers
from playwright.sync_api import Browser

from optimizer.digest import read_exhibits
from optimizer.pages.map import write_map_page

OPENINGS = 3


def measure_drawn(browser: Browser, page: Path) -> float:
    """Return the median of milliseconds until the page was drawn."""
    times = []
    for _ in range(OPENINGS):
        with open_page(browser, page) as opened:
            opened.page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
            times.append(float(opened.page.locator("html").get_attribute("data-ready") or "nan"))
            assert not opened.errors, opened.errors
            assert not opened.requests, opened.requests
    return statistics.median(times)


def main() -> None:
    """Print a line a page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", help="folders of runs of one district, parted by commas")
    asked = parser.parse_args()
    print(f"{'page':40}  units  runs  MB     read s  write s  drawn ms  without 3D ms")
    with start_browsers((), (NO_3D,)) as browsers, tempfile.TemporaryDirectory() as folder:
        for number, named in enumerate(asked.pages):
            page, start = Path(folder) / f"{number}.html", time.perf_counter()
            exhibits = read_exhibits([Path(run) for run in named.split(",")])
            read = time.perf_counter()
            write_map_page(exhibits, page, "zh")
            written = time.perf_counter()
            drawn, flat = (measure_drawn(browser, page) for browser in browsers)
            units = 0 if exhibits[0].picture is None else len(exhibits[0].picture.units)
            size = page.stat().st_size / 1e6
            print(
                f"{named.split(',', maxsplit=1)[0]:40}  {units:5}  {len(exhibits):4}  {size:5.2f}  {read - start:6.2f}"
                f"  {written - read:7.2f}  {drawn:8.0f}  {flat:13.0f}"
            )


if __name__ == "__main__":
    main()
