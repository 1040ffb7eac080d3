"""Poses as nuScenes' tables state them."""

from __future__ import annotations

import math

import numpy as np
from scipy.spatial.transform import Rotation


def pose_fields(transform: np.ndarray) -> dict[str, list[float]]:
    """`translation` (3,) in metres and `rotation` (w, x, y, z) of a rigid transform (4, 4)."""
    x, y, z, w = Rotation.from_matrix(transform[:3, :3]).as_quat(canonical=True).tolist()
    return {'translation': transform[:3, 3].tolist(), 'rotation': [w, x, y, z]}


def heading_quaternion(yaw: float) -> list[float]:
    """Quaternion (w, x, y, z) of a rotation about z by `yaw` radians."""
    return [math.cos(yaw / 2), 0.0, 0.0, math.sin(yaw / 2)]
