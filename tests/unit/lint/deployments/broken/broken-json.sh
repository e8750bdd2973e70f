vllm serve Qwen/Qwen3-8B --hf-overrides '{"rope_parameters": {"rope_type": "yarn", factor: 4.0}}' \
  --max-model-len 128k --tensor-parallel-size four --gpu-memory-utilization
