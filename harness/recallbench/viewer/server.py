"""The HTTP server of the viewer.

Answers GET and HEAD under a path that begins with the token, and says the same of everything else:
not found. Writes nothing, and logs nothing, as its addresses are secret.
"""

from __future__ import annotations

import secrets
import socket
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer

from recallbench.viewer.addresses import address_of
from recallbench.viewer.hosts import is_meant_here
from recallbench.viewer.pages import Pages
from recallbench.viewer.replies import NOTHING, Reply
from recallbench.viewer.states import tag_of

_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_IDLE_S = 60
"""After which a silent connection is closed."""


class Viewer(ThreadingHTTPServer):
    """Serves the runs of a folder.

    It listens from the moment it is made and answers during ``serve_forever``.
    """

    daemon_threads = True

    def __init__(self, root: Path, *, host: str, port: int, token: str) -> None:
        """Listen.

        Args:
            root: a folder of runs, or a run's own.
            host: the interface to listen on, by name or address.
            port: 0 takes a free one.
            token: the first part of every path that is answered.

        Raises:
            OSError: nobody can listen there.
        """
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.host = host
        self.token = token
        self.pages = Pages(root)
        super().__init__((host, port), _Handler)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self.server_address[1])

    def server_bind(self) -> None:
        """Bind, without asking DNS for this machine's name, which may take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.host, self.port

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that goes away in the middle of an answer is nothing to tell."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # passed on


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Viewer
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_S

    def do_GET(self) -> None:
        """Answer."""
        self._send(self._reply())

    def do_HEAD(self) -> None:
        """Answer without the body."""
        self._send(self._reply())

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is no GET or HEAD, or no HTTP; nothing of it is sent back."""
        del message, explain
        self.close_connection = True
        self._send(Reply(status=HTTPStatus(code), body=b"refused\n"))

    def version_string(self) -> str:
        """Name the program, and no version that somebody could look for."""
        return "recallbench"

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base's name
        """Say nothing."""

    def _reply(self) -> Reply:
        if not is_meant_here(self.headers["Host"], bound_to=self.server.host):
            return NOTHING
        _, _, path = self.path.partition("?")[0].partition("/")
        token, slash, rest = path.partition("/")
        # Compared as bytes: only ASCII texts can be compared in constant time.
        if not secrets.compare_digest(token.encode(), self.server.token.encode()) or not slash:
            return NOTHING
        address = address_of(rest)
        return (
            self.server.pages.reply(address, self.headers["If-None-Match"]) if address else NOTHING
        )

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Security-Policy", reply.policy)
        if reply.state is not None:
            self.send_header("ETag", tag_of(reply.state))
        if self.close_connection:
            self.send_header("Connection", "close")
        if reply.status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD" and reply.status is not HTTPStatus.NOT_MODIFIED:
            self.wfile.write(reply.body)
