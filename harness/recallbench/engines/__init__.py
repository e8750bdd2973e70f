"""Engines: a vLLM server of our own, a standing endpoint, a script; one client for all."""
