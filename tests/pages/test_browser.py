"""What a page asks for and what goes wrong in it is found."""

from pages.browser import open_page


def opened(browser, path, body):
    path.write_text(f"<!DOCTYPE html><html><head><meta charset='utf-8'><link rel=icon href=data:,></head>{body}</html>")
    with open_page(browser, path) as seen:
        seen.page.wait_for_timeout(100)
        return seen


def test_a_quiet_page(browser, tmp_path):
    seen = opened(
        browser, tmp_path / "quiet.html", "<body><img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='></body>"
    )
    assert seen.requests == []
    assert seen.errors == []


def test_a_page_that_asks_for_another_file(browser, tmp_path):
    (tmp_path / "other.js").write_text("1;")
    seen = opened(browser, tmp_path / "asks.html", "<body><script src='other.js'></script></body>")
    assert seen.requests == [(tmp_path / "other.js").as_uri()]


def test_a_page_that_fails(browser, tmp_path):
    seen = opened(browser, tmp_path / "fails.html", "<body><script>console.error('said'); missing();</script></body>")
    assert seen.errors == ["said", "missing is not defined"]
