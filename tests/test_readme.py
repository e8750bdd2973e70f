"""The README's examples are what the program takes, and its links lead somewhere."""

from __future__ import annotations

import csv
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml

from recallbench.__main__ import run
from recallbench.cli.main import cli
from recallbench.suite import parse_suite, resolve
from recallbench.suite.gate_form import GateForm

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = [
    line.removeprefix("$ ").partition("  #")[0]
    for kind, block in BLOCKS
    if kind == "console"
    for line in block.splitlines()
]
IN_TEMPLATES = [
    command
    for kind, block in BLOCKS
    if kind == "yaml"
    for command in re.findall(r"^\s*- (?:run: )?(recallbench .*)$", block, re.MULTILINE)
]
OURS = [c for c in (*COMMANDS, *IN_TEMPLATES) if c.startswith("recallbench ")]
SUITES = [block for kind, block in BLOCKS if kind == "yaml" and block.startswith("suite:")]


@pytest.mark.parametrize("text", [block for kind, block in BLOCKS if kind == "yaml"])
def test_each_yaml_example_is_yaml(text: str) -> None:
    assert yaml.safe_load(text)


def test_the_gate_example_tells_a_verdict_on_a_published_run(tmp_path: Path) -> None:
    (command,) = (c for c in OURS if c.startswith("recallbench gate results/published/"))
    name, run_folder, *options = shlex.split(command)[1:]
    copy = shutil.copytree(ROOT / run_folder, tmp_path / "run")

    assert run([name, str(copy), *options]) == 1
    assert (copy / "junit.xml").exists()


def test_the_table_of_error_rates_is_the_published_one() -> None:
    with (ROOT / "results/published/statistics/gate.csv").open(encoding="utf-8") as stream:
        published = [
            row
            for row in csv.DictReader(stream)
            if row["test"] == "floor .98, tolerance .08, 5 a round" and "recall " in row["truth"]
        ]
    shown = re.findall(
        r"^\| ([\d.]+)[^|]*\| ([\d.]+)% \| ([\d.]+)% \| (\d+) \|", TEXT, re.MULTILINE
    )

    assert [float(row[0]) for row in shown] == [1.0, 0.98, 0.94, 0.9, 0.5]
    for (recall, passes, fails, trials), row in zip(shown, published, strict=True):
        assert float(recall) == float(row["truth"].removeprefix("recall "))
        assert float(passes) == pytest.approx(100 * float(row["passed"]), abs=0.06)
        assert float(fails) == pytest.approx(100 * float(row["failed"]), abs=0.06)
        assert int(trials) == round(float(row["mean_trials"]))


def test_the_quantization_table_is_the_published_run() -> None:
    published = ROOT / "results" / "published" / "quantization-h200"
    with (published / "summary.csv").open(encoding="utf-8") as stream:
        overall = {r["variant"]: r for r in csv.DictReader(stream) if r["scope"] == "overall"}
    rows = re.findall(r"^\| [^|]+ \| (\d+/\d+) \| (\d+/\d+) \| (\S+) \(", TEXT, re.MULTILINE)

    assert f"({overall['bf16']['k']}/{overall['bf16']['n']})" in TEXT
    for (hits, discordant, points), name in zip(rows, ("fp8", "fp8-kv", "w4a16"), strict=True):
        assert hits == f"{overall[name]['k']}/{overall[name]['n']}"
        with (published / f"difference-{name}-from-bf16.csv").open(encoding="utf-8") as stream:
            (told,) = [row for row in csv.DictReader(stream) if row["scope"] == "overall"]
        assert discordant == f"{told['lost']}/{told['gained']}"
        assert float(points) == pytest.approx(100 * float(told["difference"]), abs=0.051)


def test_there_are_examples() -> None:
    assert len(OURS) >= 6
    assert len(SUITES) >= 3


@pytest.mark.parametrize("command", dict.fromkeys(OURS))
def test_each_command_is_one_the_program_takes(command: str) -> None:
    name, *arguments = shlex.split(command)[1:]
    with click.Context(cli) as group:
        found = cli.get_command(group, name)

        assert found is not None
        with found.make_context(name, arguments, parent=group) as context:
            assert context.params


@pytest.mark.parametrize("command", [c for c in COMMANDS if not c.startswith("recallbench ")])
def test_each_script_of_the_readme_exists(command: str) -> None:
    program = shlex.split(command)[0]

    is_made = program.startswith(".venv/")
    known = program in {"pip", "export"} or is_made
    assert known or (ROOT / program).stat().st_mode & 0o100


@pytest.mark.parametrize("text", SUITES, ids=lambda text: text.split("\n", 1)[0].split()[1])
def test_each_suite_is_a_sound_one(text: str) -> None:
    assert resolve(parse_suite(yaml.safe_load(text), "README.md")).variants


def test_the_whole_suite_example_shows_every_key_with_its_default() -> None:
    """Texts aside, which are shortened there."""
    shown = yaml.safe_load(next(text for text in SUITES if text.startswith("suite: example")))
    parsed = parse_suite(shown, "README.md").model_dump(mode="json")
    bare = {"suite": "example", "model": "Qwen/Qwen3-8B"}
    defaults = parse_suite(bare, "defaults").model_dump(mode="json")
    gate = parsed.pop("gate")
    assert defaults.pop("gate") is None
    assert set(shown["gate"]) == set(gate)
    assert gate == GateForm(floor=0.95).model_dump(mode="json")
    for content in (parsed, defaults):
        for text in ("instruction", "needle", "question"):
            del content["prompt"][text]

    assert parsed == defaults
    assert {*shown, "endpoint"} == {*defaults, "gate"}
    for key in ("grid", "prompt", "answer", "engine"):
        assert set(shown[key]) >= set(defaults[key])
    assert set(shown["variants"][0]) == set(defaults["variants"][0])


@pytest.mark.parametrize(
    "target", sorted(set(re.findall(r"\]\(((?!https?://)[^)#]+)\)", TEXT))), ids=str
)
def test_each_link_leads_to_a_file(target: str) -> None:
    assert (ROOT / target).exists()


def test_the_help_in_the_readme_is_the_programs() -> None:
    script = ROOT / "scripts" / "readme_help.py"
    checked = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )

    assert checked.stderr == ""
    assert checked.returncode == 0


@pytest.mark.usefixtures("checkpoint")
def test_the_prompts_example_writes_the_prompts(tmp_path: Path) -> None:
    assert run(shlex.split("plan smoke --write-prompts prompts.jsonl")) == 0
    assert len((tmp_path / "prompts.jsonl").read_text(encoding="utf-8").splitlines()) == 30


def test_the_report_example_makes_the_published_tables_again(tmp_path: Path) -> None:
    published = ROOT / "results" / "published" / "yarn-smollm2-h200"
    copy = Path(shutil.copytree(published, tmp_path / "run"))
    for name in ("trials.csv", "summary.csv"):
        (copy / name).unlink()

    assert run(["report", str(copy)]) == 0
    for name in ("trials.csv", "summary.csv"):
        assert (copy / name).read_bytes() == (published / name).read_bytes()
