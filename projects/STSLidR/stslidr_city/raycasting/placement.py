"""Where objects are while a grid's rays are cast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from stslidr_city.raycasting.rays import RayGrid
from stslidr_city.solids.solids import SceneObject

BOX_CORNERS = np.array(list(product((0, 1), repeat=3)))  # which of two bounds, for x, y and z


@dataclass(frozen=True)
class Placements:
    """Positions, headings and velocities of K objects in the middle of a grid's times.

    While the rays are cast an object moves straight on; it does not turn.

    Attributes:
        positions: float64 (K, 3), relative to the grid's centre.
        rotations: float64 (K, 3, 3), solid's frame -> world's orientation.
        velocities: float64 (K, 3), metres per second.
    """

    positions: np.ndarray
    rotations: np.ndarray
    velocities: np.ndarray

    def corners(self, grid: RayGrid, objects: np.ndarray, bounds: np.ndarray) -> np.ndarray:
        """Corners of boxes in objects' frames, at the grid's first and last time.

        Args:
            grid: what the placements were made for.
            objects: int (P,), the object of each box.
            bounds: (P, 2, 3), lowest and highest corner.

        Returns:
            float64 (P, 8, 3) relative to the grid's centre, (P, 16, 3) where time passes.
        """
        local = bounds[:, BOX_CORNERS, np.arange(3)]
        turned = local @ self.rotations[objects].transpose(0, 2, 1)
        at_middle = turned + self.positions[objects][:, None]
        half = (grid.times.max() - grid.times.min()) / 2
        if half == 0:
            return at_middle
        way = half * self.velocities[objects][:, None]
        return np.concatenate([at_middle - way, at_middle + way], axis=1)

    def local_rays(
        self, grid: RayGrid, index: int, rays: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Starts and directions of rays in the frame of object `index`.

        Returns:
            float32 (N, 3), or (1, 3) where they are the same for all rays.
        """
        position = self.positions[index].astype(np.float32)
        if len(grid.times) > 1:
            passed = (grid.times_of(rays) - grid.mid_time)[:, None]
            position = position + (passed * self.velocities[index]).astype(np.float32)
        rotation = self.rotations[index].astype(np.float32)
        return (grid.starts_of(rays) - position) @ rotation, grid.directions_of(rays) @ rotation


def place(grid: RayGrid, objects: Sequence[SceneObject]) -> Placements:
    """Place objects for the rays of a grid."""
    time = grid.mid_time
    poses = np.array([tuple(each.motion.pose_at(time)) for each in objects]).reshape(-1, 4)
    velocities = np.zeros((len(objects), 3))
    if len(grid.times) > 1:
        moving = [tuple(each.motion.velocity_at(time)) for each in objects]
        velocities[:, :2] = np.array(moving).reshape(-1, 2)
    cos, sin = np.cos(poses[:, 3]), np.sin(poses[:, 3])
    rotations = np.zeros((len(objects), 3, 3))
    rotations[:, 0, 0], rotations[:, 0, 1] = cos, -sin
    rotations[:, 1, 0], rotations[:, 1, 1] = sin, cos
    rotations[:, 2, 2] = 1.0
    return Placements(poses[:, :3] - grid.centre, rotations, velocities)
