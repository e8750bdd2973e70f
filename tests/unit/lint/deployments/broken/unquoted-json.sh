ROPE='{"rope_type": "yarn", "factor": 4.0}'
EXTRA="--hf-overrides '{\"max_position_embeddings\":131072}'"
vllm serve Qwen/Qwen3-8B --rope-scaling $ROPE $EXTRA
