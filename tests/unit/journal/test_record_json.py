"""A record comes back from its line as it was, whatever a model has written into it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain import Outcome, TrialRecord
from recallbench.errors import RunFolderError
from recallbench.journal.record_json import from_line, to_line

BARE = TrialRecord(
    variant="v",
    trial_id="t",
    length_tokens=8,
    depth=0.5,
    repeat=0,
    outcome=Outcome.MISSED,
    key="73914206",
)
TEXTS = st.none() | st.text(st.characters(exclude_categories=()), max_size=40)
COUNTS = st.none() | st.integers(0, 1 << 40)
RECORDS = st.builds(
    TrialRecord,
    variant=st.text(min_size=1),
    trial_id=st.text(min_size=1),
    length_tokens=st.integers(1, 1 << 30),
    depth=st.floats(0, 1),
    repeat=st.integers(0, 1000),
    outcome=st.sampled_from(Outcome),
    key=st.text(),
    achieved_depth=st.none() | st.floats(0, 1),
    answer=TEXTS,
    thought=TEXTS,
    error=TEXTS,
    prompt_tokens=COUNTS,
    cached_tokens=COUNTS,
    latency_s=st.none() | st.floats(0, 1e6),
    needle_context=st.none() | st.tuples(st.text(), st.text(), st.text()),
)


@given(RECORDS)
def test_a_record_comes_back_from_one_line(record: TrialRecord) -> None:
    line = to_line(record)

    assert line.count("\n") == 1
    assert line.isascii()
    assert from_line(line, "here") == record


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not a trial record"),
        ("[]", "not a trial record"),
        ("{}", "not a trial record"),
        (to_line(BARE).replace('"schema": 1', '"schema": 2'), "journal format 2"),
        (to_line(BARE).replace('"missed"', '"forgotten"'), "forgotten"),
        (to_line(BARE).replace('"key"', '"kex"'), r"missing \['key'\], unknown \['kex'\]"),
    ],
)
def test_a_damaged_line_is_named_with_its_place(line: str, words: str) -> None:
    with pytest.raises(RunFolderError, match=f"trials.jsonl:7.*{words}"):
        from_line(line, "trials.jsonl:7")


@pytest.mark.parametrize(
    "context", ["three", 3, [], ["a", "b"], ["a", "b", 3], [None] * 3, list("four"), {"a": 1}]
)
def test_a_context_of_another_shape_is_a_damaged_line(context: object) -> None:
    entries = {**json.loads(to_line(BARE)), "needle_context": context}

    with pytest.raises(RunFolderError, match=r"here: not a trial record .*needle_context.*damaged"):
        from_line(json.dumps(entries), "here")


def test_fields_that_an_older_recallbench_did_not_write_have_no_value() -> None:
    entries = json.loads(to_line(BARE))
    del entries["fingerprint"], entries["needle_context"]

    assert from_line(json.dumps(entries), "here") == BARE
