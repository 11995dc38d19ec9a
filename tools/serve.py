"""Serve a folder to this machine alone: serve.py FOLDER PORT. A port that is taken gives way to a free one."""

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()


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
