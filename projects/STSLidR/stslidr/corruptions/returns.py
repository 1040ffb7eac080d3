"""A sweep as the corruptions see it, and what is left of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

COUNT = 1 / 255
"""The smallest step of an intensity: LiDARs report it in 8 bits."""


@dataclass(frozen=True)
class LidarReturns:
    """N returns of one turn of a LiDAR.

    Attributes:
        xyz: float64 (N, 3), metres, LiDAR frame: z up, the ground below the sensor.
        intensity: float64 (N,), from 0 to 1.
        ring: int64 (N,), number of the beam, 0 the lowest.
        labels: int64 (N,) class of each return, or None where none are known.
    """

    xyz: np.ndarray
    intensity: np.ndarray
    ring: np.ndarray
    labels: np.ndarray | None = None

    def __len__(self) -> int:
        """Return N."""
        return len(self.xyz)

    @property
    def ranges(self) -> np.ndarray:
        """Distances from the sensor, float64 (N,), metres."""
        return np.linalg.norm(self.xyz, axis=1)


@dataclass(frozen=True)
class Corrupted:
    """M <= N returns of a corrupted sweep; a beam returns at most what it did before.

    Attributes:
        xyz: float64 (M, 3), metres.
        intensity: float64 (M,), from 0 to 1.
        source: int64 (M,), the return of the clear sweep that each comes from, ascending.
        noise: bool (M,), whether it now comes from something else (fog, a flake, another LiDAR),
            so that the label of its source is not its own.
    """

    xyz: np.ndarray
    intensity: np.ndarray
    source: np.ndarray
    noise: np.ndarray


def keep(sweep: LidarReturns, kept: np.ndarray) -> Corrupted:
    """Return the returns that a mask (N,) picks, as they are."""
    source = np.flatnonzero(kept)
    return Corrupted(
        sweep.xyz[source], sweep.intensity[source], source, np.zeros(len(source), dtype=bool)
    )


def move_along_beam(sweep: LidarReturns, moved: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Put some returns at other distances on their beams.

    Args:
        sweep: N returns.
        moved: bool (N,), which; none of them at range 0.
        distance: float64 (N,), metres from the sensor, read where `moved`.

    Returns:
        float64 (N, 3), the positions of all.
    """
    xyz = sweep.xyz.copy()
    xyz[moved] *= (distance[moved] / sweep.ranges[moved])[:, None]
    return xyz


def quantise(intensity: np.ndarray) -> np.ndarray:
    """Round intensities to the 8 bits in which a LiDAR reports them."""
    return np.round(intensity / COUNT) * COUNT


def echo_strength(intensity: np.ndarray) -> np.ndarray:
    """Received power of returns, at least one count: what is in the file was strong enough."""
    return np.maximum(intensity, COUNT)
