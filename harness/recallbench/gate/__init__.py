"""Rules and records to a verdict, and two variants' records to a comparison. Pure."""
