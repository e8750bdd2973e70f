from ray import serve
from ray.serve.llm import LLMConfig, build_openai_app

config = LLMConfig(
    model_loading_config={"model_id": "qwen", "model_source": "Qwen/Qwen3-8B"},
    engine_kwargs=dict(
        max_model_len=40960,
        tensor_parallel_size=2,
    ),
    runtime_env={"env_vars": {"VLLM_USE_V1": "1"}},
)
serve.run(build_openai_app({"llm_configs": [config]}))
