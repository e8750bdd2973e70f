"""A run's folder turned into all that is told of it: read once, counted once, written as files."""
