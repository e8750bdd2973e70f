vllm serve Qwen/Qwen3-8B \
  --dtype half \ 
  --max-model-len 131072 \
  # --enforce-eager
