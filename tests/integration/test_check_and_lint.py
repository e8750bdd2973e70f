"""What is wrong is said before anything is started: by check, by lint, and by run itself."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from support.program import Ended, recallbench

DEPLOYMENTS = Path(__file__).resolve().parents[1] / "unit" / "lint" / "deployments"
QWEN3 = {
    "architectures": ["Qwen3ForCausalLM"],
    "model_type": "qwen3",
    "hidden_size": 4096,
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "max_position_embeddings": 40960,
    "rope_theta": 1000000,
    "rope_scaling": None,
    "torch_dtype": "bfloat16",
}
SMOLLM2 = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 576,
    "num_hidden_layers": 30,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "max_position_embeddings": 8192,
    "rope_theta": 100000,
    "torch_dtype": "bfloat16",
}
LLAMA31 = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 4096,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "max_position_embeddings": 131072,
    "rope_theta": 500000.0,
    "rope_scaling": {
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    },
    "torch_dtype": "bfloat16",
}
LOST = '{"rope_parameters":{"factor":4.0,"original_max_position_embeddings":%d,"rope_type":"yarn"}}'
BROKEN = "vllm serve Qwen/Qwen3-8B \\\n  --max-model-len 131072\n"


def made(folder: Path, config: dict[str, Any]) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def check(*arguments: str | Path, version: str = "0.33.0") -> Ended:
    return recallbench("check", *arguments, "--vllm-version", version)


def checked(*arguments: str | Path, version: str = "0.33.0") -> dict[str, Any]:
    """The only variant of a check, as JSON."""
    ended = check(*arguments, "--json", version=version)
    (value,) = json.loads(ended.out)
    assert isinstance(value, dict)
    assert ended.code == (2 if "error" in severities(value) else 0), ended.err
    return value


def severities(value: dict[str, Any]) -> list[str]:
    return [finding["severity"] for finding in value["findings"]]


def rules(value: dict[str, Any]) -> list[str]:
    return [finding["rule"] for finding in value["findings"]]


def test_a_factor_on_qwen3_is_sound_and_the_line_to_paste_is_too(tmp_path: Path) -> None:
    model = made(tmp_path / "own", QWEN3)

    ended = check("--model", model, "--factor", "4", "--gpu-memory", "80")

    assert ended.code == 0, ended.err
    assert "nothing is wrong" in ended.out
    (line,) = [line for line in ended.out.splitlines() if line.startswith("vllm serve ")]
    words = shlex.split(line)
    overrides = json.loads(words[words.index("--hf-overrides") + 1])
    assert overrides == {
        "max_position_embeddings": 131072,
        "rope_parameters": {
            "factor": 4.0,
            "original_max_position_embeddings": 32768,
            "rope_theta": 1000000,
            "rope_type": "yarn",
        },
    }
    script = tmp_path / "serve.sh"
    script.write_text(f"{line}\n", encoding="utf-8")
    linted = recallbench("lint", script, "--vllm-version", "0.33.0")
    assert (linted.code, linted.out) == (0, "nothing is wrong in 1 engine of 1 file\n")


def test_a_lost_theta_is_an_error_and_its_fix_mends_it(tmp_path: Path) -> None:
    model = made(tmp_path / "own", SMOLLM2)

    ended = check("--model", model, "--hf-overrides", LOST % 8192, version="0.29.0")

    assert ended.code == 2
    assert "theta-lost" in ended.out
    (fix,) = [line for line in ended.out.splitlines() if line.startswith("fix theta-lost: use ")]
    mended = check("--model", model, *shlex.split(fix.partition(": use ")[2]), version="0.29.0")
    assert mended.code == 0, mended.out


def test_json_holds_what_would_be_served_and_every_finding_whole(tmp_path: Path) -> None:
    model = made(tmp_path / "own", SMOLLM2)

    value = checked("--model", model, "--hf-overrides", LOST % 8192, version="0.29.0")

    assert value["model"] == str(model)
    assert value["vllm_version"] == "0.29.0"
    assert value["hf_overrides"] == json.loads(LOST % 8192)
    assert (value["max_model_len"], value["rows"], value["base"]) == (32768, 32768, 10000)
    assert rules(value) == ["theta-lost"]
    (finding,) = value["findings"]
    assert set(finding) == {"rule", "severity", "what", "why", "fix", "setting"}
    assert "100,000" in finding["what"]


@pytest.mark.parametrize(
    ("config", "version", "arguments", "found"),
    [
        (QWEN3, "0.33.0", ["--max-model-len", "32768"], []),
        (QWEN3, "0.33.0", ["--max-model-len", "128K"], ["longer-than-derived"]),
        (QWEN3, "0.33.0", ["--hf-overrides", LOST % 32768], ["length-not-extended"]),
        (QWEN3, "0.33.0", ["--gpu-memory", "4"], ["kv-memory"]),
        (QWEN3, "0.33.0", ["--factor", "4", "--length", "8k"], ["factor-larger-than-asked"]),
        (SMOLLM2, "0.26.0", ["--hf-overrides", '{"rope_theta": 5e5}'], ["key-ignored"]),
    ],
)
def test_what_a_checkpoint_and_its_options_come_to(
    tmp_path: Path, config: dict[str, Any], version: str, arguments: list[str], found: list[str]
) -> None:
    value = checked("--model", made(tmp_path / "own", config), *arguments, version=version)

    assert [rule for rule in found if rule not in rules(value)] == []
    assert bool(found) == bool(value["findings"])


def test_a_factor_over_a_context_that_is_trained_to_128k_is_an_error(tmp_path: Path) -> None:
    ended = check("--model", made(tmp_path / "own", LLAMA31), "--factor", "4")

    assert ended.code == 2
    assert "131,072" in ended.out + ended.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--hf-overrides", '{"rope_parameters": '], ["--hf-overrides", "not JSON", "quotes"]),
        (["--hf-overrides", "[1]"], ["--hf-overrides", "no JSON object", "rope_parameters"]),
        (["--hf-overrides", "{}", "--factor", "2"], ["--factor and --hf-overrides", "one of them"]),
        (["--vllm-version", "latest"], ["'latest'", "such as 0.26.0"]),
        (["--max-model-len", "long"], ["--max-model-len", "write 8000, 8k"]),
        (["--gpu-memory", "inf"], ["--gpu-memory", "such as 80"]),
        (["--gpu-memory", "nan"], ["--gpu-memory", "such as 80"]),
        (["--engine-arg=--max-model-len=9"], ["--max-model-len", "max_model_len"]),
    ],
)
def test_a_wrong_option_is_refused_in_words_that_say_what_to_write(
    tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    ended = recallbench("check", "--model", made(tmp_path / "own", SMOLLM2), *arguments)

    assert ended.code == 2
    assert [word for word in words if word not in ended.err] == []
    assert "Traceback" not in ended.err


def test_a_model_that_is_nowhere_is_refused_by_name() -> None:
    ended = recallbench("check", "--model", "someone/own-model")

    assert ended.code == 2
    assert "someone/own-model" in ended.err
    assert "local folder" in ended.err


def test_a_hub_model_is_checked_offline_by_its_published_config() -> None:
    ended = check("--model", "Qwen/Qwen3-8B", "--max-model-len", "131072")

    assert ended.code == 2
    assert "longer-than-derived" in ended.out
    assert "its published config" in ended.err


def test_a_suite_that_only_names_an_address_has_nothing_to_be_checked(tmp_path: Path) -> None:
    suite = tmp_path / "served.yaml"
    suite.write_text("suite: served\nendpoint: {url: 'http://127.0.0.1:9/v1'}\n", encoding="utf-8")

    ended = recallbench("check", suite)

    assert ended.code == 2
    assert ended.out == ""
    assert "--model" in ended.err


def test_a_models_name_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    model = made(tmp_path / "own\x1b[2J[red]", SMOLLM2)

    ended = check("--model", model)

    assert ended.code == 0, ended.err
    assert "\x1b" not in ended.out + ended.err
    assert r"own\x1b[2J[red]" in ended.out


@pytest.mark.usefixtures("checkpoint")
def test_the_shipped_matrix_names_the_variant_that_loses_its_theta() -> None:
    ended = recallbench("check", "rope-matrix", "--json")

    found = {value["variant"]: rules(value) for value in json.loads(ended.out)}
    assert ended.code == 2
    assert "theta-lost" in found.pop("theta-lost")
    assert set(found) == {"native", "yarn2", "yarn4", "linear4"}
    assert [name for name, broken in found.items() if "theta-lost" in broken] == []


@pytest.mark.usefixtures("checkpoint")
def test_a_run_with_an_error_starts_nothing_and_makes_no_folder(tmp_path: Path) -> None:
    folder = tmp_path / "run"

    ended = recallbench("run", "rope-matrix", "--out", folder)

    assert ended.code == 2
    assert "nothing was started" in ended.err
    assert "theta-lost: [theta-lost]" in ended.err
    assert "--allow rope-mismatch" in ended.err
    assert "starting the engine" not in ended.err
    assert ended.out == ""
    assert not folder.exists()
    assert not Path("results").exists()


def test_lint_tells_what_is_wrong_at_its_line_and_exits_with_1(tmp_path: Path) -> None:
    script = tmp_path / "serve.sh"
    script.write_text(BROKEN, encoding="utf-8")

    ended = recallbench("lint", script)

    assert ended.code == 1
    assert ended.out.startswith(f"{script}:2: error: ")
    assert "[longer-than-derived]" in ended.out
    assert ended.out.splitlines()[-1] == "1 error in 1 engine of 1 file"
    assert "0.33.0 is assumed" in ended.err


def test_each_format_tells_of_the_same_file_line_and_rule(tmp_path: Path) -> None:
    (tmp_path / "serve.sh").write_text(BROKEN, encoding="utf-8")

    told = {
        form: recallbench("lint", "serve.sh", "--format", form)
        for form in ("text", "json", "sarif", "github")
    }

    assert [ended.code for ended in told.values()] == [1, 1, 1, 1]
    assert told["text"].out.startswith("serve.sh:2: error: --max-model-len 131072")
    (problem,) = json.loads(told["json"].out)["problems"]
    assert (problem["path"], problem["line"]) == ("serve.sh", 2)
    assert problem["rule"] == "longer-than-derived"
    (run,) = json.loads(told["sarif"].out)["runs"]
    (result,) = run["results"]
    (location,) = result["locations"]
    assert result["ruleId"] == "longer-than-derived"
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "serve.sh"},
        "region": {"startLine": 2},
    }
    assert told["github"].out.startswith("::error file=serve.sh,line=2,title=longer-than-derived::")
    assert len(told["github"].out.splitlines()) == 1


def test_no_file_name_and_no_broken_file_can_break_a_format(tmp_path: Path) -> None:
    hostile = tmp_path / "a\udcff \x1b[2J,line=9\n::error::.sh"
    hostile.write_text(BROKEN, encoding="utf-8")

    for form in ("text", "json", "sarif", "github"):
        ended = recallbench(
            *("lint", tmp_path, DEPLOYMENTS / "broken", "--advice", "--format", form),
            PYTHONIOENCODING="utf-8:strict",
        )

        assert ended.code == 1, ended.err
        assert "Traceback" not in ended.err
        if form == "github":
            assert {line[:3] for line in ended.out.splitlines()} <= {"::e", "::w", "::n"}
        if form == "sarif":
            (run,) = json.loads(ended.out)["runs"]
            places = [each["locations"][0]["physicalLocation"] for each in run["results"]]
            assert min(place["region"]["startLine"] for place in places) >= 1


def test_a_tree_of_sound_files_is_clean_in_every_format() -> None:
    text = recallbench("lint", DEPLOYMENTS / "sound")
    github = recallbench("lint", DEPLOYMENTS / "sound", "--format", "github")
    read = recallbench("lint", DEPLOYMENTS / "sound", "--format", "json")

    assert (text.code, github.code, read.code) == (0, 0, 0)
    (line,) = text.out.splitlines()
    assert line.startswith("nothing is wrong in ")
    assert github.out == ""
    assert json.loads(read.out)["problems"] == []


def test_a_folder_beside_the_file_gives_the_models_config(tmp_path: Path) -> None:
    deploy = tmp_path / "deploy"
    deploy.mkdir()
    made(deploy / "own", SMOLLM2)
    (deploy / "serve.sh").write_text("vllm serve own --max-model-len 9000\n", encoding="utf-8")

    ended = recallbench("lint", deploy)

    assert ended.code == 1
    assert "8,192" in ended.out
    assert "not known here" not in ended.err


def test_advice_is_told_when_asked_for_and_fails_nothing(tmp_path: Path) -> None:
    script = tmp_path / "serve.sh"
    script.write_text(
        "VLLM_ALLOW_LONG_MAX_MODEL_LEN=1 vllm serve Qwen/Qwen3-8B\n", encoding="utf-8"
    )

    plain, asked = recallbench("lint", script), recallbench("lint", script, "--advice")

    assert (plain.code, asked.code) == (0, 0)
    assert "allow-long" not in plain.out
    assert "advice: " in asked.out
    assert "allow-long" in asked.out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["no-such-folder"], "no-such-folder: there is no such file or folder"),
        ([], "PATH"),
        ([".", "--format", "xml"], "'xml' is not one of"),
    ],
)
def test_lint_of_what_is_not_there_is_a_usage_error(arguments: list[str], word: str) -> None:
    ended = recallbench("lint", *arguments)

    assert ended.code == 2
    assert word in ended.err
    assert ended.out == ""
