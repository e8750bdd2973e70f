from vllm import LLM
print "starting"
llm = LLM(model="Qwen/Qwen3-8B", max_model_len=131072)
