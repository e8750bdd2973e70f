"""``compare``: the same trials, side by side; what was not asked alike is refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from scipy.stats import binomtest
from statsmodels.stats.contingency_tables import mcnemar

from recallbench.__main__ import run as recallbench
from recallbench.journal import RunFolder
from support.records import HIT, MISS, always, record, records
from support.stored_runs import published, stored_run

MANY = range(40)


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    value: dict[str, object] = json.loads(capsys.readouterr().out)
    return value


def two(tmp_path: Path, loss: float) -> Path:
    """BF16 recalls everything; FP8 misses so many of every 40 at the middle depth."""
    bf16 = records(always(HIT), repeats=MANY)
    fp8 = records(
        lambda _length, depth, repeat: MISS if depth == 0.5 and repeat < loss * 40 else HIT,
        repeats=MANY,
    )
    return stored_run(tmp_path / "run", {"bf16": bf16, "fp8": fp8}, trials=40)


@pytest.mark.parametrize(
    ("loss", "code", "verdict"),
    [(0.0, 0, "equivalent"), (1.0, 1, "inferior"), (0.2, 4, "inconclusive")],
)
def test_the_verdict_and_its_exit_code(
    loss: float, code: int, verdict: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = two(tmp_path, loss)

    assert recallbench(["compare", f"{folder}:bf16", ":fp8", "--format", "json"]) == code
    assert told(capsys)["verdict"] == verdict


def test_a_run_compared_with_itself_is_equivalent_however_short(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stored_run(tmp_path / "run", {"v": [record()]}, trials=1)

    assert recallbench(["compare", str(folder), str(folder)]) == 0
    assert "equivalent" in capsys.readouterr().out.lower()


def test_few_pairs_without_a_difference_are_not_called_equivalent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = records(always(HIT), repeats=range(2))
    folder = stored_run(tmp_path / "run", {"bf16": held, "fp8": held}, trials=2)

    assert recallbench(["compare", f"{folder}:bf16", ":fp8"]) == 4
    out = " ".join(capsys.readouterr().out.split())
    assert "INCONCLUSIVE" in out
    assert "59" in out


def test_runs_without_a_common_trial_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = stored_run(tmp_path / "a", {"v": [record(seed="one")]}, trials=1)
    b = stored_run(tmp_path / "b", {"v": [record(seed="two")]}, trials=1)

    assert recallbench(["compare", str(a), str(b)]) == 2
    assert "share no trial" in capsys.readouterr().err


def test_one_name_with_two_prompts_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = record()
    other = type(first)(
        variant="v",
        trial_id=first.trial_id,
        length_tokens=1000,
        depth=0.0,
        repeat=0,
        outcome=HIT,
        key="73914206",
        prompt_sha256="f" * 64,
    )
    a = stored_run(tmp_path / "a", {"v": [first]}, trials=1)
    b = stored_run(tmp_path / "b", {"v": [other]}, trials=1)

    assert recallbench(["compare", str(a), str(b)]) == 2
    assert "tokenizer" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ("{run}", "{run}", ["several variants", "bf16, fp8", ":VARIANT"]),
        ("{run}:bf16", "{run}:int4", ["no variant 'int4'", "bf16, fp8"]),
        (":bf16", "{run}", ["which run?"]),
        ("nowhere", "{run}:fp8", ["nowhere", "run.json"]),
    ],
)
def test_what_is_wrong_is_told(
    a: str, b: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = two(tmp_path, 0.0)

    assert recallbench(["compare", a.format(run=run), b.format(run=run)]) == 2
    err = capsys.readouterr().err
    assert [word for word in words if word not in err] == []


def test_numbers_of_a_recorded_run_are_those_of_statsmodels_and_scipy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Native against YaRN 4 at 4,096 tokens: 11 lost, none gained, of 50."""
    folder = published("rope-h200", tmp_path / "run")
    recallbench(["compare", f"{folder}:native", ":yarn4", "--format", "json"])
    lengths = told(capsys)["lengths"]
    assert isinstance(lengths, list)
    for part in lengths:
        b, c = part["lost"], part["gained"]
        both = part["a"]["k"] - b
        neither = part["a"]["n"] - both - b - c
        exact = mcnemar([[both, b], [c, neither]], exact=True).pvalue
        assert part["mcnemar_p"] == pytest.approx(exact, abs=1e-9)
        if b + c:
            assert part["mcnemar_p"] == pytest.approx(binomtest(b, b + c).pvalue, abs=1e-9)
    at_4096 = next(part for part in lengths if part["length_tokens"] == 4096)
    assert (at_4096["lost"], at_4096["gained"]) == (11, 0)


def test_the_table_and_the_pictures_are_written_where_they_are_wanted(tmp_path: Path) -> None:
    folder = two(tmp_path, 0.2)

    recallbench(["compare", f"{folder}:bf16", ":fp8", "--out", str(tmp_path / "out")])

    table = tmp_path / "out" / "difference-fp8-from-bf16.csv"
    assert table.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    assert table.with_suffix(".svg").read_bytes().startswith(b"<?xml")
    with table.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["scope"] for row in rows] == ["cell"] * 5 + ["length", "overall"]


def test_the_comparison_is_added_to_a_github_jobs_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "job.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    folder = two(tmp_path, 1.0)

    recallbench(["compare", f"{folder}:bf16", ":fp8"])

    assert "INFERIOR" in page.read_text(encoding="utf-8").upper()


def test_a_run_whose_trials_were_drawn_is_compared_with_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = records(always(HIT), repeats=MANY)
    drawn = stored_run(tmp_path / "a", {"v": held}, gate={"floor": 0.9, "until": "decided"})
    fixed = stored_run(tmp_path / "b", {"v": held})

    recallbench(["compare", str(drawn), str(fixed)])

    assert "drawn until its verdict was settled" in " ".join(capsys.readouterr().out.split())


def of_layout(folder: Path, **prompts: object) -> Path:
    """A stored run whose prompts were made so."""
    stored_run(folder, {"v": records(always(HIT), repeats=range(8))}, trials=8)
    run = RunFolder(folder)
    run.write_facts({**run.read_facts(), "prompts": prompts})
    return folder


def test_a_ladder_is_never_held_against_single_needles(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ladder = of_layout(tmp_path / "ladder", layout="ladder", haystacks="repeat")
    single = of_layout(tmp_path / "single", layout="single", haystacks="repeat")

    assert recallbench(["compare", str(single), str(ladder)]) == 2
    told = capsys.readouterr().err
    assert "single:v has layout single and ladder:v layout ladder" in told
    assert "multi-key recall" in told


def test_unlike_haystacks_are_unlike_prompts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = of_layout(tmp_path / "old", layout="single")
    new = of_layout(tmp_path / "new", layout="single", haystacks=3)

    assert recallbench(["compare", str(old), str(new)]) == 2
    assert "old:v has haystacks trial and new:v haystacks 3" in capsys.readouterr().err


def test_two_ladders_are_compared_as_multi_key_recall(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = (
        of_layout(tmp_path / name, layout="ladder", haystacks="repeat") for name in ("one", "two")
    )

    recallbench(["compare", str(one), str(two), "--format", "json"])

    value = told(capsys)
    assert (value["layout"], value["haystacks"]) == ("ladder", 8)
