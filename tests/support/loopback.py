"""A small OpenAI-style server on loopback, for faults that no real server makes on demand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the server answers."""

    status: int = 200
    body: Any = None
    """JSON, or bytes as they are."""
    hang_up: bool = False
    """Close the connection without an answer."""


Answer = Callable[[str, dict[str, Any]], Reply]
"""From path and JSON body to a reply."""


@dataclass(kw_only=True)
class Loopback:
    """A running server."""

    base_url: str = ""
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Paths and bodies, as they came."""
    keys: list[str] = field(default_factory=list)
    """``Authorization`` headers, as they came."""


@contextmanager
def loopback(answer: Answer) -> Iterator[Loopback]:
    """Serve on a free port while the block runs."""
    state = Loopback()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._reply({})

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            self._reply(json.loads(self.rfile.read(length)))

        def _reply(self, body: dict[str, Any]) -> None:
            state.requests.append((self.path, body))
            state.keys.append(self.headers.get("Authorization", ""))
            reply = answer(self.path, body)
            if reply.hang_up:
                self.close_connection = True
                return
            raw = reply.body
            content = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:  # quiet: the test tells what it wants to know
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.base_url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()


def completion(**changes: Any) -> dict[str, Any]:
    """A sound response of ``/v1/completions``, with changes."""
    return {
        "choices": [{"index": 0, "text": " 73914206.", "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 4},
        "system_fingerprint": "loopback",
        **changes,
    }
