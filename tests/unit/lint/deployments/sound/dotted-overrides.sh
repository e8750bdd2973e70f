pip install 'vllm==0.12.0'
nohup uv run vllm serve Qwen/Qwen3-14B \
    --max_model_len=128K \
    --hf-overrides.rope_parameters.rope_type yarn \
    --hf-overrides.rope_parameters.factor 4.0 \
    --hf_overrides.rope_parameters.original_max_position_embeddings=32768 \
    --hf-overrides.rope_parameters.rope_theta 1000000 \
    --hf-overrides.max_position_embeddings 131072 \
    --no-enable-chunked-prefill &
