"""Makes one self-contained HTML file of a template, its scripts and its styles.

Guarantees that text from outside stays text (autoescape, and what cannot be printed is spelled),
that nothing runs or is loaded but what this file holds (a Content-Security-Policy of hashes), and
that equal input gives equal bytes. Knows nothing about runs.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from recallbench.reports.notation import printable

_ASSETS = files("recallbench.reports.page") / "assets"
_STYLES = ("page.css",)
_SCRIPTS = ("theme.js",)
"""Of every page, as they are made for what ``base.html.j2`` has."""
_LIVE_SCRIPTS = ("live.js",)
"""Last: a live page's other parts are ready when it first asks."""


def rendered(
    template: str,
    context: Mapping[str, object],
    *,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    extra_style: str = "",
    is_live: bool = False,
) -> str:
    """The whole file.

    Args:
        template: name of a file in ``templates/``.
        context: what it shows.
        styles: files in ``assets/`` that it needs besides those of every page, in order.
        scripts: the same for its script.
        extra_style: rules that are computed, before the others.
        is_live: whether the page asks its own server for news, which the policy must allow.
    """
    style = extra_style + "\n".join(map(_asset, (*_STYLES, *styles)))
    script = _joined((*_SCRIPTS, *scripts, *(_LIVE_SCRIPTS if is_live else ())))
    return (
        _environment()
        .get_template(template)
        .render(
            {
                **context,
                "policy": policy(style, script, is_live=is_live),
                "style": Markup(style),  # noqa: S704 - our own files
                "script": Markup(script),  # noqa: S704 - our own files
                "is_live": is_live,
            }
        )
    )


def policy(style: str, script: str, *, is_live: bool) -> str:
    """The Content-Security-Policy of a page with this style and this script.

    Source: W3C, Content Security Policy Level 3.
    """
    rules = [
        "default-src 'none'",
        f"script-src {_hash(script)}",
        f"style-src {_hash(style)}",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        *(["connect-src 'self'"] if is_live else []),
    ]
    return "; ".join(rules)


def lines_of(text: str) -> Markup:
    """A text of several lines for a ``pre``: its line breaks stay, all else is escaped."""
    return Markup("\n").join(escape(printable(line)) for line in text.splitlines())


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _joined(scripts: Sequence[str]) -> str:
    """One script, whose parts see each other and nothing outside sees them."""
    parts = "\n".join(map(_asset, scripts))
    return f'"use strict";\n(() => {{\n{parts}\n}})();\n'


@cache
def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("recallbench.reports.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finished,
    )
    environment.filters["lines_of"] = lines_of
    return environment


def _finished(value: object) -> object:
    """Whatever is shown is printable: a name with a control character is spelled."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return printable(value)
