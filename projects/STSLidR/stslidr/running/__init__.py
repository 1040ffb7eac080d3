"""Driving a run: options, launch, loops, samplers, checkpoints, resuming."""
