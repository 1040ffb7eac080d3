"""Grids of rays: a camera's pixels, a spinning LiDAR's firings, the sun's parallel light."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import ArrayLike

from stslidr.core.geometry import invert_rigid
from stslidr_city.raycasting.windows import (
    ANGLE_SLACK,
    Window,
    angular_bounds,
    box_windows,
    image_bounds,
    runs,
    wrapped,
)

SUN_DISTANCE = 400.0  # metres from the grid's centre to where parallel rays start


class RayGrid(ABC):
    """Rays in rows and columns.

    Attributes:
        centre: float64 (3,), point in the world that starts and hits are relative to.
        directions: float32 (rows, columns, 3), unit vectors in the world's orientation.
        offsets: starts of the rays relative to `centre`, float32: (1, 3) for all rays, (columns, 3)
            for each column, or (rows, columns, 3).
        times: float64, seconds in the scene: (1,) for all rays, or (columns,).
    """

    centre: np.ndarray
    directions: np.ndarray
    offsets: np.ndarray
    times: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and columns."""
        return self.directions.shape[0], self.directions.shape[1]

    @property
    def mid_time(self) -> float:
        """Half way between the first and the last time."""
        return float(self.times.min() + self.times.max()) / 2

    def windows(self, corners: np.ndarray) -> list[Window]:
        """Rows and columns of the rays that may hit a convex hull; conservative, [] if none.

        Args:
            corners: float (C, 3), relative to `centre`. Their hull holds the object at all of the
                grid's times.
        """
        return self.windows_of(np.asarray(corners)[None])[0]

    @abstractmethod
    def windows_of(self, corners: np.ndarray) -> list[list[Window]]:
        """`windows` of K hulls at once, with corners (K, C, 3)."""

    def nearest(self, corners: np.ndarray) -> np.ndarray:
        """Lower bounds, float64 (K,), of the distances at which rays may hit hulls (K, C, 3)."""
        middle = corners.mean(axis=1)
        middle /= np.maximum(np.linalg.norm(middle, axis=1, keepdims=True), 1e-12)
        ahead = np.einsum('kcd,kd->kc', corners, middle).min(axis=1)
        return np.maximum(ahead - np.linalg.norm(self.offsets, axis=-1).max(), 0.0)

    def starts_of(self, rays: np.ndarray) -> np.ndarray:
        """Starts relative to `centre`, float32 (N, 3), or (1, 3) if they are the same.

        Args:
            rays: flat indices (N,) into rows * columns.
        """
        return self.offsets if len(self.offsets) == 1 else self.offsets[rays % self.shape[1]]

    def directions_of(self, rays: np.ndarray) -> np.ndarray:
        """Directions, float32 (N, 3), or (1, 3) if they are the same, of flat indices (N,)."""
        return self.directions.reshape(-1, 3)[rays]

    def times_of(self, rays: np.ndarray) -> np.ndarray:
        """Times, float64 (N,), or (1,) if they are the same, of flat indices (N,)."""
        return self.times if len(self.times) == 1 else self.times[rays % self.shape[1]]


class PinholeRays(RayGrid):
    """Rays through the centres of a camera's pixels, which lie at whole (u, v).

    Args:
        cam2world: (4, 4), camera frame with x right, y down, z forward.
        cam2img: (3, 3), intrinsic matrix, pixels.
        size: (height, width) in pixels.
        time: seconds in the scene.
    """

    def __init__(
        self, cam2world: ArrayLike, cam2img: ArrayLike, size: tuple[int, int], time: float
    ) -> None:
        cam2world = np.asarray(cam2world, dtype=np.float64)
        self._cam2img = np.asarray(cam2img, dtype=np.float64)
        self._rotation = cam2world[:3, :3]
        self.centre = cam2world[:3, 3].copy()
        self.offsets = np.zeros((1, 3), dtype=np.float32)
        self.times = np.array([time], dtype=np.float64)
        along_u, along_v, corner = (self._rotation @ np.linalg.inv(self._cam2img)).T
        height, width = size
        self.directions = np.empty((height, width, 3), dtype=np.float32)
        columns = corner + np.arange(width)[:, None] * along_u
        for row in range(height):
            rays = columns + row * along_v
            self.directions[row] = rays / np.sqrt((rays * rays).sum(axis=1, keepdims=True))

    def windows_of(self, corners: np.ndarray) -> list[list[Window]]:
        """See `RayGrid.windows_of`: the box around a hull's image, cut at a near plane."""
        low, high = image_bounds(corners @ self._rotation, self._cam2img)
        return box_windows(low, high, self.shape)


class SpinningRays(RayGrid):
    """Rays of a LiDAR that turns while it moves; a column is what it fires at one time.

    Args:
        lidar2world: (columns, 4, 4), pose at each column's time.
        azimuths: (columns,), radians in the LiDAR frame, anticlockwise from its x.
        elevations: (rows,), radians above the LiDAR's x-y plane.
        times: (columns,), seconds in the scene.
    """

    def __init__(
        self, lidar2world: ArrayLike, azimuths: ArrayLike, elevations: ArrayLike, times: ArrayLike
    ) -> None:
        lidar2world = np.asarray(lidar2world, dtype=np.float64)
        azimuths, elevations = np.asarray(azimuths), np.asarray(elevations)[:, None]
        middle = lidar2world[len(lidar2world) // 2]
        self.times = np.array(times, dtype=np.float64)
        self.centre = middle[:3, 3].copy()
        self.offsets = (lidar2world[:, :3, 3] - self.centre).astype(np.float32)
        local = np.stack(
            np.broadcast_arrays(
                np.cos(elevations) * np.cos(azimuths),
                np.cos(elevations) * np.sin(azimuths),
                np.sin(elevations),
            ),
            axis=-1,
        )
        directions = np.einsum('cij,rcj->rci', lidar2world[:, :3, :3], local)
        self.directions = directions.astype(np.float32)
        self._world2middle = invert_rigid(middle)[:3, :3]
        self._measure_angles(directions @ self._world2middle.T)
        offsets = self.offsets @ self._world2middle.T
        self._spread = float(np.hypot(*offsets.T[:2]).max()), float(np.abs(offsets[:, 2]).max())

    def _measure_angles(self, directions: np.ndarray) -> None:
        """Note which angles each row and column covers in the frame of the middle column."""
        azimuths = np.arctan2(directions[..., 1], directions[..., 0])
        turned = wrapped(azimuths - azimuths[:1])
        low, high = turned.min(axis=0), turned.max(axis=0)
        self._azimuths, self._widths = wrapped(azimuths[0] + (low + high) / 2), (high - low) / 2
        elevations = np.arcsin(np.clip(directions[..., 2], -1, 1))
        self._lowest, self._highest = elevations.min(axis=1), elevations.max(axis=1)

    def windows_of(self, corners: np.ndarray) -> list[list[Window]]:
        """See `RayGrid.windows_of`: several windows where an object crosses the first column."""
        azimuth, width, lowest, highest = angular_bounds(
            corners @ self._world2middle.T, self._spread
        )
        rows = (self._highest >= lowest[:, None] - ANGLE_SLACK) & (
            self._lowest <= highest[:, None] + ANGLE_SLACK
        )
        columns = (
            np.abs(wrapped(self._azimuths - azimuth[:, None]))
            <= self._widths + width[:, None] + ANGLE_SLACK
        )
        windows: list[list[Window]] = [[] for _ in corners]
        for index in np.flatnonzero(rows.any(axis=1)).tolist():
            stretches = runs(rows[index])
            between = slice(stretches[0].start, stretches[-1].stop)
            windows[index] = [(between, run) for run in runs(columns[index])]
        return windows


class ParallelRays(RayGrid):
    """Parallel rays from a square grid that stands across their direction, as for the sun.

    Args:
        centre: (3,), point in the world that the middle of the square's light goes through.
        direction: (3,), toward the scene, of any length.
        extent: side of the square, metres.
        spacing: distance between neighbouring rays, metres.
        time: seconds in the scene.
    """

    def __init__(
        self, centre: ArrayLike, direction: ArrayLike, extent: float, spacing: float, time: float
    ) -> None:
        self.centre = np.array(centre, dtype=np.float64)
        self.times = np.array([time], dtype=np.float64)
        forward = np.asarray(direction, dtype=np.float64) / np.linalg.norm(direction)
        along_row = np.cross([0.0, 0.0, 1.0], forward)
        if np.linalg.norm(along_row) < 1e-6:
            along_row = np.array([1.0, 0.0, 0.0])
        along_row /= np.linalg.norm(along_row)
        self._axes = np.stack([along_row, np.cross(forward, along_row), forward])
        self._spacing, self._count = float(spacing), max(1, round(extent / spacing))
        steps = (np.arange(self._count) - (self._count - 1) / 2) * spacing
        along_column = steps[:, None, None] * self._axes[1]
        starts = steps[:, None] * along_row + along_column - SUN_DISTANCE * forward
        self.offsets = starts.astype(np.float32)
        self.directions = np.broadcast_to(forward.astype(np.float32), self.offsets.shape)

    def coordinates(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Where points (..., 3), relative to `centre`, lie in the grid's light.

        Returns:
            row and column with fractions, and distance in metres from the start of a ray there;
            float64 (...,) each.
        """
        across, down, forward = np.moveaxis(points @ self._axes.T, -1, 0)
        middle = (self._count - 1) / 2
        return (
            down / self._spacing + middle,
            across / self._spacing + middle,
            (forward + SUN_DISTANCE),
        )

    def windows_of(self, corners: np.ndarray) -> list[list[Window]]:
        """See `RayGrid.windows_of`: the box around a hull, seen along the rays."""
        rows, columns, _ = self.coordinates(corners)
        pixels = np.stack([columns, rows], axis=-1)
        return box_windows(pixels.min(axis=1), pixels.max(axis=1), self.shape)

    def nearest(self, corners: np.ndarray) -> np.ndarray:
        """See `RayGrid.nearest`."""
        return np.maximum(self.coordinates(corners)[2].min(axis=1), 0.0)

    def starts_of(self, rays: np.ndarray) -> np.ndarray:
        """See `RayGrid.starts_of`: each ray has its own."""
        return self.offsets.reshape(-1, 3)[rays]

    def directions_of(self, rays: np.ndarray) -> np.ndarray:
        """See `RayGrid.directions_of`: one for all."""
        return self.directions[0, :1]
