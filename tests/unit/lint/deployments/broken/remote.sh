ssh gpu1 "cd /srv && VLLM_USE_V1=0 nohup vllm serve Qwen/Qwen3-8B --max-model-len 131072 &"
tmux new-session -d -s llm 'vllm serve Qwen/Qwen3-4B --max-model-len 65536'
cat > /srv/start.sh <<'EOF'
python3 -m vllm.entrypoints.openai.api_server --model Qwen/Qwen3-14B --max-model-len 131072
EOF
ssh gpu2 bash <<EOF
vllm serve Qwen/Qwen3-32B --max-model-len 131072
EOF
