import os

from vllm import AsyncEngineArgs

LENGTH = int(os.environ.get("LENGTH", "131072"))
SHARED = {"dtype": "half", "max_model_len": LENGTH}
os.environ["VLLM_ALLOW_LONG_MAX_MODEL_LEN"] = "1" if LENGTH else "0"


def arguments(model: str, **more: object) -> AsyncEngineArgs:
    length = 1
    length = 2
    return AsyncEngineArgs(model=model, **SHARED, **more, max_num_batched_tokens=length)
