"""Which part of a grid of rays can meet a convex hull: bounds in images, angles and runs.

All of it is conservative: it may let rays through that miss, and never leaves out one that hits.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

Window = tuple[slice, slice]

NEAR = 1e-3  # metres before the camera; what is nearer is not seen
PIXEL_SLACK = 0.05
ANGLE_SLACK = 1e-4  # radians


def image_bounds(corners: np.ndarray, cam2img: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Box in the image around the visible part of each hull.

    Args:
        corners: float64 (K, C, 3) in the camera frame.
        cam2img: float64 (3, 3).

    Returns:
        lowest and highest (u, v), float64 (K, 2) each; inf and -inf for hulls behind the camera.
    """
    before = corners[..., 2] >= NEAR
    low, high = _pixel_bounds(corners, before, cam2img)
    cut = np.flatnonzero(before.any(axis=1) & ~before.all(axis=1))
    if len(cut):
        # the cut hull's corners at the near plane lie on lines between two corners
        first, second = _pairs(corners.shape[1])
        start, end = corners[cut][:, first], corners[cut][:, second]
        crosses = before[cut][:, first] != before[cut][:, second]
        rise = np.where(crosses, end[..., 2] - start[..., 2], 1.0)
        share = (NEAR - start[..., 2]) / rise
        points = start + share[..., None] * (end - start)
        points[..., 2] = NEAR
        cut_low, cut_high = _pixel_bounds(points, crosses, cam2img)
        low[cut], high[cut] = np.minimum(low[cut], cut_low), np.maximum(high[cut], cut_high)
    return low, high


def _pixel_bounds(
    points: np.ndarray, valid: np.ndarray, cam2img: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest pixel (K, 2) of the `valid` (K, C) among points (K, C, 3)."""
    image = points @ cam2img.T
    pixels = image[..., :2] / np.where(valid, image[..., 2], 1.0)[..., None]
    low = np.where(valid[..., None], pixels, np.inf).min(axis=1)
    high = np.where(valid[..., None], pixels, -np.inf).max(axis=1)
    return low, high


def box_windows(low: np.ndarray, high: np.ndarray, shape: tuple[int, int]) -> list[list[Window]]:
    """Windows of a grid of `shape` (rows, columns) within bounds in (column, row), (K, 2) each."""
    size = np.array(shape[::-1])
    start = np.clip(np.ceil(low - PIXEL_SLACK), 0, size).astype(np.int64)
    stop = np.clip(np.floor(high + PIXEL_SLACK) + 1, 0, size).astype(np.int64)
    filled = (start < stop).all(axis=1)
    windows: list[list[Window]] = [[] for _ in filled]
    bounds = np.concatenate([start, stop], axis=1).tolist()
    for index in np.flatnonzero(filled).tolist():
        left, top, right, bottom = bounds[index]
        windows[index].append((slice(top, bottom), slice(left, right)))
    return windows


def angular_bounds(
    corners: np.ndarray, spread: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Angles under which hulls are seen from near the origin.

    Args:
        corners: float64 (K, C, 3).
        spread: how far viewpoints may be from the origin, horizontally and in z.

    Returns:
        azimuth of the middle and half the width in azimuth (pi for all around), lowest and
        highest elevation; float64 (K,) each, radians.
    """
    radius, rise = spread
    middle = corners[..., :2].mean(axis=1)
    azimuth = np.arctan2(middle[:, 1], middle[:, 0])
    turned = wrapped(np.arctan2(corners[..., 1], corners[..., 0]) - azimuth[:, None])
    left, right = turned.max(axis=1), turned.min(axis=1)
    nearest = np.maximum(_distance_to_segments(corners[..., :2]) - radius, 0.0)
    furthest = np.hypot(corners[..., 0], corners[..., 1]).max(axis=1) + radius
    around = (left - right >= np.pi - ANGLE_SLACK) | (nearest == 0)
    nearest[around] = 0.0
    parallax = np.arcsin(radius / np.maximum(nearest + radius, 1e-12))
    width = np.where(around, np.pi, (left - right) / 2 + parallax)
    low, high = corners[..., 2].min(axis=1) - rise, corners[..., 2].max(axis=1) + rise
    lowest = np.arctan2(low, np.where(low < 0, nearest, furthest))
    highest = np.arctan2(high, np.where(high > 0, nearest, furthest))
    return wrapped(azimuth + (left + right) / 2), width, lowest, highest


def wrapped(angles: np.ndarray) -> np.ndarray:
    """The same angles within -pi to pi."""
    return (angles + np.pi) % (2 * np.pi) - np.pi


def runs(mask: np.ndarray) -> list[slice]:
    """The stretches of True in a mask (N,)."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False)).tolist()
    return [slice(start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True)]


def _distance_to_segments(points: np.ndarray) -> np.ndarray:
    """Least distance (K,) from the origin to the lines between points (K, C, 2) of each set."""
    first, second = _pairs(points.shape[1])
    start, way = points[:, first], points[:, second] - points[:, first]
    length = np.maximum((way**2).sum(axis=-1), 1e-12)
    share = np.clip(-(start * way).sum(axis=-1) / length, 0, 1)
    return np.linalg.norm(start + share[..., None] * way, axis=-1).min(axis=1)


def _pairs(count: int) -> np.ndarray:
    """Indices (2, count * (count - 1) / 2) of all pairs of `count` things."""
    return np.array(list(combinations(range(count), 2))).T
