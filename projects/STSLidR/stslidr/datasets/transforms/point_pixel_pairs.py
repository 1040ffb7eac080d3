"""Which point is seen at which pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from stslidr.contracts.dataset import KeyframeResults
from stslidr.core.pairing import pair_points
from stslidr.datasets.pipeline import Phase
from stslidr.errors import InputError


@dataclass
class PairPointsWithPixels:
    """Project the raw sweep into all cameras at once: ``pairs``, a `PointPixelPairs`.

    Args:
        min_depth: points at most so many metres before a camera do not pair.

    Raises:
        InputError: if ``min_depth`` is negative.
    """

    phase: ClassVar[Phase] = Phase.PAIR
    requires: ClassVar[tuple[str, ...]] = ('points', 'cameras', 'image_sizes')

    min_depth: float = 1.0

    def __post_init__(self) -> None:
        """Check the settings."""
        if not self.min_depth >= 0:
            raise InputError(f'PairPointsWithPixels: min_depth {self.min_depth} is below 0')

    def __call__(self, results: KeyframeResults) -> KeyframeResults:
        """Add ``pairs``."""
        cameras = results['cameras']
        results['pairs'] = pair_points(
            results['points'].tensor[:, :3].numpy(),
            np.stack([camera['lidar2cam'] for camera in cameras]),
            np.stack([camera['cam2img'] for camera in cameras]),
            results['image_sizes'],
            self.min_depth,
        )
        return results
