def initialize_engine() -> LLM:
    """Create LLM configured for million-token contexts."""
    llm = LLM(
        model="Qwen/Qwen2.5-7B-Instruct-1M",
        max_model_len=1048576,           # 1M tokens
        tensor_parallel_size=4,          # 4 GPUs
        enforce_eager=True,              # Disable CUDA graphs
        enable_chunked_prefill=True,     # Enable chunked processing
        max_num_batched_tokens=131072,   # 131K token chunks
    )
    return llm

llm = initialize_engine()
