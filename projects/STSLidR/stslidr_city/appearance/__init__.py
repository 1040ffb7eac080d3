"""What surfaces look like: textures, light, and the camera that takes the picture."""
