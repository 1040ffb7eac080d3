"""Reading and writing: sweeps, images, info files and superpixel maps (numpy and PIL only)."""
