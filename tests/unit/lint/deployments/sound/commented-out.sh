#!/bin/sh
# vllm serve Qwen/Qwen3-8B --rope-scaling '{"rope_type":"yarn"}'
: <<'SKIPPED'
nothing here
SKIPPED
grep -r "vllm serve" . || echo vllm serve --rope-scaling x
pkill -f "vllm serve"
vllm serve --help
vllm bench serve --model Qwen/Qwen3-8B
vllm chat --url http://localhost:8000/v1
