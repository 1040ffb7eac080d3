"""Checkpoints: what a file holds, read once and without running anything; what may be stored."""
