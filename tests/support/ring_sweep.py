"""A made-up sweep of a spinning LiDAR in a round court; its labels are hashes of positions."""

from __future__ import annotations

import numpy as np

from stslidr.corruptions.returns import LidarReturns
from support.profiles import PROFILES

HEIGHT, COURT = 1.8, 45.0
"""Of the sensor above the ground, and radius of the court's wall, metres."""


def make_sweep(profile: str = 'nuscenes', columns: int = 400) -> LidarReturns:
    """Ground, wall and four boxes; intensities are whole counts; labels are hashes.

    Beams above the ground meet the wall, or a box at 8 to 20 m in four sectors. Rows go column by
    column, as in nuScenes.
    """
    rng = np.random.default_rng(7)
    elevations = np.radians(PROFILES[profile].elevations)
    azimuth = np.repeat(np.linspace(-np.pi, np.pi, columns, endpoint=False), len(elevations))
    ring = np.tile(np.arange(len(elevations)), columns)
    elevation = elevations[ring]
    wall = np.full(len(ring), COURT)
    for start, near in ((-2.5, 8.0), (-1.0, 12.0), (0.5, 16.0), (2.0, 20.0)):
        wall[(azimuth > start) & (azimuth < start + 0.4)] = near
    with np.errstate(divide='ignore'):
        ground = np.where(elevation < 0, HEIGHT / np.tan(-elevation), np.inf)
    across = np.minimum(ground, wall)
    xyz = (
        np.stack(
            [across * np.cos(azimuth), across * np.sin(azimuth), across * np.tan(elevation)], axis=1
        )
        .astype(np.float32)
        .astype(np.float64)
    )
    intensity = rng.integers(1, 120, len(ring)) / 255
    return LidarReturns(xyz, intensity, ring, label_of(xyz))


def label_of(xyz: np.ndarray) -> np.ndarray:
    """A label from 0 to 15, int64 (N,), that is a hash of the point's position."""
    bits = np.ascontiguousarray(xyz, dtype=np.float32).view(np.uint32).astype(np.uint64)
    mixed = bits @ np.array([2654435761, 2246822519, 3266489917], dtype=np.uint64)
    return ((mixed >> np.uint64(7)) % np.uint64(16)).astype(np.int64)


def on_ground(sweep: LidarReturns) -> np.ndarray:
    """Which returns of `make_sweep` come from the ground, bool (N,)."""
    return np.isclose(sweep.xyz[:, 2], -HEIGHT, atol=1e-4)
