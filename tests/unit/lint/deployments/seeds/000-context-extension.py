from vllm import LLM, SamplingParams

# Configure YARN context extension
rope_theta = 1000000
original_max_position_embeddings = 32768
factor = 4.0

hf_overrides = {
    "rope_parameters": {
        "rope_theta": rope_theta,
        "rope_type": "yarn",
        "factor": factor,
        "original_max_position_embeddings": original_max_position_embeddings,
    },
    "max_model_len": int(original_max_position_embeddings * factor),
}

# Create LLM with extended context
llm = LLM(model="Qwen/Qwen3-0.6B", hf_overrides=hf_overrides)

# Generate with chat interface
sampling_params = SamplingParams(
    temperature=0.8,
    top_p=0.95,
    max_tokens=128,
)
