"""The report on whole districts, in a real browser."""

import pytest
from pages.browser import open_page

from optimizer.digest import read_exhibits
from optimizer.pages.report import write_report


@pytest.mark.parametrize(
    ("district", "language", "school"), [("binhe", "zh", "望江小学"), ("bcps", "en", "Arbutus ES")]
)
def test_a_district_is_reported_on_and_sorted(browser, request, tmp_path, district, language, school):
    path = tmp_path / "report.html"
    write_report(read_exhibits(request.getfixturevalue(district)), path, language)
    with open_page(browser, path) as seen:
        table = seen.page.locator("#schools table")
        column = 1 + table.locator("thead th").all_inner_texts().index("学生" if language == "zh" else "Children")
        table.locator(f"thead th:nth-child({column}) button").click()
        children = [
            int(text.replace(",", "")) for text in table.locator(f"tbody td:nth-child({column})").all_inner_texts()
        ]
        assert len(children) > 10
        assert children == sorted(children)
        assert school in table.inner_text()
        assert seen.page.locator("#options table thead th").count() == 3
        assert (seen.requests, seen.errors) == ([], [])
