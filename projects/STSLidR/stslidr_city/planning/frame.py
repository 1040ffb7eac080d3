"""The city's own frame, in which streets run along the axes, and its place in the world."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stslidr_city.solids.solids import Pose


@dataclass(frozen=True)
class CityFrame:
    """A turn and a shift: positions in the world are `origin` + R(`angle`) positions in the city.

    Args:
        angle: heading of the city's x axis in the world, radians.
        origin: position of the city's origin in the world, metres.
    """

    angle: float
    origin: tuple[float, float]

    def rotation(self) -> np.ndarray:
        """float64 (2, 2): turns directions in the city into directions in the world."""
        cosine, sine = np.cos(self.angle), np.sin(self.angle)
        return np.array([[cosine, -sine], [sine, cosine]])

    def to_world(self, points: ArrayLike) -> np.ndarray:
        """World positions (..., 2) of city positions (..., 2)."""
        return np.asarray(points) @ self.rotation().T + self.origin

    def to_city(self, points: ArrayLike) -> np.ndarray:
        """City positions (..., 2) of world positions (..., 2)."""
        return (np.asarray(points) - self.origin) @ self.rotation()

    def pose(self, x: float, y: float, z: float = 0.0, yaw: float = 0.0) -> Pose:
        """Pose in the world of what stands at (x, y, z) in the city and heads for `yaw` there."""
        cosine, sine = math.cos(self.angle), math.sin(self.angle)
        return Pose(
            self.origin[0] + cosine * x - sine * y,
            self.origin[1] + sine * x + cosine * y,
            z,
            yaw + self.angle,
        )
