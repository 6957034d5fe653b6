"""A page as PDF: made of the page alone, and the same every time."""

import builtins
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from optimizer.pages.pdf import NoPdf, can_print, write_pdf

needs_printer = pytest.mark.skipif(not can_print(), reason="needs the extra pdf: WeasyPrint is not installed")


@pytest.fixture
def server():
    """A server of this machine that notes what it is asked for."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_) -> None:
            pass

    asked: list[str] = []
    with HTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}", asked
        listening.shutdown()
        thread.join()


@needs_printer
def test_nothing_is_fetched(tmp_path, server):
    address, asked = server
    (tmp_path / "secret.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    page = (
        f"<html><link rel=stylesheet href='{address}/style.css'><style>@import '{address}/more.css';</style>"
        f"<body>text<img src='{address}/picture.png'><img src='{(tmp_path / 'secret.svg').as_uri()}'></body></html>"
    )
    write_pdf(page, tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    assert asked == []


@needs_printer
def test_equal_pages_give_equal_bytes(tmp_path):
    for name in ("one.pdf", "two.pdf"):
        write_pdf("<html><body><h1>学位</h1><p>one</p></body></html>", tmp_path / name)
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def test_without_the_extra_it_is_said(tmp_path, monkeypatch):
    found = builtins.__import__

    def refuse(name, *more, **others):
        if name.startswith("weasyprint"):
            raise ImportError("No module named 'weasyprint'")
        return found(name, *more, **others)

    monkeypatch.setattr(builtins, "__import__", refuse)
    assert not can_print()
    with pytest.raises(NoPdf, match="weasyprint"):
        write_pdf("<html></html>", tmp_path / "page.pdf")
    assert list(tmp_path.iterdir()) == []
