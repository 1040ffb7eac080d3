"""Augmentation of the sweep; rotation and flips are MMDetection3D's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from stslidr.contracts.dataset import KeyframeResults
from stslidr.core.augmentation import outside_cuboid
from stslidr.datasets.pipeline import Phase
from stslidr.errors import InputError


@dataclass
class DropCuboids:
    """Drop the points of one cuboid around a random point, and their pairs.

    Its sides are one random fraction of the sweep's extent. The draw is undone if it leaves any
    camera fewer pairs than ``min_pairs``, so that a camera which has fewer from the start switches
    it off for that sample.

    Args:
        max_fraction: upper limit of the fraction, in (0, 1].
        min_pairs: pairs that each camera keeps.

    Raises:
        InputError: for a fraction or a number outside these limits.
    """

    phase: ClassVar[Phase] = Phase.AUGMENT
    requires: ClassVar[tuple[str, ...]] = ('points', 'pairs', 'images')

    max_fraction: float = 0.2
    min_pairs: int = 1024

    def __post_init__(self) -> None:
        """Check the settings."""
        if not 0 < self.max_fraction <= 1:
            raise InputError(f'DropCuboids: max_fraction {self.max_fraction} is not in (0, 1]')
        if self.min_pairs < 0:
            raise InputError(f'DropCuboids: min_pairs {self.min_pairs} is below 0')

    def __call__(self, results: KeyframeResults) -> KeyframeResults:
        """Change ``points`` and ``pairs``, unless a camera would keep too few."""
        points = results['points']
        positions = points.tensor[:, :3].numpy()
        fraction = np.random.random() * self.max_fraction
        centre = positions[np.random.randint(len(positions))]
        kept = outside_cuboid(positions, fraction, centre)
        pairs = results['pairs'].keep_points(kept)
        if pairs.count_per_image(len(results['images'])).min() >= self.min_pairs:
            results['points'] = points[kept]
            results['pairs'] = pairs
        return results
