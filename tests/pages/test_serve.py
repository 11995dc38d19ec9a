"""What `make book` serves: the built pages, compressed, to this machine, and no file beside them."""

import gzip
import http.client
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from tests.browser import serving
from tools.serve import Handler

TEXT = "<!doctype html><p>" + "a word and another, " * 100


@pytest.fixture
def folder(tmp_path):
    pages = tmp_path / "pages"
    (pages / "part").mkdir(parents=True)
    for name in ("index.html", "part/page.html"):
        (pages / name).write_text(TEXT, encoding="utf-8")
    (pages / "picture.png").write_bytes(bytes(1000))
    (pages / "small.css").write_text("p { color: red }", encoding="utf-8")
    return pages


@contextmanager
def asking(folder):
    """A function that asks for an address as it is written, and returns the answer and its body."""
    with serving(folder, Handler) as site:
        port = urlsplit(site).port

        def ask(path, method="GET", **headers):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer, answer.read()

        yield ask


def test_text_travels_compressed_to_who_can_read_it(folder):
    with asking(folder) as ask:
        for path in ("/", "/index.html", "/part/page.html"):
            answer, body = ask(path, Accept_Encoding="gzip, br")
            assert answer.headers["Content-Type"] == "text/html"
            if path != "/":  # which the folder's own page answers
                assert answer.headers["Content-Encoding"] == "gzip" and len(body) < len(TEXT) / 4
                assert answer.headers["Vary"] == "Accept-Encoding"
                body = gzip.decompress(body)
            assert body.decode() == TEXT
        plain, body = ask("/index.html")
        assert plain.headers["Content-Encoding"] is None and body.decode() == TEXT
        for path in ("/picture.png", "/small.css"):
            assert ask(path, Accept_Encoding="gzip")[0].headers["Content-Encoding"] is None
        empty, body = ask("/index.html", "HEAD", Accept_Encoding="gzip")
        assert empty.status == 200 and body == b""


def test_a_file_that_changed_is_served_as_it_is_now(folder):
    with asking(folder) as ask:
        first, _ = ask("/index.html", Accept_Encoding="gzip")
        same, body = ask("/index.html", Accept_Encoding="gzip", If_Modified_Since=first.headers["Last-Modified"])
        assert same.status == 304 and body == b""
        (folder / "index.html").write_text(TEXT.upper(), encoding="utf-8")
        assert gzip.decompress(ask("/index.html", Accept_Encoding="gzip")[1]).decode() == TEXT.upper()


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_no_link_leads_out_of_the_folder(folder, tmp_path, encoding):
    (tmp_path / "secret.html").write_text(f"secret {TEXT}", encoding="utf-8")
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside" / "index.html").write_text(f"secret {TEXT}", encoding="utf-8")
    (folder / "link.html").symlink_to(tmp_path / "secret.html")
    (folder / "linked").symlink_to(tmp_path / "beside")
    (folder / "part" / "index.html").symlink_to(tmp_path / "secret.html")
    (folder / "inside.html").symlink_to(folder / "index.html")
    with asking(folder) as ask:
        for path in ("/link.html", "/linked/", "/linked/index.html", "/part/", "/part/index.html", "/../secret.html"):
            answer, body = ask(path, Accept_Encoding=encoding)
            assert answer.status == 404 and b"secret" not in body, path
        assert ask("/inside.html", Accept_Encoding=encoding)[0].status == 200


@pytest.mark.parametrize("path", ["/%00", "/index.html%00", "/part%00/page.html", "/%ED%A0%80.html"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_name_that_no_file_can_have_is_answered(folder, path, method):
    with asking(folder) as ask:
        assert ask(path, method)[0].status == 400


@pytest.mark.parametrize(
    "path", ["/missing.html", "/index.html/", "/" + 300 * "a", "/%", "/%FF.html", "/%2e%2e/index.html/"]
)
def test_a_file_that_is_not_there_is_answered(folder, path):
    with asking(folder) as ask:
        assert ask(path)[0].status == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "[", "127.0.0.2"])
def test_a_strangers_name_for_this_machine_is_refused(folder, host):
    with asking(folder) as ask:
        answer, body = ask("/index.html", Host=host)
        assert answer.status == 421 and TEXT.encode() not in body


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_this_machines_names_are_answered(folder, host):
    with asking(folder) as ask:
        assert ask("/index.html", Host=host)[0].status == 200
