"""Where nuScenes' files lie under its root, and what its sensors are called."""

from __future__ import annotations

DATASET = 'nuscenes'
"""Its name in info files, and what the names of these begin with."""
LIDAR = 'LIDAR_TOP'
NUM_PTS_FEATS = 5
"""Columns of a sweep: x, y, z, intensity, ring."""
CAMERAS = (
    'CAM_FRONT',
    'CAM_FRONT_RIGHT',
    'CAM_FRONT_LEFT',
    'CAM_BACK',
    'CAM_BACK_LEFT',
    'CAM_BACK_RIGHT',
)
"""In the order of MMDetection3D's files."""
SWEEP_FOLDER = f'samples/{LIDAR}'
IMAGE_FOLDER = 'samples/{camera}'
LABEL_FOLDER = 'lidarseg/{version}'
