"""Tells whether a served language model still recalls what stands in its long context."""
