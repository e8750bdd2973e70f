python examples/offline_inference/qwen_1m.py
