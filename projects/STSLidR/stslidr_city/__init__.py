"""A synthetic nuScenes: a small city, cast into six cameras and a LiDAR, in nuScenes' format."""
