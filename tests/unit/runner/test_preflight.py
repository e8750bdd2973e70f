"""Variants are checked as they would be started, and a run stops before an error that shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recallbench.domain import RopeRequest, Variant
from recallbench.errors import CheckpointError, PreflightError, RopeError
from recallbench.preflight import MISMATCHES, Finding, Severity
from recallbench.rope import CheckpointConfig
from recallbench.rope.known_checkpoints import known_checkpoint
from recallbench.runner.preflight import (
    CheckedVariant,
    check_plan,
    check_variant,
    find_config,
    refuse,
    weights_bytes,
)
from recallbench.suite import RunPlan, Serving, parse_suite, plan_run, resolve

QWEN3 = "Qwen/Qwen3-8B"
SMOL = "HuggingFaceTB/SmolLM2-135M-Instruct"
OWN = "someone/own-model"
GIB = 1 << 30
BARE = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 8192}
LOST = RopeRequest(hf_overrides=json.dumps({"rope_parameters": BARE}))
ERROR = Finding(
    rule="theta-lost",
    severity=Severity.ERROR,
    what="the base becomes 10,000",
    why="recall falls",
    fix="give the whole set",
)


def variant(model: str = SMOL, rope: RopeRequest | None = None, **settings: Any) -> Variant:
    return Variant(name="base", model=model, rope=rope or RopeRequest(), **settings)


def check(asked: Variant, version: str = "0.29.0", **known: Any) -> CheckedVariant:
    return check_variant(asked, known_checkpoint(asked.model), vllm_version=version, **known)


def rules(checked: CheckedVariant) -> list[str]:
    return [finding.rule for finding in checked.findings]


def held(*found: Finding, name: str = "base", allow: tuple[str, ...] = ()) -> CheckedVariant:
    return CheckedVariant(
        variant=Variant(name=name, model=SMOL, allow=allow), case=None, findings=found
    )


def message(*checked: CheckedVariant) -> str:
    with pytest.raises(PreflightError) as raised:
        refuse(checked)
    return str(raised.value)


def test_a_native_variant_is_sound_and_serves_what_the_checkpoint_says() -> None:
    checked = check(variant())

    assert checked.findings == ()
    assert checked.case is not None
    assert checked.case.effect.max_model_len == 8192


@pytest.mark.parametrize("version", ["0.10.2", "0.11.2", "0.29.0", "0.33.0"])
def test_a_factor_is_spelled_for_the_version_and_serves_what_it_reaches(version: str) -> None:
    checked = check(variant(rope=RopeRequest(factor=4.0)), version)

    assert checked.findings == ()
    assert checked.case is not None
    assert checked.case.effect.max_model_len == checked.case.effect.rows == 32768
    assert checked.case.effect.base == 100_000


def test_overrides_are_checked_as_they_are_written_with_no_length_added() -> None:
    checked = check(variant(rope=LOST), "0.33.0")

    assert rules(checked) == ["theta-lost", "length-not-extended"]
    assert checked.case is not None
    assert checked.case.deployment.max_model_len is None
    assert "as written" in " ".join(checked.notes)


def test_a_length_that_is_asked_for_is_kept() -> None:
    checked = check(variant(max_model_len=9000))

    assert rules(checked) == ["longer-than-derived"]
    assert "9000" in checked.findings[0].what


def test_the_longest_prompt_counts() -> None:
    asked = variant(rope=RopeRequest(factor=4.0))

    assert rules(check(asked, longest_tokens=16_000)) == ["factor-larger-than-asked"]
    assert rules(check(asked, longest_tokens=32_000)) == []


def test_the_memory_that_is_given_counts() -> None:
    asked = variant(QWEN3, max_model_len=40960)

    assert rules(check(asked, gpu_memory=4 * GIB)) == ["kv-memory"]
    assert rules(check(asked, gpu_memory=80 * GIB)) == []


def test_engine_arguments_and_variables_of_the_variant_are_looked_at() -> None:
    asked = variant(
        engine_args=("--gpu-memory-utilization", "much"),
        engine_env=(("VLLM_ALLOW_LONG_MAX_MODEL_LEN", "1"),),
        max_model_len=9000,
    )

    assert rules(check(asked)) == ["malformed", "past-the-table"]


def test_vllms_variables_of_this_process_reach_the_server_and_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VLLM_ALLOW_LONG_MAX_MODEL_LEN", "1")

    assert rules(check(variant(max_model_len=9000))) == ["past-the-table"]


def test_the_variants_own_variable_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VLLM_ALLOW_LONG_MAX_MODEL_LEN", "1")
    asked = variant(max_model_len=9000, engine_env=(("VLLM_ALLOW_LONG_MAX_MODEL_LEN", "0"),))

    assert rules(check(asked)) == ["longer-than-derived"]


def test_a_rope_that_cannot_be_worked_out_is_an_error_that_says_why() -> None:
    checked = check(variant(rope=RopeRequest(parameters=(("rope_type", "yarm"),))))

    assert rules(checked) == ["refused"]
    assert "'yarm'" in checked.findings[0].what
    assert checked.case is None
    assert checked.stopping == checked.findings


@pytest.mark.parametrize("model", [SMOL, OWN])
def test_a_version_that_is_none_is_no_fault_of_the_rope(model: str) -> None:
    with pytest.raises(RopeError, match=r"'latest': expected numbers such as 0\.26\.0"):
        check(variant(model), "latest")


@pytest.mark.parametrize(
    ("found", "allow", "stops"),
    [
        (ERROR, (), True),
        (ERROR, ("theta-lost",), False),
        (ERROR, ("key-ignored",), True),
        (ERROR, ("rope-mismatch",), False),
        (replace(ERROR, rule="malformed"), ("rope-mismatch",), True),
        (replace(ERROR, rule="malformed"), ("malformed",), False),
        (replace(ERROR, rule="rope-mismatch"), ("rope-mismatch",), False),
        (replace(ERROR, rule="rope-mismatch"), ("theta-lost",), True),
        (replace(ERROR, severity=Severity.WARNING), (), False),
        (replace(ERROR, severity=Severity.ADVICE), (), False),
    ],
)
def test_an_error_stops_unless_its_rule_is_allowed(
    found: Finding, allow: tuple[str, ...], *, stops: bool
) -> None:
    assert held(found, allow=allow).stopping == ((found,) if stops else ())


@pytest.mark.parametrize("rule", sorted(MISMATCHES))
def test_rope_mismatch_allows_every_rule_on_another_rope(rule: str) -> None:
    found = replace(ERROR, rule=rule)

    assert held(found, allow=("rope-mismatch",)).stopping == ()


def test_where_nothing_stops_nothing_is_refused() -> None:
    warning = replace(ERROR, severity=Severity.WARNING)

    refuse((held(), held(warning), held(ERROR, allow=("theta-lost",))))


def test_a_refusal_names_variant_rule_reason_and_fix_and_what_to_type() -> None:
    other = replace(ERROR, rule="malformed", what="no number")
    warning = replace(ERROR, rule="eager", severity=Severity.WARNING, what="only a warning")

    text = message(
        held(ERROR, name="lost"), held(other, warning, name="slip"), held(ERROR, name="again")
    )

    *told, end = text.splitlines()
    assert told == [
        "nothing was started, as the check found errors:",
        "  lost: [theta-lost] the base becomes 10,000: recall falls. Fix: give the whole set",
        "  slip: [malformed] no number: recall falls. Fix: give the whole set",
        "  again: [theta-lost] the base becomes 10,000: recall falls. Fix: give the whole set",
    ]
    assert end == (
        "Mend them, leave the variant out (--variant), or go on all the same: "
        "--allow malformed --allow rope-mismatch"
    )


def test_what_a_refusal_says_to_type_is_enough_to_go_on() -> None:
    """Of the proof, too: it knows no rule but ``rope-mismatch``."""
    found = [replace(ERROR, rule=rule) for rule in (*sorted(MISMATCHES), "malformed", "refused")]
    words = message(held(*found)).rpartition(": ")[2].split()
    typed = tuple(word for word in words if word != "--allow")

    assert held(*found, allow=typed).stopping == ()
    assert typed == ("malformed", "refused", "rope-mismatch")


def test_a_variant_that_allows_its_errors_is_not_among_the_refused() -> None:
    text = message(held(ERROR, name="meant", allow=("theta-lost",)), held(ERROR, name="slip"))

    assert "slip" in text
    assert "meant" not in text


def plan(variants: list[dict[str, Any]], config: CheckpointConfig, **serving: Any) -> RunPlan:
    suite = {
        "suite": "t",
        "model": SMOL,
        "grid": {"lengths": [4000], "depths": [0.5], "trials": 1},
        "variants": variants,
    }
    resolved = resolve(parse_suite(suite, "test"))
    return plan_run(resolved, {SMOL: config}, Serving(vllm_version="0.33.0", **serving))


@pytest.fixture
def smol() -> CheckpointConfig:
    config = known_checkpoint(SMOL)
    assert config is not None
    return config


def test_each_variant_of_a_plan_is_checked_in_its_order(smol: CheckpointConfig) -> None:
    lost = {"name": "lost", "hf_overrides": {"rope_parameters": BARE}, "allow": ["theta-lost"]}

    checked = check_plan(plan([{"name": "native"}, lost], smol), {SMOL: SMOL})

    assert [each.variant.name for each in checked] == ["native", "lost"]
    assert checked[0].findings == ()
    assert "theta-lost" in rules(checked[1])
    assert "theta-lost" not in [finding.rule for finding in checked[1].stopping]


def test_of_a_standing_server_nothing_is_claimed(smol: CheckpointConfig) -> None:
    lost = {"name": "lost", "hf_overrides": {"rope_parameters": BARE}}

    assert check_plan(plan([lost], smol, is_endpoint=True), {}) == ()


def write_config(folder: Path, text: str) -> str:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(text, encoding="utf-8")
    return str(folder)


def test_a_folders_config_counts_before_the_published_one(tmp_path: Path) -> None:
    own = {"model_type": "qwen3", "max_position_embeddings": 1234}
    path = write_config(tmp_path / "Qwen3-8B", json.dumps(own))

    config, notes = find_config(path, path)

    assert config is not None
    assert config.max_position_embeddings == 1234
    assert notes == ()


def test_a_hub_model_that_cannot_be_reached_has_its_published_config_and_says_so() -> None:
    config, notes = find_config(QWEN3, QWEN3)

    assert config is not None
    assert config.max_position_embeddings == 40960
    (note,) = notes
    assert note.startswith(f"{QWEN3}: its published config as recallbench knows it (")


def test_a_hub_model_that_nobody_knows_is_an_error_that_names_it() -> None:
    with pytest.raises(CheckpointError, match=f"model {OWN}: .*local folder"):
        find_config(OWN, OWN)


def test_a_broken_folder_is_not_covered_up_by_the_published_config(tmp_path: Path) -> None:
    """vLLM would read that folder: a name says nothing of what stands in it."""
    path = write_config(tmp_path / "Qwen" / "Qwen3-8B", '{"model_type": "qwen3", ')

    with pytest.raises(CheckpointError, match=r"config\.json cannot be read"):
        find_config(path, path)


def test_a_folder_with_a_tokenizer_alone_has_no_config(tmp_path: Path) -> None:
    assert find_config(str(tmp_path), str(tmp_path)) == (None, ())


def shard(name: str, size: int) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(b"x" * size)


@pytest.mark.parametrize(
    ("files", "size"),
    [
        ((shard("model.safetensors", 7),), 7),
        ((shard("a-1.safetensors", 7), shard("a-2.safetensors", 5), shard("config.json", 9)), 12),
        ((shard("config.json", 9),), None),
        ((), None),
    ],
    ids=("one", "shards", "no weights", "empty"),
)
def test_the_weights_of_a_folder_are_its_safetensors(
    tmp_path: Path, files: tuple[Callable[[Path], object], ...], size: int | None
) -> None:
    for write in files:
        write(tmp_path)

    assert weights_bytes(str(tmp_path)) == size


@pytest.mark.parametrize("path", ["", "Qwen/Qwen3-8B", "/no/such/folder"])
def test_elsewhere_the_size_of_weights_is_not_known(path: str) -> None:
    """The working folder is none of a model without a name either."""
    Path("here.safetensors").write_bytes(b"x")

    assert weights_bytes(path) is None
