"""The ego vehicle's poses in the world: where its drive takes it, and how it sways."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from stslidr_city.planning.drive import Drive
from stslidr_city.planning.frame import CityFrame

HEAVE, HEAVE_RATE = 0.008, 7.1  # metres; radians a second


class EgoTrajectory:
    """Poses of the ego frame: origin at the rear axle on the ground, x forward, y left, z up.

    Args:
        drive: where it goes in the city.
        frame: where the city lies in the world.
        rng: draws the phases of its swaying.
    """

    def __init__(self, drive: Drive, frame: CityFrame, rng: np.random.Generator) -> None:
        self.drive = drive
        self.frame = frame
        self._phases = rng.uniform(0, 2 * np.pi, size=4)

    def pose_at(self, time: ArrayLike) -> np.ndarray:
        """ego2global, float64 (..., 4, 4) for times (...) in seconds; (4, 4) for one time.

        Raises:
            ValueError: if a time lies outside the drive.
        """
        times = self._checked(time)
        pose = np.zeros((*times.shape, 4, 4))
        yaw = self.drive.heading(times) + self.frame.angle
        pose[..., :3, :3] = _rotations(yaw, *self._sway(times))
        pose[..., :2, 3] = self.frame.to_world(self.drive.position(times))
        pose[..., 2, 3] = HEAVE * np.sin(HEAVE_RATE * times + self._phases[0])
        pose[..., 3, 3] = 1
        return pose

    def velocity_at(self, time: ArrayLike) -> np.ndarray:
        """Velocity (x, y) of the ego frame's origin in the world, float64 (..., 2), in m/s.

        Raises:
            ValueError: if a time lies outside the drive.
        """
        return self.drive.velocity(self._checked(time)) @ self.frame.rotation().T

    def _sway(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pitch (nose down is positive) and roll in radians: up to about a degree."""
        pitch = (
            -0.004 * self.drive.acceleration(times)
            + 0.003 * np.sin(4.3 * times + self._phases[1])
            + 0.002 * np.sin(0.9 * times + self._phases[2])
        )
        return pitch, 0.004 * np.sin(2.9 * times + self._phases[3])

    def _checked(self, times: ArrayLike) -> np.ndarray:
        """`times` as float64, or an error."""
        times = np.asarray(times, dtype=np.float64)
        first, last = self.drive.first, self.drive.last
        if times.size and not (first <= times.min() and times.max() <= last):
            raise ValueError(
                f'the ego vehicle is on its way from {first} s to {last} s of the '
                f'scene, not at {times.min()} s or {times.max()} s'
            )
        return times


def _rotations(yaw: np.ndarray, pitch: np.ndarray, roll: np.ndarray) -> np.ndarray:
    """float64 (..., 3, 3): roll about x, then pitch about y, then yaw about z."""
    cy, sy, cp, sp, cr, sr = (
        function(angle) for angle in (yaw, pitch, roll) for function in (np.cos, np.sin)
    )
    return np.stack(
        [
            np.stack([cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr], axis=-1),
            np.stack([sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr], axis=-1),
            np.stack([-sp, cp * sr, cp * cr], axis=-1),
        ],
        axis=-2,
    )
