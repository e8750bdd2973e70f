"""How tests are shared out among processes: what starts a server or a browser stays together."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/browser/", "tests/integration/", "tests/unit/engines/test_embedded_model.py")
"""Files whose tests share what takes long to make: each goes to one process, before all else."""


class ByServers(LoadScopeScheduling):  # type: ignore[misc]  # untyped
    """Each of those files is one piece of work; every other test is one of its own.

    ``--dist loadgroup`` would do it by marks, but xdist 3.8 writes them where pytest 9.2 does not
    look any more.
    """

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0] if nodeid.startswith(TOGETHER) else nodeid
