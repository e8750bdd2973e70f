"""The two consoles and the listener that fits the one at hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from recallbench.runner.progress import LineListener, Listener, LiveListener


def results_console() -> Console:
    """Results go to stdout."""
    return Console(highlight=False)


@contextmanager
def listener() -> Iterator[Listener]:
    """Everything else goes to stderr: a live bar on a terminal, plain lines elsewhere."""
    console = Console(stderr=True, highlight=False)
    if console.is_terminal:
        with LiveListener(console) as live:
            yield live
    else:
        yield LineListener(console)
