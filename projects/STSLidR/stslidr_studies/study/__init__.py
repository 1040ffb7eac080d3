"""Studies: methods times seeds times tasks, run through the tools, and their tables."""
