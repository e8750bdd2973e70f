"""Which trial is asked when, so that a server's prefix cache serves all it can. Pure."""
