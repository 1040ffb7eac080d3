"""Rays from cameras, LiDAR and sun, and what they hit."""
