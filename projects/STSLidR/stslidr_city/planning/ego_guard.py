"""Keeping clear of the ego vehicle: whether something would come near it during the scene."""

from __future__ import annotations

import math

import numpy as np

from stslidr_city.catalog.cars import EGO_REAR_AXLE, EGO_SIZE
from stslidr_city.planning.ego import EgoTrajectory
from stslidr_city.planning.footprints import turned_rectangles_overlap
from stslidr_city.solids.solids import Motion, Solid

CLEARANCE = (3.0, 0.7)  # metres ahead of and behind the ego vehicle, and beside it
_STEP = 0.1  # seconds
_COARSE = 8  # steps between the times at which it is looked for things that come near
_REACH = 45.0  # metres: two vehicles and the way that they may go towards each other between these
_CLOSING_SPEED = 32.0  # metres per second: nothing comes nearer faster


class EgoGuard:
    """Knows where the ego vehicle is during the whole scene.

    Args:
        ego: its trajectory.
    """

    def __init__(self, ego: EgoTrajectory) -> None:
        drive = ego.drive
        self._times = np.arange(drive.first + 0.5, drive.last - 0.5, _STEP)
        self._yaws = drive.heading(self._times) + ego.frame.angle
        forward = np.column_stack([np.cos(self._yaws), np.sin(self._yaws)])
        origins = ego.frame.to_world(drive.position(self._times))
        self._centres = origins - EGO_REAR_AXLE * forward
        width, length, _ = EGO_SIZE
        self._size = length + 2 * CLEARANCE[0], width + 2 * CLEARANCE[1]

    def meets(self, motion: Motion, solid: Solid) -> bool:
        """Whether a solid that moves so comes within CLEARANCE of the ego vehicle."""
        steps = self._steps_when_near(motion)
        if not len(steps):
            return False
        poses = np.array([motion.pose_at(time) for time in self._times[steps]])
        (x0, y0, _), (x1, y1, _) = solid.bounds
        size = 2 * max(-x0, x1), 2 * max(-y0, y1)
        return bool(
            turned_rectangles_overlap(
                self._centres[steps], self._yaws[steps], self._size, poses[:, :2], poses[:, 3], size
            ).any()
        )

    def _steps_when_near(self, motion: Motion) -> np.ndarray:
        """The steps (N,) at which something may be near; far things are looked at less often."""
        step, found = 0, []
        while step < len(self._times):
            x, y, _, _ = motion.pose_at(float(self._times[step]))
            distance = math.hypot(x - self._centres[step, 0], y - self._centres[step, 1])
            if distance < _REACH:
                found.append(step)
            step += max(_COARSE, int((distance - _REACH) / (_CLOSING_SPEED * _STEP)))
        steps = np.add.outer(found, np.arange(-_COARSE, _COARSE)).ravel().astype(np.int64)
        return np.unique(steps.clip(0, len(self._times) - 1))
