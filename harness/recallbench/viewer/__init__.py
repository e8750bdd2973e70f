"""Runs of a folder as pages over HTTP, on loopback, for whoever has the address."""
