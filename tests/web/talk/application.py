"""Somebody else's pages: files of another origin on this machine, as a user's own application has them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

KINDS = {"html": "text/html; charset=utf-8", "js": "text/javascript"}


@contextmanager
def served(files: Mapping[str, bytes]) -> Iterator[str]:
    """Serve files by their names, on a free port; answers the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(self.path.partition("?")[0].removeprefix("/"))
            self.send_response(204 if content is None else 200)
            self.send_header("content-type", KINDS.get(self.path.rpartition(".")[2], KINDS["html"]))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *told: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
