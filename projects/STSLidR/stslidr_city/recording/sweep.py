"""What the LiDAR makes of what its beams meet: range noise, lost returns, intensity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stslidr.core.geometry import invert_rigid
from stslidr_city.planning.ego import EgoTrajectory
from stslidr_city.raycasting.rays import SpinningRays
from stslidr_city.raycasting.surface import Surface
from stslidr_city.recording.rig import (
    BEAM_ELEVATIONS,
    COLUMNS,
    LIDAR,
    Rig,
    column_azimuths,
    column_delays,
)

RANGE_NOISE = 0.02
"""Standard deviation, metres: the sensor's data sheet says so."""
MAXIMUM_RANGE = (75.0, 105.0)
"""Metres beyond which a beam sees nothing, drawn for each: the data sheet says 80 to 100."""
LOST_AT_RANDOM = 0.01
HALF_LOST_SIGNAL = 4.0e-7
"""Reflectance * incidence / range^2 at which half of the returns are lost."""
NO_RETURN_RANGE = 0.5
"""Metres: nuScenes keeps beams without return as points close to the sensor."""
SPECKLE = 0.25
"""Relative standard deviation of the intensity of one surface."""
HIGHEST_INTENSITY = 255
NOISE = 0
"""Category index of beams without return."""


def spinning_rays(ego: EgoTrajectory, rig: Rig, time: float) -> SpinningRays:
    """Rays of the revolution that ends at `time`, each column from where the LiDAR was then.

    Args:
        ego: where the vehicle is at a time.
        rig: says where the LiDAR sits.
        time: seconds since the start of the scene.
    """
    times = time + column_delays()
    lidar2world = ego.pose_at(times) @ rig.sensor2ego[LIDAR]
    return SpinningRays(lidar2world, column_azimuths(), BEAM_ELEVATIONS, times)


@dataclass(frozen=True)
class Sweep:
    """One revolution in the order of nuScenes' files: firing after firing, ring 0 first.

    Args:
        points: float32 (N, 5): x, y, z in metres in the LiDAR frame at the sweep's time,
            intensity 0 to 255 in whole numbers, ring.
        labels: uint8 (N,), category index; NOISE for beams without return.
    """

    points: np.ndarray
    labels: np.ndarray


def measure(
    grid: SpinningRays,
    surface: Surface,
    reflectance: np.ndarray,
    lidar2world: np.ndarray,
    rng: np.random.Generator,
) -> Sweep:
    """Turn surfaces into a sweep, compensated for the vehicle's motion as nuScenes' are.

    Args:
        grid: the beams.
        surface: what the M beams that hit anything met.
        reflectance: float32 (M,), 0 to 1, above 1 for retroreflectors.
        lidar2world: (4, 4) at the sweep's time.
        rng: draws noise and losses.
    """
    rings = len(BEAM_ELEVATIONS)
    ranges = np.full(rings * COLUMNS, NO_RETURN_RANGE)
    intensity = np.zeros(rings * COLUMNS)
    labels = np.full(rings * COLUMNS, NOISE, dtype=np.uint8)
    returned = np.zeros(rings * COLUMNS, dtype=bool)
    kept = _is_returned(surface, reflectance, rng)
    ray, distance = surface.ray[kept], surface.distance[kept]
    ranges[ray] = distance + rng.normal(0.0, RANGE_NOISE, len(ray))
    intensity[ray] = _intensity(reflectance[kept], surface.incidence[kept], rng)
    labels[ray] = surface.category[kept]
    returned[ray] = True
    xyz = _in_lidar_frame(
        grid, ranges.reshape(rings, COLUMNS), returned.reshape(rings, COLUMNS), lidar2world
    )
    ring = np.repeat(np.arange(rings, dtype=np.float64), COLUMNS)
    points = np.column_stack([xyz.reshape(-1, 3), intensity, ring])
    firing_order = np.arange(rings * COLUMNS).reshape(rings, COLUMNS).T.ravel()
    return Sweep(points[firing_order].astype(np.float32), labels[firing_order])


def _is_returned(surface: Surface, reflectance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Which beams come back, bool (M,): not weak ones, too distant ones, and a few by chance."""
    signal = reflectance * surface.incidence / np.square(surface.distance)
    detected = rng.random(len(signal)) < signal / (signal + HALF_LOST_SIGNAL)
    lucky = rng.random(len(signal)) >= LOST_AT_RANDOM
    return detected & lucky & (surface.distance < rng.uniform(*MAXIMUM_RANGE, len(signal)))


def _intensity(
    reflectance: np.ndarray, incidence: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """float64 (M,): whole numbers from 0 to 255; the sensor corrects for range, not for angle."""
    speckle = 1.0 + SPECKLE * rng.standard_normal(len(reflectance))
    raw = HIGHEST_INTENSITY * reflectance * np.sqrt(incidence) * speckle
    return np.clip(np.round(raw), 0, HIGHEST_INTENSITY)


def _in_lidar_frame(
    grid: SpinningRays, ranges: np.ndarray, returned: np.ndarray, lidar2world: np.ndarray
) -> np.ndarray:
    """float64 (rings, COLUMNS, 3): points at `ranges` along the beams.

    Returns are taken to the LiDAR frame of the sweep's time. What did not return has no place in
    the world; it stays where the beam left the sensor.
    """
    directions = grid.directions.astype(np.float64)
    starts = np.where(
        returned[..., None], grid.offsets.astype(np.float64), lidar2world[:3, 3] - grid.centre
    )
    in_world = grid.centre + starts + directions * ranges[..., None]
    world2lidar = invert_rigid(lidar2world)
    return in_world @ world2lidar[:3, :3].T + world2lidar[:3, 3]
