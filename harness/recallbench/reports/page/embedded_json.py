"""Plain values as JSON that may stand inside a page's ``<script type="application/json">``.

Guarantees that no text can end the script or open a comment in it, that what a JSON reader makes of
it is the value that was given, that the page can be written as UTF-8 (half a surrogate pair is
spelled), and that equal values give equal text. Knows nothing about what the values mean.
"""

from __future__ import annotations

import json
import re

from markupsafe import Markup

# Outside its strings JSON has none of these, and inside them an escape means the same.
_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def embedded_json(value: object) -> Markup:
    r"""Compact JSON; ``<``, ``>``, ``&`` and line separators are spelled, as in ``\u003c``.

    Other letters stay as they are: most take fewer bytes so.

    Args:
        value: what JSON can hold; keys in the order in which they shall stand.

    Raises:
        ValueError: a number is infinite or not a number, which JSON cannot say.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(_UNSAFE.sub(_spelled, text))  # noqa: S704 - no markup is left in it


def _spelled(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
