"""Text from outside on a rich console: on one line, wrapped, or in a table's cell.

Guarantees that it is never read as markup or as a terminal's control sequence, and that nothing is
printed which the console's encoding lacks.
"""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from recallbench.reports.notation import printable

_NARROWEST = 20


def drawable(text: str, console: Console, style: str = "") -> Text:
    r"""The text with what the console cannot draw spelled, such as ``\x1b`` or ``\u6570``."""
    # A CI job's output may be ASCII.
    encoded = printable(text).encode(console.encoding, "backslashreplace")
    return Text(encoded.decode(console.encoding), style=style, overflow="fold")


def print_wrapped(text: str, console: Console, *, indent: int = 0, style: str = "") -> None:
    """Print a sentence over as many lines as it takes, all indented alike."""
    width = max(_NARROWEST, console.width - indent)
    for line in drawable(text, console, style).wrap(console, width, overflow="fold"):
        line.rstrip()
        line.pad_left(indent)
        console.print(line, soft_wrap=True)


def print_whole(text: str, console: Console, *, indent: int = 0) -> None:
    """Print a command on one line, however long, to be copied."""
    console.print(drawable(f"{' ' * indent}{text}", console), soft_wrap=True)
