"""The journal loses at most what was in flight, and has one writer."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from recallbench.domain import Outcome, TrialRecord
from recallbench.errors import RunFolderError
from recallbench.journal import Journal, read_journal

RECORD = TrialRecord(
    variant="v",
    trial_id="t0",
    length_tokens=8,
    depth=0.5,
    repeat=0,
    outcome=Outcome.RECALLED,
    key="73914206",
)
HOLDER = """
import sys
from pathlib import Path
from recallbench.journal import Journal
with Journal(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
FILLER = """
import resource, signal, sys
from pathlib import Path
from recallbench.domain import Outcome, TrialRecord
from recallbench.errors import RunFolderError
from recallbench.journal import Journal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
record = TrialRecord(
    variant="v", trial_id="t", length_tokens=8, depth=0.5, repeat=0, outcome=Outcome.MISSED,
    key="7", answer="x" * 200,
)
with Journal(Path(sys.argv[1])) as journal:
    for _ in range(2):
        try:
            journal.append(record)
        except RunFolderError as error:
            print(error)
"""
LIMIT_S = 60


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Journal(tmp_path / "trials.jsonl") as journal:
        for number in range(3):
            journal.append(replace(RECORD, trial_id=f"t{number}"))
    return tmp_path / "trials.jsonl"


def ids(path: Path) -> list[str]:
    return [record.trial_id for record in read_journal(path)]


def test_records_come_back_in_order(path: Path) -> None:
    assert ids(path) == ["t0", "t1", "t2"]


@pytest.mark.parametrize("torn", [1, 20, 200])
def test_a_torn_last_line_is_left_out_and_cut_off_by_the_next_writer(path: Path, torn: int) -> None:
    path.write_bytes(path.read_bytes()[:-torn])
    assert ids(path) == ["t0", "t1"]

    with Journal(path) as journal:
        journal.append(replace(RECORD, trial_id="again"))

    assert ids(path) == ["t0", "t1", "again"]


def test_damage_inside_is_named_by_line_and_nothing_is_changed(path: Path) -> None:
    lines = path.read_bytes().split(b"\n")
    damaged = b"\n".join([lines[0], b"\x00\xff rubbish", *lines[2:]])
    path.write_bytes(damaged)

    with pytest.raises(RunFolderError, match=r"trials.jsonl:2: not a trial record"):
        read_journal(path)
    assert path.read_bytes() == damaged


def test_a_second_writer_is_refused_while_the_first_lives(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"

        with pytest.raises(RunFolderError, match="another recallbench is writing this run"):
            Journal(path)
        holder.kill()

    with Journal(path) as journal:
        journal.append(RECORD)
    assert ids(path) == ["t0", "t1", "t2", "t0"]


def test_a_journal_that_cannot_be_opened_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"trials\.jsonl: cannot be written: No such file"):
        Journal(tmp_path / "gone" / "trials.jsonl")


def test_a_full_disk_is_told_of_and_leaves_a_journal_that_can_go_on(path: Path) -> None:
    """A limit on the file's size stands for the disk: one write is cut short, the next refused."""
    limit = len(path.read_bytes()) + 50
    ended = subprocess.run(
        [sys.executable, "-c", FILLER, path, str(limit)],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=True,
    )
    cut_short, refused = ended.stdout.splitlines()
    assert cut_short.startswith(f"{path}: only 50 of ")
    assert refused == f"{path}: cannot be written: File too large"
    assert ids(path) == ["t0", "t1", "t2"]

    with Journal(path) as journal:
        journal.append(replace(RECORD, trial_id="again"))
    assert ids(path) == ["t0", "t1", "t2", "again"]


def test_a_journal_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="cannot be read"):
        read_journal(tmp_path / "trials.jsonl")
