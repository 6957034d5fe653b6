"""The brief on whole districts, in a real browser: one sheet and its appendix, which ask nobody for anything."""

import pytest
from pages.browser import count_pages, open_page

from optimizer.digest import read_exhibits
from optimizer.pages.brief import write_brief


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("district", "school"), [("binhe", "南门小学"), ("bcps", "Arbutus ES")])
def test_a_district_on_one_sheet_and_its_appendix(browser, request, tmp_path, district, school, language):
    path = tmp_path / "brief.html"
    write_brief(read_exhibits(request.getfixturevalue(district)), path, language)
    with open_page(browser, path) as seen:
        assert school in seen.page.locator("body").inner_text()
        assert count_pages(seen.page.pdf(prefer_css_page_size=True)) == 2
        assert (seen.requests, seen.errors) == ([], [])
