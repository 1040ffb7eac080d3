"""The plane of the ground in a sweep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NEAR, FAR = 3.0, 40.0
"""Horizontal ranges, metres, between which the plane is looked for: beyond the car, not hilly."""
TOLERANCE = 0.2
"""Metres; a point no farther from the plane is on it."""
STEEPEST = np.cos(np.radians(10))
TRIES, SAMPLE = 200, 2000
FEWEST = 50
"""Points that make a plane."""


@dataclass(frozen=True)
class Plane:
    """Points p with normal . p + height = 0.

    Attributes:
        normal: float64 (3,), of length 1, pointing up.
        height: of the origin above the plane, metres.
    """

    normal: np.ndarray
    height: float

    def holds(self, xyz: np.ndarray) -> np.ndarray:
        """Whether points (N, 3) lie on the plane, bool (N,)."""
        return np.abs(xyz @ self.normal + self.height) < TOLERANCE

    def incidence(self, xyz: np.ndarray) -> np.ndarray:
        """Angles (N,), radians, between the beams to points (N, 3) and the normal."""
        ranges = np.maximum(np.linalg.norm(xyz, axis=1), 1e-9)
        cosine = np.abs(xyz @ self.normal) / ranges
        return np.arccos(np.minimum(cosine, 1))


def fit_ground(xyz: np.ndarray, rng: np.random.Generator) -> Plane | None:
    """Fit the ground below the sensor: RANSAC, then least squares over its inliers.

    Args:
        xyz: float64 (N, 3), metres, z up, the sensor at the origin.
        rng: draws the tries.

    Returns:
        The plane, or None if fewer than 50 points below the sensor lie on one that is level to
        within 10 degrees.
    """
    across = np.hypot(xyz[:, 0], xyz[:, 1])
    below = xyz[(xyz[:, 2] < 0) & (across > NEAR) & (across < FAR)]
    if len(below) < FEWEST:
        return None
    corners = below[rng.integers(len(below), size=(TRIES, 3))]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    level = np.abs(normals[:, 2]) > STEEPEST * lengths
    normals, corners = normals[level] / lengths[level, None], corners[level, 0]
    if not len(normals):
        return None
    some = below[rng.integers(len(below), size=min(SAMPLE, len(below)))]
    heights = -np.einsum('ti,ti->t', normals, corners)
    support = (np.abs(some @ normals.T + heights) < TOLERANCE).sum(axis=0)
    best = support.argmax()
    inliers = below[np.abs(below @ normals[best] + heights[best]) < TOLERANCE]
    return _least_squares(inliers) if len(inliers) >= FEWEST else None


def _least_squares(xyz: np.ndarray) -> Plane:
    """The plane z = a x + b y + c of the smallest squared error in z."""
    terms = np.column_stack([xyz[:, :2], np.ones(len(xyz))])
    slope_x, slope_y, offset = np.linalg.lstsq(terms, xyz[:, 2], rcond=None)[0]
    normal = np.array([-slope_x, -slope_y, 1])
    length = np.linalg.norm(normal)
    return Plane(normal / length, -offset / length)
