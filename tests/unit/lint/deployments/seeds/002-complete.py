import os

from vllm import LLM

# Enable million-token contexts
os.environ["VLLM_ALLOW_LONG_MAX_MODEL_LEN"] = "1"

def main():
    # Initialize engine
    llm = LLM(
        model="Qwen/Qwen2.5-7B-Instruct-1M",
        max_model_len=1048576,
        tensor_parallel_size=4,
        enforce_eager=True,
        enable_chunked_prefill=True,
        max_num_batched_tokens=131072,
    )

    # Generate
    outputs = llm.generate([prompt], sampling_params)

if __name__ == "__main__":
    main()
