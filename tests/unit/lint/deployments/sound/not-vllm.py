from crewai import LLM
from tensorrt_llm import LLM as TrtLLM

llm = LLM(model="openai/gpt", max_model_len=5)
other = TrtLLM(model="Qwen/Qwen3-8B")
