"""``recallbench view``: the runs of a folder in a browser, while they are made too."""

from __future__ import annotations

import secrets
import signal
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from recallbench.errors import RunFolderError, SuiteError
from recallbench.viewer.hosts import is_loopback, written_origin
from recallbench.viewer.server import Viewer

_TOKEN_BYTES = 24
_ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - to tell that it was asked for
_POLL_S = 0.1
_STOPS = (signal.SIGINT, signal.SIGTERM)


@click.command("view")
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default="results")
@click.option("--host", default="127.0.0.1", show_default=True,
              help="Interface to listen on. Another one than loopback shows the runs, unencrypted, "
              "to all who reach it and have the address.")  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True,
              help="Port to listen on; 0 takes a free one.")  # fmt: skip
@click.option("--open", "opens", is_flag=True, help="Open the page in a browser.")
def command(folder: Path, host: str, port: int, opens: bool) -> int:  # noqa: FBT001 - a flag
    """Show the runs of a folder in a browser, and go on showing them while they are made.

    DIR is a folder of runs, up to three levels deep, or one run's; it is results/ if not given.
    Links in it are not followed. Prints the address, whose random part is the key to it, and
    serves until Ctrl-C or SIGTERM, then exits with 0.
    """
    if not folder.is_dir():
        raise RunFolderError(
            f"view {folder}: there is no such folder; name one that holds runs, or a run's own"
        )
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with _listening(folder, host, port, token) as server, _stopped_by_signals(server.shutdown):
        shown_host = socket.gethostname() if host in _ANYWHERE else host
        address = f"{written_origin(shown_host, server.port)}/{token}/"
        if not is_loopback(host):
            click.echo(_warning(host), err=True)
        click.echo(address)
        if opens:
            # A browser in a terminal keeps its caller until it is closed.
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        server.serve_forever(_POLL_S)
    return 0


def _listening(folder: Path, host: str, port: int, token: str) -> Viewer:
    try:
        return Viewer(folder, host=host, port=port, token=token)
    except OSError as error:
        raise SuiteError(
            f"view --host {host} --port {port}: cannot be listened on: {error.strerror}; choose "
            "an address of this machine and a port that is free (--port 0 takes one)"
        ) from error


def _warning(host: str) -> str:
    return (
        f"view --host {host}: whoever reaches this machine over the network and has the address "
        "can read all runs of the folder, answers of the model included; nothing is encrypted. "
        "ssh -L and the default host keep it private"
    )


@contextmanager
def _stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """While the block runs, Ctrl-C and SIGTERM call ``stop`` and end nothing else."""

    def on_signal(*_: object) -> None:
        # Stopping waits for the loop that this handler has interrupted.
        threading.Thread(target=stop, daemon=True).start()

    before = {number: signal.signal(number, on_signal) for number in _STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
