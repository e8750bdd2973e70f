"""Exact prompts: corpora, needles, chat templates and their assembly in token space."""
