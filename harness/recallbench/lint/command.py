"""Commands that start vLLM or install it, whatever stands before them.

Guarantees: nothing is run; a command that only names vLLM (``echo``, ``grep``, ``pkill``) starts
nothing; a script given to ``sh -c``, ``ssh`` and the like is read as a script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from recallbench.lint.container import Container, read_docker_run
from recallbench.lint.engine_start import are_server_arguments, launch_of_words, with_pins
from recallbench.lint.found import Complaint, Embedded, Found, Word, merge, texts
from recallbench.lint.image import is_about_vllm, is_vllm_server, pins_of_image
from recallbench.lint.pins import pins_of_command
from recallbench.lint.shell import Command, read_script
from recallbench.preflight.option_values import is_unresolved

Environment = Mapping[str, Word]

_WRAPPERS = frozenset({
    "accelerate", "apptainer", "builtin", "catchsegv", "chroot", "chrt", "command", "conda",
    "ddtrace-run", "docker", "doppler", "dumb-init", "enroot", "env", "exec", "gosu", "infisical",
    "ionice", "kubectl", "mamba", "micromamba", "mpiexec", "mpirun", "ncu", "nerdctl", "nice",
    "nohup", "nsys", "numactl", "opentelemetry-instrument", "pdm", "pipenv", "pixi", "podman",
    "poetry", "py-spy", "python", "python3", "ray", "runuser", "setsid", "singularity", "srun",
    "stdbuf", "strace", "sudo", "systemd-run", "taskset", "time", "timeout", "tini", "torchrun",
    "unshare", "uv", "uvx", "xvfb-run", "hatch", "rye", "pipx", "oc", "screen",
})  # fmt: skip
_SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ash", "ksh"})
_SCRIPT_TAKERS = frozenset({"eval", "ssh", "tmux", "screen", "su", "runuser", "watch", "srun"})
_CONTAINER_TOOLS = frozenset({"docker", "podman", "nerdctl"})
_MODULES = frozenset({
    "vllm.entrypoints.openai.api_server", "vllm.entrypoints.api_server",
    "vllm.entrypoints.openai.run_batch", "vllm.entrypoints.openai.rpc.server",
})  # fmt: skip
_CLI_MODULES = frozenset({"vllm", "vllm.entrypoints.cli.main", "vllm.scripts"})
_ENGINES = (("serve",), ("run-batch",), ("bench", "latency"), ("bench", "throughput"))
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(?!=)(.*)", re.DOTALL)
_DASH_C = re.compile(r"-[a-z]*c")
_DEEPEST = 8
# An open quote in the output that a document shows is no fault; one in a start of vLLM is.
_MAY_HOLD_ENGINE = re.compile(r"(?i)vllm|LLM\(|max.model.len|hf.overrides")
_START = re.compile(r"vllm\s+serve|vllm\.entrypoints|vllm-openai")
_NEAR = 8


def found_in_script(
    text: str, line: int = 1, environment: Environment | None = None, depth: int = 0
) -> Found:
    """What a shell script starts and installs."""
    if depth > _DEEPEST:
        return Found(complaints=(Complaint(line=line, why="scripts are nested too deeply"),))
    script = read_script(text, line, environment)
    rows = text.split("\n")
    unclosed = tuple(
        Complaint(line=at, why=f"{mark} is never closed", is_fault=True)
        for at, mark in script.unclosed
        if _START.search("\n".join(rows[max(at - line - _NEAR, 0) : at - line + 2]))
    )
    parts: list[Found] = []
    for command in script.commands:
        is_broken_off = any(part.launches for part in parts)
        parts.append(_found_in_command(command, depth, is_broken_off=is_broken_off))
    return merge([*parts, Found(complaints=unclosed, variables=tuple(script.environment.items()))])


def found_in_words(
    words: Sequence[Word], environment: Environment | None = None, depth: int = 0
) -> Found:
    """What one command, given as its words, starts and installs."""
    if not words or depth > _DEEPEST:
        return Found()
    pins = Found(pins=tuple(pins_of_command(words)))
    inner = dict(environment or {})
    for index in _candidates(words):
        assigned = _ASSIGNMENT.fullmatch(words[index].text)
        if assigned:
            inner[assigned[1]] = Word(assigned[2], words[index].line)
            continue
        found = _found_at(words, index, inner, depth)
        if found is not None:
            return merge([found, pins])
    return pins


def found_in_container(container: Container, depth: int = 0) -> Found:
    """What a container starts."""
    image = container.image
    own = tuple(container.entrypoint or ())
    found = found_in_words([*own, *container.arguments], container.environment, depth)
    if found.launches:
        return in_image(found, image)
    if own or not container.arguments or not _is_server(container):
        return found
    launch = launch_of_words(
        container.arguments, line=container.line, environment=container.environment, image=image
    )
    return Found(launches=(launch,) if launch else (), pins=found.pins)


def _is_server(container: Container) -> bool:
    """Whether the image's own entry point is vLLM's server."""
    image = container.image.text if container.image else ""
    are_options = container.arguments[0].text.startswith("-")
    if is_vllm_server(image):
        # The first word may be the model, or a program that the image's entry point would refuse.
        return are_options or "/" in container.arguments[0].text
    return are_options and (is_about_vllm(image) or are_server_arguments(container.arguments))


def in_image(found: Found, image: Word | None) -> Found:
    """The same with the versions that the image it runs in names."""
    pins = {pin.package: pin for pin in pins_of_image(image)} if image else {}
    return replace(found, launches=tuple(with_pins(launch, pins) for launch in found.launches))


def _candidates(words: Sequence[Word]) -> Iterator[int]:
    """Where the program may stand: at the start, and anywhere after a program that runs another."""
    yield 0
    first = words[0].text
    program = _base(first)
    runs_another = (
        program in _WRAPPERS
        or program in _SCRIPT_TAKERS
        or is_unresolved(first)
        or program.endswith("entrypoint.sh")
        or program.startswith("python")
        or _ASSIGNMENT.fullmatch(first) is not None
    )
    if runs_another:
        yield from range(1, len(words))


def _found_at(
    words: Sequence[Word], index: int, environment: Environment, depth: int
) -> Found | None:
    """What the program at ``index`` starts; None if it is none that we know."""
    program, rest = _base(words[index].text), words[index + 1 :]
    line = words[0].line
    if program in _CONTAINER_TOOLS and texts(rest[:1]) in (["run"], ["create"]):
        container = read_docker_run(rest[1:], environment, line)
        found = found_in_container(container, depth + 1) if container else Found()
        # A deployment begins where docker is called, wherever its entry point is named.
        return replace(found, launches=tuple(replace(item, line=line) for item in found.launches))
    if program in _SHELLS:
        return _found_in_dash_c(rest, environment, depth)
    if program in _SCRIPT_TAKERS:
        return _found_in_text_arguments(rest, environment, depth)
    arguments = _server_arguments(words, index)
    if arguments is None:
        return None
    image = next((word for word in words[:index] if word.text.startswith("docker://")), None)
    launch = launch_of_words(arguments, line=line, environment=environment, image=image)
    return Found(launches=(launch,) if launch else ())


def _server_arguments(words: Sequence[Word], index: int) -> Sequence[Word] | None:
    """The words for vLLM's server if vLLM is started at ``index``."""
    program, rest = _base(words[index].text), words[index + 1 :]
    if program == "vllm":
        return _after_subcommand(rest)
    module = rest[0].text if program == "-m" and rest else ""
    if module in _MODULES:
        return rest[1:]
    if module in _CLI_MODULES:
        return _after_subcommand(rest[1:])
    is_file = program == "api_server.py" and "vllm" in words[index].text
    return rest if is_file else None


def _after_subcommand(words: Sequence[Word]) -> Sequence[Word] | None:
    given = tuple(texts(words[:2]))
    for engine in _ENGINES:
        if given[: len(engine)] == engine:
            return words[len(engine) :]
    return None


def _found_in_dash_c(words: Sequence[Word], environment: Environment, depth: int) -> Found | None:
    for index, word in enumerate(words[:-1]):
        if _DASH_C.fullmatch(word.text):
            script = words[index + 1]
            return found_in_script(script.text, script.line, environment, depth + 1)
        if not word.text.startswith("-"):
            break
    return None


def _found_in_text_arguments(
    words: Sequence[Word], environment: Environment, depth: int
) -> Found | None:
    """``ssh host 'vllm serve ...'``: the words that are scripts themselves."""
    scripts = [word for word in words if "vllm" in word.text and " " in word.text.strip()]
    found = merge(found_in_script(word.text, word.line, environment, depth + 1) for word in scripts)
    return found if found.launches or found.pins else None


def _found_in_command(command: Command, depth: int, *, is_broken_off: bool) -> Found:
    first = command.words[0]
    if is_broken_off and first.text.startswith("--") and are_server_arguments(command.words[:1]):
        why = f"{first.text} stands where a command should: the line before does not go on"
        return Found(complaints=(Complaint(line=first.line, why=why, is_fault=True),))
    found = found_in_words(command.words, command.environment, depth)
    return merge([found, _found_in_heredocs(command, depth)])


def _found_in_heredocs(command: Command, depth: int) -> Found:
    program = _base(command.words[0].text)
    parts = []
    for body in command.heredocs:
        if not _MAY_HOLD_ENGINE.search(body.text):
            continue
        if program in _SHELLS or program in {"ssh", "sbatch"}:
            parts.append(found_in_script(body.text, body.line, command.environment, depth + 1))
        else:
            name = _file_name(program, command.target, body.text)
            parts.append(Found(embedded=(Embedded(name=name, text=body.text, line=body.line),)))
    return merge(parts)


def _file_name(program: str, target: str, text: str) -> str:
    if program.startswith("python"):
        return "script.py"
    if program in {"kubectl", "oc", "helm"}:
        return "manifest.yaml"
    if "." in target.rpartition("/")[2] or "Dockerfile" in target:
        return target
    return "script.sh" if text.startswith("#!") else target or "script.sh"


def _base(program: str) -> str:
    return program.rpartition("/")[2]
