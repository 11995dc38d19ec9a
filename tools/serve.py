"""Serve a folder to this machine alone: serve.py FOLDER PORT. A port that is taken gives way to a free one.

Text travels compressed, as from the hosts that the book is made for.
"""

import gzip
import io
import os
import sys
from functools import lru_cache, partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

LOCAL = ("127.0.0.1", "localhost", "::1")
COMPRESSED = (".css", ".html", ".ipynb", ".js", ".json", ".mjs", ".svg", ".txt")
SMALL = 500  # bytes that fit a packet anyway


@lru_cache(maxsize=256)
def compressed(path, changed, size):
    """The bytes of a file, compressed; `changed` and `size` tell one state of it from the next."""
    with open(path, "rb") as file:
        return gzip.compress(file.read(), mtime=0)


def is_local(host):
    """Whether a `Host` header names this machine: a stranger's page can have its name point here, and says it."""
    try:
        return urlsplit(f"//{host}").hostname in LOCAL
    except ValueError:
        return False


class Handler(SimpleHTTPRequestHandler):
    """The files of a folder and nothing beside it; no link leads out of it."""

    def log_message(self, *args):
        pass

    def copyfile(self, source, outputfile):
        try:
            super().copyfile(source, outputfile)
        except ConnectionError:  # a reader has left before all was there
            self.close_connection = True

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def send_head(self):
        if not is_local(self.headers.get("Host", "")):
            return self.send_error(HTTPStatus.MISDIRECTED_REQUEST, "Open this by the name localhost or 127.0.0.1")
        path = self.translate_path(self.path)
        try:
            found = os.stat(path) if self.is_inside(path) else None
        except OSError:
            found = None
        except ValueError:  # a zero byte, or half of a surrogate pair
            return self.send_error(HTTPStatus.BAD_REQUEST, "No file can have that name")
        if found is None:
            return self.send_error(HTTPStatus.NOT_FOUND, "File not found")
        if self.can_be_compressed(path, found):
            return self.send_compressed(path, found)
        return super().send_head()

    def is_inside(self, path):
        """Whether a path, and the page that stands for it if it is a folder's, are files of the folder itself."""
        folder = os.path.realpath(self.directory)
        paths = (path, *(os.path.join(path, page) for page in ("index.html", "index.htm")))
        return all(os.path.commonpath([folder, os.path.realpath(path)]) == folder for path in paths)

    def can_be_compressed(self, path, found):
        return (
            path.endswith(COMPRESSED)
            and found.st_size > SMALL
            and "gzip" in self.headers.get("Accept-Encoding", "")
            and "If-Modified-Since" not in self.headers  # which is answered as for any other file
        )

    def send_compressed(self, path, found):
        data = compressed(path, found.st_mtime_ns, found.st_size)
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Last-Modified", self.date_time_string(found.st_mtime))
        self.send_header("Vary", "Accept-Encoding")
        self.end_headers()
        return io.BytesIO(data)


def server(folder, port=0):
    handler = partial(Handler, directory=folder)
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError:
        return ThreadingHTTPServer(("127.0.0.1", 0), handler)


if __name__ == "__main__":
    folder, port = sys.argv[1], int(sys.argv[2])
    with server(folder, port) as book:
        print(f"Consensus Lab is at http://127.0.0.1:{book.server_port}/ (Ctrl-C stops it)", flush=True)
        try:
            book.serve_forever()
        except KeyboardInterrupt:
            print()
