"""Contrastive losses between superpoints and superpixels: torch and nothing else."""
