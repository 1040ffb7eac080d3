"""Grids of rays for tests, with the same rays in float64 from first principles."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from pyquaternion import Quaternion

from stslidr_city.raycasting.rays import ParallelRays, PinholeRays, RayGrid, SpinningRays
from support.reference_casting import NOW

HOME = np.array([1500.0, 700.0, 2.0])  # where the sensors are
CAM2IMG = np.array([[40.0, 0.0, 31.5], [0.0, 40.0, 17.5], [0.0, 0.0, 1.0]])


class Rays(NamedTuple):
    """A grid, and its rays flat in the world, float64: origins, directions (N, 3), times (N,)."""

    grid: RayGrid
    origins: np.ndarray
    directions: np.ndarray
    times: np.ndarray


def camera_pose(rng) -> np.ndarray:
    """A camera at `HOME` that looks about level in any direction, with some roll; (4, 4)."""
    forward_x = Quaternion(axis=[0, 0, 1], angle=rng.uniform(-4, 4)).rotation_matrix
    camera = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
    tilt = Quaternion(axis=rng.normal(size=3), angle=rng.uniform(-0.2, 0.2)).rotation_matrix
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = forward_x @ tilt @ camera, HOME
    return pose


def pinhole(rng) -> Rays:
    """64 x 36 pixels, 77 degrees wide."""
    pose, height, width = camera_pose(rng), 36, 64
    directions = np.array(
        [
            pose[:3, :3]
            @ [(u - CAM2IMG[0, 2]) / CAM2IMG[0, 0], (v - CAM2IMG[1, 2]) / CAM2IMG[1, 1], 1]
            for v in range(height)
            for u in range(width)
        ]
    )
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    count = len(directions)
    return Rays(
        PinholeRays(pose, CAM2IMG, (height, width), NOW),
        np.tile(pose[:3, 3], (count, 1)),
        directions,
        np.full(count, NOW),
    )


def spinning(rng) -> Rays:
    """12 x 200 firings, clockwise from any azimuth, of a LiDAR that moves, turns and tilts."""
    count, turn = 200, rng.uniform(-1, 1)
    times = NOW + np.linspace(-0.05, 0, count)
    azimuths = rng.uniform(-4, 4) - 2 * np.pi * np.arange(count) / count
    elevations = np.deg2rad(np.linspace(-30, 11, 12))
    velocity, axis = rng.normal(size=3) * (8, 8, 1), rng.normal(size=3)
    poses, origins, directions = np.tile(np.eye(4), (count, 1, 1)), [], []
    for column in range(count):
        passed = times[column] - NOW
        poses[column, :3, 3] = HOME + velocity * passed
        tilt = Quaternion(axis=axis, angle=0.1 + 4 * passed)  # far more than a vehicle does
        spin = Quaternion(axis=[0, 0, 1], angle=turn * passed)
        poses[column, :3, :3] = (spin * tilt).rotation_matrix
    for elevation in elevations:
        for column, azimuth in enumerate(azimuths):
            local = [
                np.cos(elevation) * np.cos(azimuth),
                np.cos(elevation) * np.sin(azimuth),
                np.sin(elevation),
            ]
            origins.append(poses[column, :3, 3])
            directions.append(poses[column, :3, :3] @ local)
    return Rays(
        SpinningRays(poses, azimuths, elevations, times),
        np.array(origins),
        np.array(directions),
        np.tile(times, len(elevations)),
    )


def parallel(rng) -> Rays:
    """50 x 50 rays, 0.8 m apart, of a sun at any height."""
    down = np.array([*rng.normal(size=2), -rng.uniform(0.2, 2)])
    grid = ParallelRays(HOME, down, 40.0, 0.8, NOW)
    down /= np.linalg.norm(down)
    across = np.cross([0, 0, 1], down) / np.hypot(*down[:2])
    steps = 0.8 * (np.arange(50) - 24.5)
    aside = steps[None, :, None] * across + steps[:, None, None] * np.cross(down, across)
    origins = (HOME - 400 * down + aside).reshape(-1, 3)
    return Rays(grid, origins, np.tile(down, (2500, 1)), np.full(2500, NOW))


GRIDS = (pinhole, spinning, parallel)
