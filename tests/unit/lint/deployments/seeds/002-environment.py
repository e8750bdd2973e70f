import os

# Enable million-token contexts (must be set before importing vLLM)
os.environ["VLLM_ALLOW_LONG_MAX_MODEL_LEN"] = "1"

