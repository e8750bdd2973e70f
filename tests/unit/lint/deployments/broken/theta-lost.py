from vllm import LLM, EngineArgs

overrides = {"rope_parameters": {"rope_type": "yarn", "factor": 4.0}}
overrides["rope_parameters"]["original_max_position_embeddings"] = 32768
llm = LLM(model="Qwen/Qwen3-30B-A3B", hf_overrides=overrides, max_model_len="128k")
plain = EngineArgs(
    model="Qwen/Qwen3-30B-A3B",
    rope_scaling={"rope_type": "yarn", "factor": 4.0},
    tensor_parallel_size=True,
    enforce_eager="yes",
)
