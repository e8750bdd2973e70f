from __future__ import annotations

from recallbench.lint.found import Complaint, Embedded, Found, Launch, Pin, Word, merge, moved
from recallbench.preflight import Deployment


def at(line: int) -> Found:
    return Found(
        launches=(Launch(line=line, deployment=Deployment(), lines={"a": line}),),
        pins=(Pin(package="vllm", version="1.0", line=line),),
        complaints=(Complaint(line=line, why="x"),),
        embedded=(Embedded(name="a.sh", text="", line=line),),
        variables=(("A", Word("1", line)),),
    )


def test_everything_moves_by_the_same_lines() -> None:
    assert moved(at(1), 4) == at(5)
    assert moved(at(1), 0) == at(1)


def test_merging_keeps_all_in_order() -> None:
    merged = merge([at(1), Found(), at(2)])

    assert [launch.line for launch in merged.launches] == [1, 2]
    assert (len(merged.pins), len(merged.complaints), len(merged.embedded)) == (2, 2, 2)
    assert [word.line for _, word in merged.variables] == [1, 2]
