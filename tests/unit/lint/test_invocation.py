from __future__ import annotations

from recallbench.lint import Invocation
from recallbench.preflight import Deployment


def test_a_setting_without_a_line_is_shown_at_the_invocation() -> None:
    invocation = Invocation(path="a", line=3, deployment=Deployment(), lines={"dtype": 5})

    assert [invocation.line_of(name) for name in ("dtype", "model", None)] == [5, 3, 3]
