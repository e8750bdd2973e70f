"""Chat templates of every habit, as Jinja."""

from __future__ import annotations

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CHATML_WITH_SYSTEM = (
    "{% if messages[0]['role'] != 'system' %}<|im_start|>system\nYou are a helpful assistant."
    "<|im_end|>\n{% endif %}" + CHATML
)
"""Puts a default system prompt first."""
THINKING_SWITCH = CHATML.replace(
    "assistant\n{% endif %}",
    "assistant\n{% if enable_thinking is defined and enable_thinking is false %}"
    "<think>\n\n</think>\n\n{% endif %}{% endif %}",
)
"""Ends the thought at once where thinking is off, as Qwen3 does."""
INSTRUCTIONS = (
    "{% for message in messages %}{% if message['role'] == 'user' %}{{ bos_token }}[INST] "
    "{{ message['content'] | trim }} [/INST]{% endif %}{% endfor %}"
)
"""Writes BOS itself and trims the message, as Llama 2 does."""
TURNS = (
    "{{ bos_token }}{% for message in messages %}<start_of_turn>{{ message['role'] }}\n"
    "{{ message['content'] | trim }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
"""As Gemma's."""
SHOUTING = "{{ messages[0]['content'] | upper }}"
"""Changes the message."""
ECHOING = "{{ messages[0]['content'] }}\n{{ messages[0]['content'] }}"
"""Writes the message twice."""
ONE_LINE = "{{ messages[0]['content'] | replace('\n', ' ') }} ->"
"""Changes a message of several lines."""
MUTE = "Hello."
"""Leaves the message out."""
PARTS = "{{ messages[0]['content'][0]['text'] }}"
"""Wants the message in parts, as models with pictures do."""
REFUSING = "{{ raise_exception('Only conversations of three are supported.') }}"
"""Refuses every conversation."""
ADDING = "{{ messages[0]['content'] + 1 }}"
"""Fails by a mistake of its own."""
TORN = "{% if messages %}"
"""Ends too early."""
