#!/bin/bash
source ./settings.env
if [ "$1" = long ]; then
  LENGTH=131072
else
  LENGTH=32768
fi
for MODEL in Qwen/Qwen3-8B Qwen/Qwen3-14B; do
  vllm serve "$MODEL" --max-model-len $LENGTH --tensor-parallel-size $(nvidia-smi -L | wc -l) \
    --hf-overrides '{"rope_parameters": {"rope_type": "yarn", "factor": '"$FACTOR"'}}' $EXTRA_ARGS
done
vllm serve <model> --max-model-len <length>
