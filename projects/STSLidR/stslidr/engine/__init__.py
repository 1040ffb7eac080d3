"""How a run is driven: sampling order, loop, checkpoints, validation metric, launch."""
