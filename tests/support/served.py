"""A viewer that serves a folder on a free port, and plain requests to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path

from recallbench.viewer.server import Viewer

KEY = "a-token"
"""The token in its addresses."""
_LIMIT_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """An answer."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running viewer."""

    port: int

    @property
    def origin(self) -> str:
        """The start of all its addresses."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The index."""
        return f"{self.origin}/{KEY}/"

    def ask(
        self, path: str = "", *, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> Got:
        """Ask for a path behind the token, exactly as it is written here."""
        return self.ask_raw(f"/{KEY}/{path}", method=method, headers=headers)

    def ask_raw(
        self, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> Got:
        """Ask for a path."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=_LIMIT_S)
        try:
            connection.request(method, path, headers=dict(headers or {}))
            answer = connection.getresponse()
            return Got(status=answer.status, headers=answer.headers, body=answer.read())
        finally:
            connection.close()


@contextmanager
def served(root: Path) -> Iterator[Served]:
    """Serve a folder while the block runs."""
    with Viewer(root, host="127.0.0.1", port=0, token=KEY) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield Served(port=server.port)
        finally:
            server.shutdown()
            thread.join()
