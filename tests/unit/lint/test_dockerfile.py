from __future__ import annotations

from recallbench.lint.dockerfile import read_dockerfile


def test_each_stage_starts_its_own_engine_with_its_own_variables() -> None:
    text = (
        'FROM vllm/vllm-openai:v0.9.0 AS one\nENV A=1\nCMD ["--model", "a/b"]\n'
        "FROM python:3.11\nENV B 2 3\nCMD vllm serve c/d --dtype half\n"
    )

    one, two = read_dockerfile(text).launches

    assert (one.deployment.model, one.deployment.env, one.deployment.vllm_version) == (
        "a/b", {"A": "1"}, "0.9.0",
    )  # fmt: skip
    assert (two.deployment.model, two.deployment.env, two.deployment.vllm_version) == (
        "c/d", {"B": "2 3"}, None,
    )  # fmt: skip
    assert (one.line, two.line) == (3, 6)


def test_a_later_stage_inherits_from_the_one_it_names() -> None:
    text = 'FROM vllm/vllm-openai:v0.9.0 AS base\nENV A=1\nFROM base\nCMD ["--model=m/n"]\n'

    (launch,) = read_dockerfile(text).launches

    assert (launch.deployment.env, launch.deployment.vllm_version) == ({"A": "1"}, "0.9.0")


def test_an_entry_point_takes_its_command_along() -> None:
    text = (
        'FROM x\nENTRYPOINT ["vllm", "serve"]\nCMD ["old/one"]\nCMD ["m/n", "--max-model-len=5"]\n'
    )

    (launch,) = read_dockerfile(text).launches

    assert (launch.deployment.model, launch.lines["model"]) == ("m/n", 4)


def test_entry_point_and_command_stand_in_any_order() -> None:
    (launch,) = read_dockerfile('FROM x\nCMD ["m/n"]\nENTRYPOINT ["vllm", "serve"]').launches

    assert launch.deployment.model == "m/n"


def test_exec_form_expands_no_variables() -> None:
    (launch,) = read_dockerfile('FROM x\nENV M=a\nCMD ["vllm", "serve", "$M"]').launches

    assert launch.deployment.unread == ("model",)


def test_what_runs_at_build_time_pins_and_starts_nothing() -> None:
    found = read_dockerfile(
        "ARG V=0.9.0\nFROM x\nARG V\nARG T=2.7.0\n"
        "RUN <<EOF\npip install torch==$T\nvllm serve m/n\nEOF\n"
        "RUN pip install \\\n  # why\n\n  vllm==0.9.0\n"
    )

    assert found.launches == ()
    assert [(pin.package, pin.version, pin.line) for pin in found.pins] == [
        ("torch", "2.7.0", 6),
        ("vllm", "0.9.0", 12),
    ]


def test_a_base_image_pins() -> None:
    assert [
        (pin.package, pin.version)
        for pin in read_dockerfile("ARG C=12.4.1\nFROM --platform=x nvidia/cuda:$C-devel").pins
    ] == [("cuda", "12.4.1")]


def test_a_copied_here_document_comes_back() -> None:
    (item,) = read_dockerfile("FROM x\nCOPY <<EOF /a/start.sh\nvllm serve m\nEOF\n").embedded

    assert (item.name, item.text, item.line) == ("/a/start.sh", "vllm serve m", 3)
