#!/usr/bin/env bash
# vllm serve Qwen/Qwen3-8B --max-model-len 65536
set -euo pipefail

MODEL="${MODEL:-Qwen/Qwen3-8B}"
TP=2
ROPE='{"rope_parameters":{"rope_type":"yarn","factor":4.0,"original_max_position_embeddings":32768,"rope_theta":1000000},"max_position_embeddings":131072}'
ARGS=(
  --max-model-len 131072
  --hf-overrides "$ROPE"  # the whole dict: nothing is merged
)
ARGS+=(--tensor-parallel-size "$TP")
export VLLM_WORKER_MULTIPROC_METHOD=spawn

echo "starting vllm serve $MODEL"
CUDA_VISIBLE_DEVICES=0,1 exec vllm serve "$MODEL" "${ARGS[@]}" --port "${PORT:-8000}" 2>&1 | tee serve.log
