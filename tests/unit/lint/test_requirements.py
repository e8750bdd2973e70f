from __future__ import annotations

from recallbench.lint.requirements import read_pyproject, read_requirements


def test_a_requirements_file_pins_line_by_line() -> None:
    text = "--extra-index-url https://h.example/cu124\n# vllm==0.1.0\nvllm==0.8.5\n\ntorch>=2\n"

    assert [(pin.package, pin.version, pin.line) for pin in read_requirements(text).pins] == [
        ("cuda", "12.4", 1),
        ("vllm", "0.8.5", 3),
    ]


def test_a_pyproject_pins_in_lists_and_tables() -> None:
    text = (
        'dependencies = ["vllm[audio]==0.9.0", "torch>=2"]\n# x = ["vllm==0.1.0"]\n'
        '[tool.poetry.dependencies]\ntorch = "2.7.0"\nvllm = \'0.9.0\'\npython = "^3.11"\n'
    )

    assert [(pin.package, pin.version, pin.line) for pin in read_pyproject(text).pins] == [
        ("vllm", "0.9.0", 1),
        ("torch", "2.7.0", 4),
    ]
