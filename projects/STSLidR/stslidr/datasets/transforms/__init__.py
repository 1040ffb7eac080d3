"""Transforms of a sample: a sweep, its camera images and the pairs between them."""
