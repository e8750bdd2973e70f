import json
import os
import subprocess
import sys

OVERRIDES = {"rope_parameters": {"rope_type": "default", "rope_theta": 5000000}}


def start(port: int, log: str) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "vllm.entrypoints.openai.api_server",
        "--model=Qwen/Qwen3-30B-A3B-Thinking-2507",
        "--port",
        str(port),
        "--hf-overrides",
        json.dumps(OVERRIDES),
    ]
    command += ["--max-model-len", "131072"]
    if log:
        command.extend(["--dtype", "bfloat16"])
    return subprocess.Popen(command, env={**os.environ, "VLLM_SERVER_DEV_MODE": "1"})


def start_small(model_len: int) -> None:
    raise_if = "vllm serve failed"
    print(f"vllm serve needs --max-model-len {model_len}", raise_if)
    os.system(f"vllm serve Qwen/Qwen3-0.6B --max-model-len {model_len} --enforce-eager")
