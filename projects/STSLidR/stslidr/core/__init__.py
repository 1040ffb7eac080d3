"""Geometry, pairs, augmentation, voxels, pooling and seeds in plain numpy and torch; no files."""
