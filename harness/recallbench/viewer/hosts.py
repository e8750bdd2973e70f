"""Which hosts are this machine alone, and whether a request was meant for this server.

A page of another site can make a browser ask loopback under that site's name (DNS rebinding), and
would then read the answer; the ``Host`` header tells. Resolves no name.
"""

from __future__ import annotations

import re
from ipaddress import ip_address

_NAME = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(:\d{1,5})?")


def is_loopback(host: str) -> bool:
    """Whether a host to listen on is reached from this machine alone.

    Args:
        host: a name or an address, without brackets and port.
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_meant_here(header: str | None, *, bound_to: str) -> bool:
    """Whether a request's ``Host`` header may be answered.

    On loopback it must name loopback. The port is left open: behind ``ssh -L`` it is another one.
    Elsewhere nobody knows under which names a machine is reached, and the token alone protects.

    Args:
        header: as it was sent; None where there was none.
        bound_to: the host that is listened on.
    """
    if not is_loopback(bound_to):
        return True
    found = _NAME.fullmatch(header or "")
    return found is not None and is_loopback(found[1].strip("[]"))


def written_origin(host: str, port: int) -> str:
    """Host and port as the start of an address, such as ``http://127.0.0.1:8000``."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
