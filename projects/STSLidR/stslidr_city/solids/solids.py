"""What the world is made of: convex parts, solids of one class, and where they are at a time.

A solid's frame has x forward, y left, z up and its origin in the middle of the footprint, on the
ground. The world frame is nuScenes' global frame of one scene: x east, y north, z up. Metres and
seconds since the start of the scene.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from stslidr_city.solids.shapes import Shape

WHITE = (1.0, 1.0, 1.0)


class Pose(NamedTuple):
    """Position (metres) and heading (radians, anticlockwise from x) of a solid in the world."""

    x: float
    y: float
    z: float
    yaw: float


class Motion(Protocol):
    """Where a solid is at a time."""

    def pose_at(self, time: float) -> Pose:
        """Pose at `time`, in seconds since the start of the scene; any time, also negative."""

    def velocity_at(self, time: float) -> tuple[float, float]:
        """Velocity (x, y) in the world, metres per second."""


@dataclass(frozen=True)
class Standing:
    """The motion of what does not move."""

    pose: Pose

    def pose_at(self, time: float) -> Pose:
        """The one pose."""
        return self.pose

    def velocity_at(self, time: float) -> tuple[float, float]:
        """Zero."""
        return 0.0, 0.0


@dataclass(frozen=True)
class Part:
    """One convex shape of one material, in its solid's frame.

    Args:
        shape: where it is.
        material: a name in `stslidr_city.appearance.materials.MATERIALS`.
        look: which of the material's textures, taken modulo their number.
        tint: RGB factors on the texture's colour, linear light, about 0 to 1.
    """

    shape: Shape
    material: str
    look: int = 0
    tint: tuple[float, float, float] = WHITE


@dataclass(frozen=True)
class Solid:
    """A thing of one class.

    Args:
        parts: what it is made of.
        category: its nuScenes-lidarseg category index, 0 to 31.
    """

    parts: tuple[Part, ...]
    category: int

    @cached_property
    def bounds(self) -> np.ndarray:
        """float64 (2, 3): lowest and highest corner of all parts, in the solid's frame."""
        corners = np.stack([part.shape.bounds for part in self.parts])
        return np.stack([corners[:, 0].min(axis=0), corners[:, 1].max(axis=0)])


@dataclass(frozen=True)
class SceneObject:
    """A solid in the world.

    Args:
        solid: what it is.
        motion: where it is.
        instance: its number among the scene's annotated objects, -1 if it gets no box.
        attribute: nuScenes attribute while it stands, such as `vehicle.parked`; '' if it has none.
        moving_attribute: the attribute while it moves.
    """

    solid: Solid
    motion: Motion
    instance: int = -1
    attribute: str = field(default='', kw_only=True)
    moving_attribute: str = field(default='', kw_only=True)
