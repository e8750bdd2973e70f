"""The only loop with I/O: prepares, asks what is owed, writes the journal, ends cleanly."""
